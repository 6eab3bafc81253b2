/** Comparisons that say which tensor, where, and by how much. */
import type { FixtureTensor } from './fixture.ts';

/** Allowed difference of each element; the larger of the two bounds where both are given. */
export interface Tolerance {
  readonly absolute?: number;
  /** Times the largest absolute value of the expected tensor. */
  readonly relativeToMax?: number;
}

type Numbers = ArrayLike<number>;

/** Asserts that `actual` lies within the tolerance of `expected`; NaN equals NaN, ±Inf itself. */
export function assertClose(
  what: string,
  actual: Numbers,
  expected: FixtureTensor | Numbers,
  tolerance: Tolerance,
): void {
  const numbers = numbersOf(expected);
  assertSameLength(what, actual, numbers);
  const bound = Math.max(
    tolerance.absolute ?? 0,
    (tolerance.relativeToMax ?? 0) * maxAbsolute(numbers),
  );
  const { difference, index } = maxDifference(actual, numbers);
  if (!(difference <= bound)) {
    throw new Error(
      `${what}[${index}] is ${actual[index]}, expected ${numbers[index]}: ` +
        `differs by ${difference.toExponential(2)}, allowed ${bound.toExponential(2)}`,
    );
  }
}

/** Asserts equality, element by element. */
export function assertEqual(
  what: string,
  actual: Numbers,
  expected: FixtureTensor | Numbers,
): void {
  assertClose(what, actual, expected, { absolute: 0 });
}

/** The largest |actual − expected| and where; Infinity where only one of them is a number. */
function maxDifference(actual: Numbers, expected: Numbers): { difference: number; index: number } {
  let worst = { difference: 0, index: 0 };
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const e = expected[i]!;
    if (Object.is(a, e) || a === e) continue;
    const difference = Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) : Infinity;
    if (difference > worst.difference) worst = { difference, index: i };
  }
  return worst;
}

function maxAbsolute(numbers: Numbers): number {
  let max = 0;
  for (let i = 0; i < numbers.length; i++) max = Math.max(max, Math.abs(numbers[i]!));
  return max;
}

function numbersOf(expected: FixtureTensor | Numbers): Numbers {
  return 'data' in expected ? expected.data : expected;
}

function assertSameLength(what: string, actual: Numbers, expected: Numbers): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what} has ${actual.length} elements, expected ${expected.length}`);
  }
}
