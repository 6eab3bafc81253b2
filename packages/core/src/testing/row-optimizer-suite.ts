/** What every row optimizer plugin must do, for authors inside and outside this repository. */
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import type { Progress, RowOptimizer, Scheduled } from '../contracts/optimizer.ts';
import { scalarTensors } from './optimizer-suite.ts';

type Matrix = readonly (readonly number[])[];

export interface RowOptimizerSuite {
  readonly name: string;
  /** A row optimizer with the given learning rate from the first step on, and the given decay. */
  create(options: { readonly learningRate: number; readonly weightDecay: number }): RowOptimizer;
  /** One step of an outside reference. */
  readonly example: {
    readonly create: () => RowOptimizer;
    readonly progress: Progress;
    readonly rows: Matrix;
    /** Summed over equal ids. */
    readonly gradient: Matrix;
    readonly expected: Matrix;
    readonly absoluteTolerance: number;
  };
}

const FIRST = { step: 1, totalSteps: 10 };
const ROWS = [[1, -2], [0.5, 0], [1, -2]]; // prettier-ignore
const GRADIENT = [[0.3, -0.1], [-2, 1e-3], [0.3, -0.1]]; // prettier-ignore
const NO_GRADIENT = ROWS.map((row) => row.map(() => 0));

/**
 * Registers the suite with vitest. Import `@tensorflow/tfjs-backend-cpu` and `@eddy/tfjs` first.
 *
 * @example
 * rowOptimizerSuite({ name: 'row-adagrad', create: (options) => new RowAdagrad(options), example: { … } });
 */
export function rowOptimizerSuite(suite: RowOptimizerSuite): void {
  describe(`row optimizer ${suite.name}`, () => {
    it('does a step as the reference does', () => {
      const { create, progress, rows, gradient, expected, absoluteTolerance } = suite.example;
      const updated = updateOf(create(), rows, gradient, { progress });
      expect(updated.map((row) => row.length)).toEqual(rows.map((row) => row.length));
      updated.forEach((row, i) =>
        row.forEach((value, j) => {
          const difference = Math.abs(value - expected[i]![j]!);
          expect(difference, `row ${i}, column ${j}`).toBeLessThanOrEqual(absoluteTolerance);
        }),
      );
    });

    it('names its scalars, learningRate among them', () => {
      const rule = suite.create({ learningRate: 0.25, weightDecay: 0 });
      const scalars = rule.scalars(FIRST);
      expect(Object.keys(scalars).sort()).toEqual([...rule.scalarNames].sort());
      expect(scalars['learningRate']).toBe(0.25);
    });

    it('moves against the gradient, and leaves a row without gradient and decay as it is', () => {
      const rule = suite.create({ learningRate: 0.1, weightDecay: 0 });
      const moved = updateOf(rule, ROWS, GRADIENT);
      moved.forEach((row, i) =>
        row.forEach((value, j) =>
          expect(Math.sign(value - ROWS[i]![j]!)).toBe(-Math.sign(GRADIENT[i]![j]!)),
        ),
      );
      expect(updateOf(rule, ROWS, NO_GRADIENT)).toEqual(ROWS);
    });

    it('shrinks a row without gradient by 1 − learningRate·weightDecay', () => {
      const rule = suite.create({ learningRate: 0.1, weightDecay: 0.5 });
      updateOf(rule, ROWS, NO_GRADIENT).forEach((row, i) =>
        row.forEach((value, j) => expect(value).toBeCloseTo(0.95 * ROWS[i]![j]!, 6)),
      );
    });

    it('updates a row whatever the others are: equal ids come several times', () => {
      const rule = suite.create({ learningRate: 0.1, weightDecay: 0.5 });
      const together = updateOf(rule, ROWS, GRADIENT);
      expect(together[2]).toEqual(together[0]);
      const alone = ROWS.flatMap((row, i) => updateOf(rule, [row], [GRADIENT[i]!]));
      expect(alone).toEqual(together);
    });

    it('takes from its scalars what changes from step to step, and remembers nothing', () => {
      const [slow, fast] = [0.05, 0.2].map((learningRate) =>
        suite.create({ learningRate, weightDecay: 0.5 }),
      ) as [RowOptimizer, RowOptimizer];
      const expected = updateOf(fast, ROWS, GRADIENT);
      for (let i = 0; i < 9; i++) updateOf(slow, GRADIENT, ROWS);
      expect(updateOf(slow, ROWS, GRADIENT, { scheduled: fast })).toEqual(expected);
      expect(updateOf(fast, ROWS, GRADIENT)).toEqual(expected);
    });
  });
}

/** The rows after a step. */
function updateOf(
  rule: RowOptimizer,
  rows: Matrix,
  gradient: Matrix,
  options: { readonly progress?: Progress; readonly scheduled?: Scheduled } = {},
): number[][] {
  const { progress = FIRST, scheduled = rule } = options;
  const matrix = (values: Matrix) => tensor2d(values.map((row) => [...row]));
  return tidy(() => {
    const updated = rule.update({
      rows: matrix(rows),
      gradient: matrix(gradient),
      scalars: scalarTensors(scheduled, progress),
    });
    expect(updated.shape).toEqual([rows.length, rows[0]!.length]);
    return updated.arraySync() as number[][];
  });
}
