/** What every averager plugin must do, for authors inside and outside this repository. */
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import type { Averager } from '../contracts/optimizer.ts';

export interface AveragerSuite {
  readonly name: string;
  create(): Averager;
  /** Values of an outside reference, from an average that starts as `start`. */
  readonly trajectory: {
    readonly create: () => Averager;
    readonly start: readonly number[];
    readonly parameters: readonly (readonly number[])[];
    /** Average after each step. */
    readonly expected: readonly (readonly number[])[];
    readonly absoluteTolerance: number;
  };
}

const AVERAGE = [1, -2, 0];
const PARAMETER = [2, -1, -3];

/**
 * Registers the suite with vitest. Import `@tensorflow/tfjs-backend-cpu` and `@eddy/tfjs` first.
 *
 * @example
 * averagerSuite({ name: 'swa', create: () => new Swa(), trajectory: { … } });
 */
export function averagerSuite(suite: AveragerSuite): void {
  describe(`averager ${suite.name}`, () => {
    it('follows the trajectory of the reference', () => {
      const { create, start, parameters, expected, absoluteTolerance } = suite.trajectory;
      const averager = create();
      let average = [...start];
      parameters.forEach((parameter, step) => {
        average = updateOf(averager, average, parameter);
        average.forEach((value, i) => {
          const difference = Math.abs(value - expected[step]![i]!);
          expect(difference, `step ${step + 1}, element ${i}`).toBeLessThanOrEqual(
            absoluteTolerance,
          );
        });
      });
    });

    it('stays where the parameter is', () => {
      const stayed = updateOf(suite.create(), AVERAGE, AVERAGE);
      stayed.forEach((value, i) => expect(value).toBeCloseTo(AVERAGE[i]!, 6));
    });

    it('moves towards the parameter, each element by itself', () => {
      updateOf(suite.create(), AVERAGE, PARAMETER).forEach((value, i) => {
        const [from, to] = [AVERAGE[i]!, PARAMETER[i]!];
        expect(Math.abs(to - value)).toBeLessThanOrEqual(Math.abs(to - from));
        expect(Math.sign(value - from)).toBe(Math.sign(to - from));
      });
    });

    it('is a function of its arguments, so that a resumed run goes on alike', () => {
      const averager = suite.create();
      const first = updateOf(averager, AVERAGE, PARAMETER);
      updateOf(averager, PARAMETER, AVERAGE);
      expect(updateOf(averager, AVERAGE, PARAMETER)).toEqual(first);
      expect(updateOf(suite.create(), AVERAGE, PARAMETER)).toEqual(first);
    });

    it('keeps the shape', () => {
      tidy(() => {
        const average = suite.create().update(tensor([1, 2, 3, 4], [2, 2]), tensor([0, 0, 0, 0], [2, 2])); // prettier-ignore
        expect(average.shape).toEqual([2, 2]);
        expect(average.dtype).toBe('float32');
      });
    });
  });
}

function updateOf(
  averager: Averager,
  average: readonly number[],
  parameter: readonly number[],
): number[] {
  return tidy(() => [...averager.update(tensor([...average]), tensor([...parameter])).dataSync()]);
}
