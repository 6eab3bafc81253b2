import { expect, it } from 'vitest';

import type { RunEvent } from '../contracts/events.ts';
import { headlineOf } from './headline.ts';

type Metrics = Readonly<Record<string, number>>;

const started = (label?: string): RunEvent => ({
  type: 'training-started',
  timeMs: 0,
  step: 1,
  compileMs: 1,
  ...(label === undefined ? {} : { label }),
});

function evaluated(step: number, split: string, metrics: Metrics, label?: string): RunEvent {
  return {
    type: 'evaluation-finished',
    timeMs: 0,
    step,
    split,
    examples: 100,
    metrics,
    durationMs: 1,
    folder: `evaluations/${step}/${split}`,
    ...(label === undefined ? {} : { label }),
  };
}

const exact = (value: number): Metrics => ({ accuracy: 0.99, exact_accuracy: value });

function monitored(step: number, value: number, best?: number, label?: string): RunEvent {
  return {
    type: 'monitor-updated',
    timeMs: 0,
    metric: 'exact_accuracy',
    split: 'validation',
    mode: 'max',
    step,
    value,
    ...(best === undefined ? {} : { best: { step: best, value: 0.9 } }),
    waited: 0,
    stops: false,
    ...(label === undefined ? {} : { label }),
  };
}

it('is nothing before an evaluation', () => {
  expect(headlineOf([started()])).toBeUndefined();
});

it('is the last checkpoint without a monitor, however good an earlier one was', () => {
  const events = [started(), evaluated(10, 'test', exact(0.8)), evaluated(20, 'test', exact(0.7))];
  expect(headlineOf(events)).toEqual({
    step: 20,
    choice: { by: 'last' },
    result: {
      split: 'test',
      examples: 100,
      metrics: exact(0.7),
      evaluations: 2,
      metric: 'exact_accuracy',
    },
    isIndependent: true,
    why: 'step 20, the last checkpoint (the last of 2 evaluations; none was picked for its result)',
    text: 'step 20, the last checkpoint: exact_accuracy 70.0 % on test (the last of 2 evaluations; none was picked for its result)',
  });
  expect(headlineOf(events.slice(0, 2))!.text).toBe(
    'step 10, the last checkpoint: exact_accuracy 80.0 % on test',
  );
});

it('is the checkpoint that the monitor chose, on the split that did not choose it', () => {
  const events = [
    started(),
    evaluated(1000, 'validation', exact(0.9)),
    evaluated(1000, 'test', exact(0.8)),
    monitored(1000, 0.9, 1000),
    evaluated(2000, 'validation', exact(0.7)),
    evaluated(2000, 'test', exact(0.95)),
    monitored(2000, 0.7, 1000),
  ];
  expect(headlineOf(events)).toMatchObject({
    step: 1000,
    choice: {
      by: 'monitor',
      metric: 'exact_accuracy',
      split: 'validation',
      mode: 'max',
      value: 0.9,
      evaluations: 2,
    },
    result: { split: 'test', metrics: exact(0.8), evaluations: 2 },
    isIndependent: true,
    text: 'step 1,000, the best of 2 by exact_accuracy on validation (90.0 %): exact_accuracy 80.0 % on test',
  });
});

it('says that figures on the data that chose are optimistic', () => {
  const events = [started(), evaluated(5, 'validation', exact(0.9)), monitored(5, 0.9, 5)];
  expect(headlineOf(events)).toMatchObject({
    result: { split: 'validation' },
    isIndependent: false,
    why: 'step 5, the best of 1 by exact_accuracy on validation (90.0 %); optimistic, because the same data chose the checkpoint',
    text: 'step 5, the best of 1 by exact_accuracy on validation (90.0 %): exact_accuracy 90.0 % on validation; optimistic, because the same data chose the checkpoint',
  });
});

it('is the last checkpoint while the monitor has seen no number', () => {
  const events = [
    started(),
    evaluated(5, 'validation', exact(NaN)),
    evaluated(5, 'test', exact(0.5)),
    monitored(5, NaN),
  ];
  expect(headlineOf(events)).toMatchObject({
    step: 5,
    choice: { by: 'last' },
    result: { split: 'test' },
  });
});

it('is the last training’s, never that of averaged weights', () => {
  const events = [
    started('pretrain'),
    evaluated(5, 'test', exact(0.9), 'pretrain'),
    evaluated(5, 'test', exact(0.95), 'average'),
  ];
  expect(headlineOf(events)).toMatchObject({
    step: 5,
    label: 'pretrain',
    result: { metrics: exact(0.9) },
  });
  const both = [
    ...events,
    started('finetune'),
    evaluated(3, 'validation', exact(0.6), 'finetune'),
    evaluated(3, 'test', exact(0.5), 'finetune'),
    monitored(3, 0.6, 3, 'finetune'),
  ];
  expect(headlineOf(both)!.text).toBe(
    'step 3 of finetune, the best of 1 by exact_accuracy on validation (90.0 %): exact_accuracy 50.0 % on test',
  );
});

it('puts together what several stages measured of a split, and counts a repeated evaluation once', () => {
  const more = { ...evaluated(5, 'test', { valid_grid: 1 }), folder: 'more' } as RunEvent;
  const events = [
    started(),
    evaluated(5, 'test', exact(0.4)),
    more,
    evaluated(5, 'test', exact(0.5)),
  ];
  expect(headlineOf(events)!.result).toMatchObject({
    metrics: { ...exact(0.5), valid_grid: 1 },
    evaluations: 1,
  });
});

it('of an evaluation by itself is that of its checkpoint', () => {
  expect(headlineOf([evaluated(7, 'train', { lm_loss: 0.25 })])!.text).toBe(
    'step 7: lm_loss 0.25 on train; measured on its training data',
  );
});

it('says of an evaluation by itself that its data chose the checkpoint', () => {
  const chosen: RunEvent = { ...evaluated(7, 'test', exact(0.5)), chosenOn: 'test' } as RunEvent;
  expect(headlineOf([chosen])).toMatchObject({
    isIndependent: false,
    text: 'step 7: exact_accuracy 50.0 % on test; optimistic, because the same data chose the checkpoint',
  });
  const other = { ...evaluated(7, 'test', exact(0.5)), chosenOn: 'validation' } as RunEvent;
  expect(headlineOf([other])).toMatchObject({
    isIndependent: true,
    text: 'step 7: exact_accuracy 50.0 % on test',
  });
});

it('says where the best checkpoint was evaluated, if not in this run', () => {
  const events = [started(), evaluated(30, 'test', exact(0.5)), monitored(30, 0.6, 18)];
  const { step, result, text } = headlineOf(events)!;
  expect([step, result]).toEqual([18, undefined]);
  expect(text).toBe(
    'step 18, the best by exact_accuracy on validation (90.0 %); it was evaluated in the run that this one continues',
  );
});
