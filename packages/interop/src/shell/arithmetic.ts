/** `$((…))` with whole numbers. */
import type { ArithmeticExpression } from 'unbash';

import { isList } from './shell-word.ts';
import type { Variables } from './variables.ts';

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
};

/** @returns undefined where a number is not known. */
export function computed(
  expression: ArithmeticExpression | undefined,
  variables: Variables,
): number | undefined {
  if (expression === undefined) return undefined;
  switch (expression.type) {
    case 'ArithmeticGroup':
      return computed(expression.expression, variables);
    case 'ArithmeticUnary': {
      const value = computed(expression.operand, variables);
      if (value === undefined || !['-', '+'].includes(expression.operator)) return undefined;
      return expression.operator === '-' ? -value : value;
    }
    case 'ArithmeticBinary': {
      const left = computed(expression.left, variables);
      const right = computed(expression.right, variables);
      const operator = OPERATORS[expression.operator];
      if (left === undefined || right === undefined || operator === undefined) return undefined;
      const value = operator(left, right);
      return Number.isSafeInteger(value) ? value : undefined;
    }
    case 'ArithmeticWord':
      return numberOf(expression.value, variables);
    default:
      return undefined;
  }
}

function numberOf(text: string, variables: Variables): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const name = /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(text)?.[1];
  const value = name === undefined ? undefined : variables.get(name);
  if (value === undefined || isList(value) || value.missing.length > 0) return undefined;
  return /^-?\d{1,15}$/.test(value.text) ? Number(value.text) : undefined;
}
