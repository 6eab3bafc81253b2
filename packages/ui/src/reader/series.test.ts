import { describe, expect, it } from 'vitest';

import { movingAverage, seriesOf, thin } from './series.ts';
import { TrainingColumns } from './training-columns.ts';

function trainingOf(values: readonly number[]): TrainingColumns {
  const training = new TrainingColumns();
  values.forEach((loss, i) => training.add(i + 1, i, 1, { loss }));
  return training;
}

const QUERY = { set: 'train', metric: 'loss', points: 100, smoothing: 0 };

describe('thinning', () => {
  it('keeps a spike of one step among 65,104', () => {
    const y = Float64Array.from({ length: 65_104 }, (_, i) =>
      i === 40_321 ? 50 : Math.sin(i / 900),
    );
    const x = Float64Array.from(y, (_, i) => i + 1);
    const kept = thin(x, y, 600);
    expect(kept).toContain(40_321);
    expect(kept.length).toBeLessThanOrEqual(600);
    expect(kept.length).toBeGreaterThan(450);
    expect([kept[0], kept.at(-1)]).toEqual([0, 65_103]);
    expect(kept).toEqual(kept.toSorted((a, b) => a - b));
  });

  it('shows finer points of a part', () => {
    const training = trainingOf(Array.from({ length: 5000 }, (_, i) => i % 7));
    const whole = seriesOf(training, QUERY)!;
    const part = seriesOf(training, { ...QUERY, from: 1001, to: 1050 })!;
    expect(whole.total).toBe(5000);
    expect(part.steps).toEqual(Array.from({ length: 50 }, (_, i) => 1001 + i));
    expect(part.values).toEqual(part.steps.map((step) => (step - 1) % 7));
  });

  it('leaves out what is not finite', () => {
    const series = seriesOf(trainingOf([1, NaN, 3, Infinity, 5]), QUERY)!;
    expect(series.steps).toEqual([1, 3, 5]);
    expect(series.total).toBe(3);
  });

  it('knows no other metric', () => {
    expect(seriesOf(trainingOf([1]), { ...QUERY, metric: '__proto__' })).toBeUndefined();
  });
});

describe('the moving average', () => {
  it('is that of pandas, ewm(alpha=0.1, adjust=True).mean()', () => {
    const { values } = movingAverage(Float64Array.of(1, 2, 3, 4), 0.9);
    const wanted = [1, 1.5263157895, 2.0701107011, 2.6312881652];
    wanted.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 8));
  });

  it('is of the whole past also in a part', () => {
    const training = trainingOf([4, 4, 4, 0]);
    const series = seriesOf(training, { ...QUERY, smoothing: 0.5, from: 4 })!;
    // (0 + 4/2 + 4/4 + 4/8) / (1 + 1/2 + 1/4 + 1/8)
    expect(series.smooth![0]).toBeCloseTo(3.5 / 1.875, 12);
  });
});
