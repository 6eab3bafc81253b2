import { describe, expect, it } from 'vitest';

import { curvesOf, firstDifference, summaryOf } from './curves.ts';
import type { RunEvent } from '../contracts/events.ts';

const step = (number: number, loss: number): RunEvent => ({
  type: 'step-finished',
  timeMs: 0,
  step: number,
  totalSteps: 3,
  epoch: 0,
  metrics: { loss, lr: 0.1 },
  stepMs: 1,
});
const curve = (...losses: number[]) =>
  curvesOf(losses.map((loss, i) => step(i + 1, loss))).get('train/loss')!;

describe('curves of a run', () => {
  it('end with the last value and know the best one where more or less is better', () => {
    expect(summaryOf('train/loss', curve(3, 1, Number.NaN, 2))).toEqual({
      points: 4,
      lastStep: 4,
      last: 2,
      best: { step: 2, value: 1 },
    });
    expect(summaryOf('test/exact_accuracy', curve(0.1, 0.4)).best).toEqual({ step: 2, value: 0.4 });
    expect(summaryOf('train/lr', curve(1, 2)).best).toBeUndefined();
  });

  it('take a step that was done again as it was done last', () => {
    const curves = curvesOf([step(1, 5), step(2, 4), step(2, 3)]);
    expect([...curves.get('train/loss')!.points]).toEqual([
      [1, 5],
      [2, 3],
    ]);
  });

  it('differ from the first step where both have one and it is another', () => {
    expect(firstDifference(curve(1, 2, 3), curve(1, 2, 3, 4))).toBeUndefined();
    expect(firstDifference(curve(1, 2, 3), curve(1, 2.5, 4))).toBe(2);
    expect(firstDifference(curve(Number.NaN), curve(Number.NaN))).toBeUndefined();
  });
});
