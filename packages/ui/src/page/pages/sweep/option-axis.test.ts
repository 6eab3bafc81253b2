import { expect, it } from 'vitest';

import { intervalText, modeOf, rangeOf } from './metric-text.ts';
import { optionAxis } from './option-axis.ts';

it('places numbers by their value, and by their logarithm where they span much', () => {
  const linear = optionAxis(['1', '3', '2', '1', undefined]);
  expect(linear.isLog).toBe(false);
  expect(['1', '2', '3', undefined].map(linear.placeOf)).toEqual([0, 0.5, 1, undefined]);
  expect(linear.ticks.map(({ text }) => text)).toEqual(['1', '2', '3']);
  const log = optionAxis(['1e-4', '1e-2', '1e-3']);
  expect(log.isLog).toBe(true);
  expect(log.placeOf('1e-3')).toBeCloseTo(0.5, 12);
});

it('places words at equal distances, in their order', () => {
  const axis = optionAxis(['trm', 'hrm', 'transformer', 'hrm']);
  expect(axis.ticks.map(({ text, place }) => [text, place])).toEqual([
    ['trm', 0],
    ['hrm', 0.5],
    ['transformer', 1],
  ]);
  expect(optionAxis(['7']).placeOf('7')).toBe(0.5);
});

it('writes intervals as the metric is written', () => {
  expect(
    intervalText({ shares: ['exact_accuracy'] }, 'exact_accuracy', {
      n: 3,
      mean: 0.981,
      halfWidth: 0.004,
    }),
  ).toBe('98.1 % ± 0.4 %');
  expect(intervalText({ shares: [] }, 'lm_loss', { n: 1, mean: 1.25, halfWidth: null })).toBe(
    '1.25',
  );
  expect(intervalText({ shares: [] }, 'lm_loss', undefined)).toBe('–');
  expect(rangeOf([1, NaN, 3])).toEqual([0.88, 3.12]);
  expect(rangeOf([])).toBeUndefined();
});

it('knows which values of another metric than the sweep’s own are better', () => {
  const view = { metric: 'exact_accuracy', mode: 'max' } as const;
  expect(['exact_accuracy', 'lm_loss', 'accuracy'].map((metric) => modeOf(view, metric))).toEqual([
    'max',
    'min',
    'max',
  ]);
});
