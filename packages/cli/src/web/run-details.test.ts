import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RunManifest } from '@eddy/core/report';
import { freshFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { runDetails } from './run-details.ts';

const folder = freshFolder();

const evaluated = (label: string | undefined, exact: number) => ({
  type: 'evaluation-finished',
  timeMs: 1,
  step: 8,
  split: 'test',
  examples: 10,
  metrics: { exact_accuracy: exact },
  durationMs: 1,
  folder: `evaluations/step-00000008-${label}`,
  ...(label === undefined ? {} : { label }),
});
const trained = (label?: string) => ({
  type: 'training-started',
  timeMs: 0,
  step: 1,
  compileMs: 1,
  ...(label === undefined ? {} : { label }),
});

function resultOf(events: readonly object[], checkpoint: string): string | undefined {
  const journalPath = join(folder.path, 'journal.jsonl');
  writeFileSync(journalPath, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const manifest = { startedAt: '2026-11-30T10:00:00Z' } as RunManifest;
  const path = join(folder.path, 'checkpoints', checkpoint);
  const details = runDetails({ manifest, journalPath }, { path, step: 8 });
  expect(details).toContainEqual(['Trained', '2026-11-30']);
  return details.find(([label]) => label === 'Result')?.[1];
}

it('has the result of the checkpoint itself, not of another training with as many steps', () => {
  const events = [
    trained('pretrain'),
    evaluated('pretrain', 0.25),
    trained('finetune'),
    evaluated('finetune', 0.75),
  ];
  expect(resultOf(events, 'pretrain/step-00000008')).toBe('exact_accuracy 25.0 % on test');
  expect(resultOf(events, 'finetune/step-00000008')).toContain('exact_accuracy 75.0 % on test');
});

it('has the result of the training, not of an average of its checkpoints', () => {
  const events = [trained(), evaluated(undefined, 0.5), evaluated('average', 0.9)];
  expect(resultOf(events, 'step-00000008')).toContain('exact_accuracy 50.0 % on test');
  expect(resultOf([trained(), evaluated('average', 0.9)], 'step-00000008')).toBeUndefined();
});
