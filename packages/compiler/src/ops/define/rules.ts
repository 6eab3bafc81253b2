/** What shape rules demand of operands and attributes. */
import { InvalidNodeError } from './errors.ts';
import type { ValueSpec } from './value.ts';

/** @throws InvalidNodeError that names the rule, unless the condition holds. */
export function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvalidNodeError(rule);
}

export function demandAxes(axes: readonly number[], ndim: number): void {
  const valid = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < ndim);
  demand(valid && new Set(axes).size === axes.length, `axes must be distinct and below ${ndim}`);
}

export function isFloat({ dtype }: ValueSpec): boolean {
  return dtype === 'float32' || dtype === 'bfloat16';
}

/** The shape of two operands that are spread to each other by NumPy's rules. @throws InvalidNodeError */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const ndim = Math.max(a.length, b.length);
  return Array.from({ length: ndim }, (_, i) => {
    const left = a[i - ndim + a.length] ?? 1;
    const right = b[i - ndim + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new InvalidNodeError(`shapes [${a.join(',')}] and [${b.join(',')}] do not broadcast`);
    }
    return left === 1 ? right : left;
  });
}
