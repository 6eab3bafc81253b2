import { expect, it } from 'vitest';

import type { StageView } from '../contracts/services.ts';
import { monitoredBy } from './evaluations.ts';

const evaluator = (use: string, metrics?: readonly string[], version = '1') => ({
  kind: 'evaluator' as const,
  reference: { use },
  version,
  ...(metrics && {
    metrics: Object.fromEntries(metrics.map((name) => [name, { label: '', explanation: '' }])),
  }),
});

function views(evaluators: StageView['parts'], options: object = {}): StageView[] {
  return [
    {
      name: 'train',
      reference: { use: 'train', monitor: { split: 'validation' } },
      provides: ['checkpoint'],
      parts: [{ kind: 'optimizer', reference: { use: 'adamw' } }],
      takesFrom: [],
    },
    {
      name: 'evaluate',
      reference: { use: 'evaluate', split: 'validation', ...options },
      provides: ['evaluation'],
      parts: evaluators,
      takesFrom: ['train'],
    },
  ];
}

it('counts of the evaluations only what may decide the watched metric', () => {
  const decidedBy = (parts: StageView['parts'], options?: object) =>
    JSON.stringify(monitoredBy('train', views(parts, options), 'exact_accuracy'));
  const plain = decidedBy([]);
  expect(decidedBy([evaluator('validity', ['valid_grid'])])).toBe(plain);
  expect(decidedBy([], { countPadding: true })).toBe(plain);
  expect(decidedBy([], { maxExamples: 5 })).not.toBe(plain);
  // One that says nothing of what it reports may report anything.
  expect(decidedBy([evaluator('silent')])).not.toBe(plain);
  const own = decidedBy([evaluator('mine', ['exact_*'])]);
  expect(own).not.toBe(plain);
  expect(decidedBy([evaluator('mine', ['exact_*'], '2')])).not.toBe(own);
});

it('counts nothing where nothing is watched', () => {
  expect(monitoredBy('train', views([]), undefined)).toBe(undefined);
});
