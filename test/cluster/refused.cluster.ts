/** Ranks that cannot work together, or not at all: what they say, and that all end. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { afterEach, expect, it } from 'vitest';

import { endAll, MPICH, mpirun, mpirunScript, OPEN_MPI, PIPELINE, type Ranks } from './mpirun.ts';
import { CONFIG } from './runs.ts';

const UNUSABLE = 2;

const folder = sharedFolder();
afterEach(endAll);

/** The command ends with this error, said once. */
async function expectError(run: Ranks, code: string, received: RegExp): Promise<void> {
  expect(await run.ended, run.output().slice(-3000)).toBe(UNUSABLE);
  const lines = run.output().split('\n');
  expect(lines.filter((line) => line.startsWith(`${code}  `)).length, run.output()).toBeGreaterThan(
    0,
  );
  expect(run.output()).toMatch(received);
  expect(await run.orphans()).toEqual([]);
}

it('ranks with other flags are HOSTS_DIFFER', async ({ skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  const script = join(folder.path, 'other-flags.mjs');
  writeFileSync(
    script,
    `if (process.env.PMI_RANK === '1') process.env.XLA_FLAGS = '--xla_cpu_enable_fast_math=true';
const { main } = await import(${JSON.stringify(join(PIPELINE, '../../dist/main.js'))});
process.exitCode = await main(process.argv.slice(2));
`,
  );
  const args = ['run', CONFIG, '--run-dir', join(folder.path, 'differ'), 'engine.devices=1'];
  const run = mpirunScript(MPICH, 2, [script, ...args]);
  await expectError(run, 'HOSTS_DIFFER', /^ {2}received {2}XLA flags: .*fast_math=true$/m);
  expect(run.output()).toMatch(/^ {2}at {8}rank 1 \(.+\)$/m);
});

it.for([
  { what: 'a sweep', args: ['sweep', CONFIG, 'seed=1,2', '--sweep-dir'] },
  { what: 'engine tensorflow', args: ['run', CONFIG, 'engine=tensorflow', '--run-dir'] },
  { what: 'engine cpu', args: ['run', CONFIG, 'engine=cpu', '--run-dir'] },
])('$what is HOSTS_UNSUPPORTED', async ({ what, args }, { skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  const result = join(folder.path, what);
  const run = mpirun(MPICH, 2, [...args, result]);
  await expectError(run, 'HOSTS_UNSUPPORTED', /^ {2}fix .*`export EDDY_MPI=off`$/m);
  if (what === 'a sweep') expect(existsSync(result)).toBe(false);
});

it('a library that is not there is MPI_NOT_FOUND', async ({ skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  const run = mpirun(MPICH, 2, ['runs', folder.path], { EDDY_MPI: '/nowhere/libmpi.so.12' });
  await expectError(run, 'MPI_NOT_FOUND', /^ {2}received {2}\/nowhere\/libmpi\.so\.12: /m);
});

it('the library of another MPI is MPI_MISMATCH', async ({ skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  skip(OPEN_MPI.prefix === undefined, 'no Open MPI');
  const library = join(OPEN_MPI.prefix!, 'lib/libmpi.so.40');
  const run = mpirun(MPICH, 2, ['runs', folder.path], { EDDY_MPI: library });
  await expectError(run, 'MPI_MISMATCH', /^ {2}received {2}1$/m);
});

it.for([
  { library: 'libmpi.so.12', of: "MPICH's own" },
  { library: 'libmpi_abi.so.1', of: 'the standard' },
])('$of interface works', async ({ library }, { skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  const run = mpirun(MPICH, 3, ['engines'], { EDDY_MPI: join(MPICH.prefix!, 'lib', library) });
  expect(await run.ended, run.output()).toBe(0);
  expect(run.output().match(/xla-cuda/g), run.output()).not.toBeNull();
  expect(run.output()).not.toMatch(/MPI_/);
});

it('a wrong pipeline is said once, and ends all ranks', async ({ skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  const run = mpirun(MPICH, 2, ['run', CONFIG, 'train.epochs=none']);
  await expectError(run, 'CONFIG_INVALID', /train\.epochs/);
  expect(run.output().match(/^CONFIG_INVALID {2}/gm)).toHaveLength(1);
});

it('EDDY_MPI=off has each process run alone', async ({ skip }) => {
  skip(MPICH.prefix === undefined, 'no MPICH');
  const run = mpirun(MPICH, 2, ['--version'], { EDDY_MPI: 'off' });
  expect(await run.ended, run.output()).toBe(0);
  expect(run.output().trim().split('\n')).toHaveLength(2);
});
