/**
 * Bitwise resume, on every engine that is installed, with every optimizer, with and without an average. A kill is
 * imitated by a copy of the run's folder as it is at that moment; the copy is resumed, and of its folder a copy is
 * taken at the next moment, so that the last is a resume of a resume of a resume of a resume.
 */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { runPipeline } from '@eddy/cli';
import type { RunEvent } from '@eddy/core';
import { latestCheckpoint, type Checkpoint } from '@eddy/core/checkpoint';
import { readSettings } from '@eddy/core/config';
import { readJournal } from '@eddy/core/report';
import { freshFolder } from '@eddy/core/testing';
import type { HostTree } from '@eddy/tensor';
import { describe, expect, it } from 'vitest';

import { isLong } from '../counts.ts';

const CONFIG = join(import.meta.dirname, 'tiny.yml');
/** 16 puzzles in batches of 4: 4 steps an epoch. An evaluation after every second epoch, a checkpoint every 2 steps. */
const TOTAL_STEPS = 16;
const SIZES = [
  'train.epochs=4',
  'train.evalInterval=2',
  'train.checkpoint={every: 2, keep: 2}',
  'build.dataset.source.generator={train: 16, test: 4}',
  'train.globalBatchSize=4',
  'evaluate.batchSize=4',
  // Where operations run one by one, and as small as a model with all parts of a state can be.
  'train.model={hiddenSize: 16, numLayers: 1, hCycles: 1, lCycles: 1}',
  'loggers=[]',
];

const saved = (at: number) => (event: RunEvent) =>
  event.type === 'checkpoint-saved' && event.step === at;
const UNDER_WAY = 'with rows under way in the carry';
/** Moments, and the step of the checkpoint that a run which is killed there goes on from. */
const MOMENTS = {
  'mid-epoch': { wanted: saved(6), step: 6 },
  'in evaluation': { wanted: (event: RunEvent) => event.type === 'evaluation-started', step: 8 },
  'at the end of an epoch': { wanted: saved(12), step: 12 },
  [UNDER_WAY]: { wanted: saved(14), step: 14 },
};

const WITHOUT_TABLE = [
  'train.model={puzzleEmbeddingDim: 0, puzzleEmbeddingLength: 0}',
  '~train.rowOptimizer',
];
const OPTIMIZERS = {
  AdamW: ['train.optimizer.use=adamw', ...WITHOUT_TABLE],
  AdamATan2: ['train.optimizer.use=adam-atan2', ...WITHOUT_TABLE],
  'sparse sign-SGD': ['train.optimizer.use=adamw'],
};
const AVERAGERS = { EMA: [], 'no average': ['~train.averager'] };

const every = Object.entries(OPTIMIZERS).flatMap(([optimizer, first]) =>
  Object.entries(AVERAGERS).map(
    ([averager, second]) => [optimizer, averager, [...first, ...second]] as const,
  ),
);
/** Every day each optimizer on the cheapest engine, and one of each kind of table on the others. */
const DAILY: Readonly<Record<string, readonly number[]>> = { wasm: [0, 3, 4], cpu: [3] };
const cellsOf = (engine: string) =>
  isLong ? every : (DAILY[engine] ?? [4]).map((cell) => every[cell]!);

const { cacheFolder } = await readSettings();
const isInstalled = (engine: string) =>
  existsSync(join(cacheFolder, 'engines')) &&
  (engine !== 'tensorflow' || existsSync(join(cacheFolder, 'engines', 'tensorflow')));
const ENGINES = ['cpu', 'wasm', 'xla-cpu', 'tensorflow'].filter(isInstalled);

const folder = freshFolder();

interface Result {
  readonly hash: string;
  readonly steps: readonly unknown[];
  readonly evaluations: readonly unknown[];
}

/** Runs to the end; at a moment the run's folder is copied. */
async function run(
  name: string,
  overrides: readonly string[],
  copyAt?: { readonly wanted: (event: RunEvent) => boolean; readonly to: string },
): Promise<Result> {
  const runFolder = join(folder.path, name);
  let isCopied = false;
  const outcome = await runPipeline(CONFIG, {
    overrides: [...SIZES, ...overrides],
    settings: { cacheFolder },
    runFolder,
    resume: 'auto',
    onEvent: (event) => {
      if (copyAt === undefined || isCopied || !copyAt.wanted(event)) return;
      isCopied = true;
      cpSync(runFolder, join(folder.path, copyAt.to), { recursive: true });
    },
  });
  expect(outcome.error).toBeUndefined();
  expect(isCopied).toBe(copyAt !== undefined);
  const journal = readJournal(join(runFolder, 'journal.jsonl'));
  const metricsOf = (type: 'step-finished' | 'evaluation-finished') =>
    journal.flatMap((event) => (event.type === type ? [[event.step, event.metrics]] : []));
  const { manifest } = await newest(name);
  expect(manifest.step).toBe(TOTAL_STEPS);
  return {
    hash: manifest.stateHash,
    steps: metricsOf('step-finished'),
    evaluations: metricsOf('evaluation-finished'),
  };
}

/** The carry of the only micro-batch. */
function carryOf(state: HostTree): HostTree {
  return Object.fromEntries(
    Object.entries(state).flatMap(([name, tensor]) => {
      const [, own] = /^carry\/(.*)$/.exec(name) ?? [];
      return own === undefined ? [] : [[own, tensor]];
    }),
  );
}

async function newest(name: string): Promise<Checkpoint> {
  const checkpoints = join(folder.path, name, 'checkpoints');
  return (await latestCheckpoint(checkpoints, expect.unreachable))!;
}

describe.each(ENGINES)('on %s', (engine) => {
  it.each(cellsOf(engine))(
    '%s, %s: every resume ends with the same bits',
    async (_, __, overrides) => {
      const all = [`engine={use: ${engine}}`, ...overrides];
      const moments = Object.entries(MOMENTS);
      const copy = (i: number) => ({ wanted: moments[i]![1].wanted, to: `resumed-${i}` });
      const undisturbed = await run('undisturbed', all, copy(0));
      expect(undisturbed.steps).toHaveLength(TOTAL_STEPS);
      expect(undisturbed.evaluations).toHaveLength(2);
      for (const [i, [moment, { step }]] of moments.entries()) {
        const { manifest, state } = await newest(`resumed-${i}`);
        expect(manifest.step, moment).toBe(step);
        if (moment === UNDER_WAY) expect(carryOf(state)['halted']!.data).toContain(0);
        const next = i + 1 < moments.length ? copy(i + 1) : undefined;
        expect(await run(`resumed-${i}`, all, next), moment).toEqual(undisturbed);
        rmSync(join(folder.path, `resumed-${i}`), { recursive: true });
      }
    },
  );
});
