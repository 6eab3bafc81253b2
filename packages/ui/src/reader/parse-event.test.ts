import { headlineOf } from '@eddy/core/report';
import { describe, expect, it } from 'vitest';

import { parseEvent } from './parse-event.ts';

const update = {
  type: 'monitor-updated',
  timeMs: 1,
  step: 4,
  metric: 'exact_accuracy',
  split: 'validation',
  mode: 'max',
  value: 'NaN',
  best: { step: 2, value: 0.5 },
  waited: 1,
  stops: false,
};
const evaluation = {
  type: 'evaluation-finished',
  timeMs: 2,
  step: 2,
  split: 'test',
  examples: 8,
  metrics: { exact_accuracy: 0.25, lm_loss: 'NaN' },
  durationMs: 1,
  folder: 'evaluations/step-00000002',
};
const parse = (event: object) => parseEvent(JSON.stringify(event));

describe('parseEvent', () => {
  it('reads what chose a checkpoint, a value that is not finite included', () => {
    const events = [update, evaluation].map((event) => parse(event)!);
    expect(events[1]).toMatchObject({ metrics: { exact_accuracy: 0.25, lm_loss: NaN } });
    expect(headlineOf(events)!.text).toContain('exact_accuracy 25.0 % on test');
    const { best: _best, ...first } = update;
    expect(parse(first)).toBeDefined();
  });

  it.each([
    ['no step', { ...update, step: undefined }],
    ['no metric', { ...update, metric: 3 }],
    ['no split', { ...update, split: null }],
    ['a best one without a value', { ...update, best: { step: 2 } }],
    ['no best one', { ...update, best: 7 }],
    ['a number of examples that is none', { ...evaluation, examples: 'q' }],
    ['metrics that are none', { ...evaluation, metrics: { exact_accuracy: [] } }],
    ['a message without text', { type: 'message', timeMs: 1, level: 'info' }],
  ])('passes over an event with %s, which readers would fall over', (_name, event) => {
    expect(parse(event)).toBeUndefined();
  });
});
