/** Conditions of a script whose outcome the text itself says. */
import type { CompoundList, PipelineNode, Statement, TestExpression, Word } from 'unbash';

import { expandValue, expandWord } from './expand.ts';
import type { Variables } from './variables.ts';

const NUMBERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
};
const TEXTS: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** True for `[ … ]`, `[[ … ]]` and `test …`. */
export function isTest(node: PipelineNode): boolean {
  if (node.type === 'TestCommand') return true;
  return node.type === 'Command' && ['[', 'test'].includes(node.name?.value ?? '');
}

/** @returns undefined where the outcome hangs on files, on the environment, or on more than one command. */
export function evaluateClause(clause: CompoundList, variables: Variables): boolean | undefined {
  const [statement, ...more] = clause.commands;
  if (statement === undefined || more.length > 0) return undefined;
  return truthOf(statement.command, variables);
}

/** @returns undefined where the text does not say it. */
export function truthOf(
  node: Statement['command'] | PipelineNode,
  variables: Variables,
): boolean | undefined {
  if (node.type === 'TestCommand') return evaluateTest(node.expression, variables);
  if (node.type !== 'Command') return undefined;
  const words = [node.name, ...node.args].flatMap((word) =>
    word === undefined || word.type === 'Assignment' ? [] : expandWord(word, variables),
  );
  if (node.args.length + 1 !== words.length) return undefined;
  if (words.some(({ missing }) => missing.length > 0)) return undefined;
  const texts = words.map(({ text }) => text);
  if (texts[0] === '[' && texts.at(-1) === ']') return compared(texts.slice(1, -1));
  return texts[0] === 'test' ? compared(texts.slice(1)) : undefined;
}

function evaluateTest(test: TestExpression, variables: Variables): boolean | undefined {
  switch (test.type) {
    case 'TestGroup':
      return evaluateTest(test.expression, variables);
    case 'TestNot': {
      const truth = evaluateTest(test.operand, variables);
      return truth === undefined ? undefined : truth !== (test.negations.length % 2 === 1);
    }
    case 'TestLogical': {
      const sides = test.operands.map((operand) => evaluateTest(operand, variables));
      // One side alone decides: a false one of `&&`, a true one of `||`.
      const decides = test.operator === '||';
      if (sides.includes(decides)) return decides;
      return sides.includes(undefined) ? undefined : !decides;
    }
    case 'TestUnary':
      return known([test.operand], variables, ([text]) => compared([test.operator, text!]));
    case 'TestBinary': {
      const isPattern = /[*?[\\(|]/.test(test.right.value);
      if (isPattern && Object.hasOwn(TEXTS, test.operator)) return undefined;
      return known([test.left, test.right], variables, ([left, right]) =>
        compared([left!, test.operator, right!]),
      );
    }
  }
}

function known(
  words: readonly Word[],
  variables: Variables,
  compare: (texts: readonly string[]) => boolean | undefined,
): boolean | undefined {
  const values = words.map((word) => expandValue(word, variables));
  if (values.some(({ missing }) => missing.length > 0)) return undefined;
  return compare(values.map(({ text }) => text));
}

/** `a -gt b`, `a = b`, `-n a`. */
function compared(words: readonly string[]): boolean | undefined {
  const [a, operator, b] = words as [string?, string?, string?];
  if (words.length === 2 && a === '-n') return operator !== '';
  if (words.length === 2 && a === '-z') return operator === '';
  if (words.length !== 3) return undefined;
  if (Object.hasOwn(TEXTS, operator!)) return TEXTS[operator!]!(a!, b!);
  const isSum = Object.hasOwn(NUMBERS, operator!) && [a, b].every((text) => /^-?\d{1,15}$/.test(text!)); // prettier-ignore
  return isSum ? NUMBERS[operator!]!(Number(a), Number(b)) : undefined;
}

/** @returns undefined where the pattern of a `case` is more than text and `*`. */
export function matches(pattern: string, text: string): boolean | undefined {
  if (pattern === '*') return true;
  return /[*?[\\]/.test(pattern) ? undefined : pattern === text;
}
