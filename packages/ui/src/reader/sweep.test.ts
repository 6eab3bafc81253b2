import { expect, it } from 'vitest';

import type { RunRow } from '../api/runs.ts';
import { sweepView } from './sweep.ts';

const about = { id: 's', folder: 'sweeps/s', name: 's', startedAt: '2026-11-30T12:00:00.000Z' };

const row = (trial: string, status: RunRow['status'], elapsedMs: number): RunRow => ({
  ...{ id: `run-${trial}`, name: 's', folder: '', startedAt: '', status, elapsedMs },
  ...{ sparkline: [], values: {}, sweep: { id: 's', name: 's', trial }, step: 4, totalSteps: 10 },
});

it('joins results of ended trials with the state of those that go on', () => {
  const trial = (id: string, seed: string, status: 'done' | 'unfinished') => ({
    ...{ id, values: { seed, lr: '0.1' }, status, minutes: 2, folder: '' },
    metrics: (status === 'done' ? { accuracy: 0.5 } : {}) as Record<string, number>,
  });
  const view = sweepView(
    about,
    {
      ...{ name: 's', folder: '', metric: 'accuracy', mode: 'max' },
      shares: [],
      trials: [
        trial('000', '0', 'done'),
        trial('001', '1', 'unfinished'),
        trial('002', '2', 'unfinished'),
        trial('003', '3', 'unfinished'),
      ],
      arms: [
        {
          values: { lr: '0.1' },
          metrics: { accuracy: { n: 1, mean: 0.5, halfWidth: NaN } },
          ...{ minutes: 2, done: 1, trials: ['000', '001', '002', '003'] },
        },
      ],
    },
    [
      row('000', 'done', 9),
      row('001', 'running', 5),
      // Folders of all trials are made at first.
      row('002', 'waiting', 0),
    ],
  );
  expect(view.trials.map(({ id, status }) => [id, status])).toEqual([
    ['000', 'done'],
    ['001', 'running'],
    ['002', 'waiting'],
    ['003', 'waiting'],
  ]);
  expect(view.trials[1]).toMatchObject({ runId: 'run-001', step: 4, totalSteps: 10 });
  expect(view.trials[1]).not.toHaveProperty('minutes');
  expect(view.options).toEqual(['lr', 'seed']);
  expect(view.arms[0]!.metrics).toEqual({ accuracy: { n: 1, mean: 0.5, halfWidth: null } });
});
