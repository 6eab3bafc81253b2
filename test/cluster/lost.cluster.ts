/** Ranks that die, hang or are told to stop, under real launchers. */
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { afterEach, expect, it } from 'vitest';

import { start } from '../faults/processes.ts';
import { endAll, MPICH, mpirun, OPEN_MPI, PIPELINE } from './mpirun.ts';
import { checkpointsOf, CONFIG, LONG, reaches, stepsOf } from './runs.ts';

const EXIT_STOPPED = 75;
/** The promise of the guide, in seconds. */
const ENDED_WITHIN = 30;

const folder = sharedFolder();
afterEach(endAll);

const CASES = [
  { mpi: MPICH, rank: 1, signal: 'SIGKILL' },
  { mpi: MPICH, rank: 0, signal: 'SIGSTOP' },
  { mpi: MPICH, rank: 1, signal: 'SIGSTOP' },
  { mpi: OPEN_MPI, rank: 0, signal: 'SIGKILL' },
  { mpi: OPEN_MPI, rank: 1, signal: 'SIGSTOP' },
] as const;

it.for(CASES.map((each) => ({ ...each, name: each.mpi.name })))(
  '$name: where rank $rank gets $signal all end, and the run goes on',
  async ({ mpi, rank, signal }, { skip }) => {
    skip(mpi.prefix === undefined, `no ${mpi.name}`);
    const runFolder = join(folder.path, `${mpi.name} ${rank} ${signal}`);
    const run = mpirun(mpi, 2, [
      'run',
      CONFIG,
      '--run-dir',
      runFolder,
      'engine.devices=1',
      ...LONG,
    ]);
    await reaches(run, runFolder, 25);
    const kept = checkpointsOf(runFolder);
    const lostAt = performance.now();
    process.kill(await run.pid(rank), signal);
    expect(await run.ended).not.toBe(0);
    expect((performance.now() - lostAt) / 1000).toBeLessThan(ENDED_WITHIN);
    expect(await run.orphans()).toEqual([]);
    // Of a killed one the launcher speaks; the others have no time to.
    if (signal === 'SIGSTOP') {
      expect(run.output().match(/^HOST_LOST {2}/gm)).toHaveLength(1);
      expect(run.output()).toMatch(new RegExp(`^ {2}at {8}rank ${rank} \\(.+\\)$`, 'm'));
    }
    expect(checkpointsOf(runFolder)).toEqual(expect.arrayContaining([kept.at(-1)]));
    const reached = stepsOf(runFolder).at(-1)!.step;
    const resumed = start(PIPELINE, ['resume', runFolder]);
    await reaches(resumed, runFolder, reached + 5);
    expect(await resumed.kill('SIGTERM')).toBe(EXIT_STOPPED);
  },
);

it.for([MPICH, OPEN_MPI].map((mpi) => ({ mpi, name: mpi.name })))(
  '$name: SIGTERM to one rank saves once, and all say that the run can be resumed',
  async ({ mpi }, { skip }) => {
    skip(mpi.prefix === undefined, `no ${mpi.name}`);
    const runFolder = join(folder.path, `${mpi.name} stopped`);
    const run = mpirun(mpi, 2, [
      'run',
      CONFIG,
      '--run-dir',
      runFolder,
      'engine.devices=1',
      ...LONG,
    ]);
    await reaches(run, runFolder, 15);
    process.kill(await run.pid(1), 'SIGTERM');
    expect(await run.ended, run.output().slice(-3000)).toBe(EXIT_STOPPED);
    expect(run.output().match(/^RUN_STOPPED {2}/gm)).toHaveLength(1);
    const { step } = stepsOf(runFolder).at(-1)!;
    expect(checkpointsOf(runFolder).sort().at(-1)).toBe(`step-${String(step).padStart(8, '0')}`);
    expect(await run.orphans()).toEqual([]);
  },
);
