/** Training over the ranks of real MPI libraries, beside one process with as many devices. */
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { start, type Talker } from '../faults/processes.ts';
import { endAll, MPICH, mpirun, OPEN_MPI, PIPELINE, type Mpi } from './mpirun.ts';
import {
  CONFIG,
  evaluationOf,
  LONG,
  outcomeOf,
  reaches,
  runAlone,
  SHORT,
  stepsOf,
  TOTAL_STEPS,
  type Outcome,
} from './runs.ts';

/** Saved, and to be resumed. */
const EXIT_STOPPED = 75;

const folder = sharedFolder();
afterEach(endAll);

/** Each with an ACT carry, and all but the last with a table whose rows are updated one by one. */
const STEPS = {
  'MLP, table, ACT': [],
  'micro-batches': ['train.microBatchSize=8'],
  attention: ['train.model.mlpT=false', 'train.model.positionEncoding=rope'],
  'no table': ['train.model.puzzleEmbeddingLength=0'],
} as const;
type Step = keyof typeof STEPS;

const alone = new Map<string, Promise<Outcome>>();

/** One process with so many devices, once for all. */
function inOneProcess(step: Step, devices: number): Promise<Outcome> {
  const key = `${step} on ${devices}`;
  const known = alone.get(key);
  if (known !== undefined) return known;
  const outcome = runAlone(join(folder.path, key), [
    `engine.devices=${devices}`,
    ...STEPS[step],
    ...SHORT,
  ]);
  alone.set(key, outcome);
  return outcome;
}

async function overRanks(
  mpi: Mpi,
  step: Step,
  ranks: number,
  name: string,
  own: readonly string[] = [],
) {
  const runFolder = join(folder.path, name);
  const args = ['run', CONFIG, '--run-dir', runFolder, 'engine.devices=1', ...STEPS[step], ...SHORT, ...own]; // prettier-ignore
  const run = mpirun(mpi, ranks, args);
  expect(await run.ended, run.output().slice(-3000)).toBe(0);
  expect(await run.orphans()).toEqual([]);
  return runFolder;
}

const CASES: readonly [Mpi, number, Step][] = [
  [MPICH, 2, 'MLP, table, ACT'],
  [MPICH, 2, 'micro-batches'],
  [MPICH, 2, 'attention'],
  [MPICH, 4, 'MLP, table, ACT'],
  [MPICH, 4, 'micro-batches'],
  [OPEN_MPI, 2, 'MLP, table, ACT'],
  [OPEN_MPI, 2, 'no table'],
  [OPEN_MPI, 4, 'micro-batches'],
];

it.for(CASES.map(([mpi, ranks, step]) => ({ mpi, ranks, step, name: mpi.name })))(
  '$name, $ranks ranks, $step: the losses and the state of one process, bit for bit',
  async ({ mpi, ranks, step }, { skip }) => {
    skip(mpi.prefix === undefined, `no ${mpi.name}`);
    const runFolder = await overRanks(mpi, step, ranks, `${mpi.name} ${ranks} ${step}`);
    const [several, one] = [await outcomeOf(runFolder), await inOneProcess(step, ranks)];
    expect(several.losses).toHaveLength(TOTAL_STEPS);
    expect(several).toEqual(one);
  },
);

describe('what follows a training', () => {
  const mpi = MPICH;
  let runFolder: string;
  beforeAll(async () => {
    if (mpi.prefix === undefined) return;
    runFolder = await overRanks(mpi, 'MLP, table, ACT', 2, 'half', ['train.epochs=3']);
  });

  it('resumes on other numbers of ranks, and on one process', async ({ skip }) => {
    skip(mpi.prefix === undefined, `no ${mpi.name}`);
    const stopped = join(folder.path, 'stopped');
    /** Ten more steps, and a stop that saves. */
    const tenMore = async (run: Talker, pid: () => Promise<number>) => {
      await reaches(run, stopped, (stepsOf(stopped).at(-1)?.step ?? 0) + 10);
      process.kill(await pid(), 'SIGTERM');
      expect(await run.ended, run.output().slice(-3000)).toBe(EXIT_STOPPED);
    };
    const two = mpirun(mpi, 2, ['run', CONFIG, '--run-dir', stopped, 'engine.devices=1', ...LONG]);
    await tenMore(two, () => two.pid(1));
    const four = mpirun(mpi, 4, ['resume', stopped]);
    await tenMore(four, () => four.pid(0));
    const one = start(PIPELINE, ['resume', stopped]);
    await tenMore(one, () => Promise.resolve(one.child.pid!));
    const steps = stepsOf(stopped).map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
    expect(steps.length).toBeGreaterThanOrEqual(30);
  });

  it('evaluates and plans as one process does', async ({ skip }) => {
    skip(mpi.prefix === undefined, `no ${mpi.name}`);
    const evaluate = mpirun(mpi, 2, ['evaluate', runFolder]);
    expect(await evaluate.ended, evaluate.output().slice(-3000)).toBe(0);
    const ofRanks = evaluationOf(runFolder);
    const one = start(PIPELINE, ['evaluate', runFolder, 'engine.devices=2']);
    expect(await one.ended, one.output().slice(-3000)).toBe(0);
    expect(ofRanks).toEqual(evaluationOf(runFolder));
    const plan = mpirun(mpi, 2, ['plan', CONFIG]);
    expect(await plan.ended, plan.output().slice(-3000)).toBe(0);
    expect(plan.output()).toMatch(/on each of 2 ranks/);
  });
});
