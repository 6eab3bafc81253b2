/** What a save costs beside a step, printed: a machine that does other work too can say no more. */
import { join, resolve } from 'node:path';

import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { count } from '../counts.ts';
import { ownCache } from './own-cache.ts';
import { start } from './processes.ts';
import { PIPELINE } from './tiny-runs.ts';

const QUICKSTART = resolve(import.meta.dirname, '../../pipelines/sudoku-4x4.yml');
/** Fewer puzzles: the model and so the checkpoint are the quickstart's. */
const PUZZLES = [
  'build.dataset.source.generator.train=960',
  'build.dataset.source.generator.test=96',
];
const EPOCHS = count(2, 40);
const EVERY = 5;
/** Steps between checkpoints in the quickstart where nothing else is said: a pass, ten epochs. */
const DEFAULT_EVERY = 208;

const folder = sharedFolder();

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

it('a save beside the steps of the quickstart', async () => {
  const run = join(folder.path, 'run');
  const cache = await ownCache(folder.path);
  const sizes = [
    `train.epochs=${EPOCHS}`,
    `train.evalInterval=${EPOCHS}`,
    `train.checkpoint.every=${EVERY}`,
  ];
  const { ended, output } = start(
    PIPELINE,
    ['run', QUICKSTART, '--run-dir', run, 'loggers=[]', ...PUZZLES, ...sizes],
    {
      env: { ...process.env, EDDY_CACHE: cache },
    },
  );
  expect(await ended, output().slice(-2000)).toBe(0);
  const journal = readJournal(join(run, 'journal.jsonl'));
  const saves = journal.flatMap((event) => (event.type === 'checkpoint-saved' ? [event] : []));
  const steps = journal.flatMap((event) => (event.type === 'step-finished' ? [event] : []));
  expect(saves.length).toBe(Math.ceil(steps.length / EVERY));
  // A save is asked for after its step and goes on beside the next.
  const isBeside = (step: number) => step % EVERY === 1 && step > 1;
  const beside = median(steps.filter(({ step }) => isBeside(step)).map(({ stepMs }) => stepMs));
  const plain = median(
    steps.filter(({ step }) => step > 2 && !isBeside(step)).map(({ stepMs }) => stepMs),
  );
  const share = (beside - plain) / (plain * DEFAULT_EVERY);
  console.log(
    `R15: ${saves.length} saves of ${saves[0]!.bytes} bytes, ${median(saves.map((save) => save.durationMs)).toFixed(0)} ms ` +
      `from the wish to the disk; a step ${plain.toFixed(1)} ms, one beside a save ${beside.toFixed(1)} ms: ` +
      `${(100 * share).toFixed(2)} % of the time at the quickstart's interval of ${DEFAULT_EVERY} steps`,
  );
});
