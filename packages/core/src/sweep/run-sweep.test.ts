import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import { acquireRunLock } from '../run/lock.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { openSweep, runSweep } from './run-sweep.ts';
import { createSweepFolder } from './sweep-folder.ts';
import { SweepJournal } from './sweep-journal.ts';

const folder = freshFolder();

it('fails when the trials that run beside the failure have ended, and starts no others', async () => {
  const script = join(folder.path, 'trial.cjs');
  await writeFile(
    script,
    `const { writeFileSync } = require('node:fs');
    writeFileSync(process.argv[3] + '/begun', '');
    process.once('disconnect', () => setTimeout(() => {
      writeFileSync(process.argv[3] + '/ended', '');
      process.exit(75);
    }, 200));`,
  );
  const ids = ['000', '001', '002'];
  const trials = ids.map((id) => ({ id, values: {}, overrides: [] }));
  const sweep = await createSweepFolder(
    { root: folder.path },
    { name: 'x', trialsHash: '', objective: { mode: 'max' }, trials },
    async (path) => {
      for (const id of ids) await mkdir(join(path, 'trials', id));
    },
  );
  const gone = join(sweep.path, 'trials', '001');
  const orphan = await acquireRunLock(join(gone, 'lock'));
  const marks = (id: string) =>
    ['begun', 'ended'].filter((name) => existsSync(join(sweep.path, 'trials', id, name)));
  const options = {
    command: { script },
    jobs: 2,
    stop: { requested: false, signal: new AbortController().signal },
    onEvent: () => undefined,
  };
  const outcome = expect(runSweep(sweep, options)).rejects.toThrow('ENOENT');
  await vi.waitFor(() => expect(marks('000')).toEqual(['begun']), { timeout: 30_000 });
  await rm(gone, { recursive: true });
  orphan.release();
  await outcome;
  expect(marks('000')).toEqual(['begun', 'ended']);
  expect(marks('002')).toEqual([]);
  (await acquireRunLock(sweep.lockPath)).release();
});

/** Runs a sweep of trials that are a script: `folder` is the trial's, `starts` counts its processes from 1. */
async function sweepOf(body: string, ids = ['000']) {
  const script = join(folder.path, 'trial.cjs');
  await writeFile(
    script,
    `const { appendFileSync, existsSync, readFileSync } = require('node:fs');
    const folder = process.argv[3];
    appendFileSync(folder + '/starts', 'x');
    const starts = readFileSync(folder + '/starts', 'utf8').length;
    const event = (value) => appendFileSync(folder + '/journal.jsonl', JSON.stringify(value) + '\\n');
    ${body}`,
  );
  const trials = ids.map((id) => ({ id, values: {}, overrides: [] }));
  const sweep = await createSweepFolder(
    { root: folder.path },
    { name: 'x', trialsHash: '', objective: { mode: 'max' }, trials },
    async (path) => {
      for (const id of ids) await mkdir(join(path, 'trials', id));
    },
  );
  const said: string[] = [];
  const outcome = runSweep(sweep, {
    command: { script },
    jobs: 1,
    stop: { requested: false, signal: new AbortController().signal },
    onEvent: (event) => {
      if (event.type === 'message') said.push(event.text);
    },
  });
  return { path: join(sweep.path, 'trials', '000'), outcome, said };
}

it('starts a trial again that an orphan has locked out, when the orphan has ended', async () => {
  const { path, outcome, said } = await sweepOf(`
    if (starts > 1) process.exit(0);
    while (!existsSync(folder + '/taken'));
    process.send({ code: 'RUN_LOCKED', message: 'x' }, undefined, undefined, () => process.exit(1));`);
  await vi.waitFor(() => expect(existsSync(join(path, 'starts'))).toBe(true), { timeout: 30_000 });
  // As an orphan that was still starting when the sweep looked for one.
  const orphan = await acquireRunLock(join(path, 'lock'));
  await writeFile(join(path, 'taken'), '');
  await vi.waitFor(() => expect(said.join()).toContain('waiting for its end'), { timeout: 30_000 });
  orphan.release();
  const { results, error } = await outcome;
  expect(error).toBeUndefined();
  expect(results.trials).toMatchObject([{ id: '000', status: 'done' }]);
  expect(await readFile(join(path, 'starts'), 'utf8')).toBe('xx');
});

it('says why a trial has failed whose run did not begin', async () => {
  const { outcome } = await sweepOf(
    `process.send({ code: 'PLUGIN_NOT_FOUND', message: 'gone' }, undefined, undefined, () => process.exit(2));`,
  );
  expect((await outcome).results.trials).toMatchObject([
    { status: 'failed', reason: 'PLUGIN_NOT_FOUND: gone' },
  ]);
});

it.each([
  { saves: true, status: 'done', processes: 8 },
  { saves: false, status: 'failed', processes: 5 },
])(
  'counts the deaths of a trial since its last checkpoint: $status',
  async ({ saves, status, processes }) => {
    const { path, outcome } = await sweepOf(`
      if (starts === 8) process.exit(0);
      if (${saves}) event({ timeMs: starts, type: 'checkpoint-saved', step: starts });
      process.kill(process.pid, 'SIGKILL');`);
    expect((await outcome).results.trials).toMatchObject([{ status }]);
    expect(await readFile(join(path, 'starts'), 'utf8')).toHaveLength(processes);
  },
);

it('goes on with the latest sweep of the same trials until all of them have ended', async () => {
  await writeFile(
    join(folder.path, 'own.mjs'),
    `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
     const facts = { apiVersion: 1, summary: 'x', create: () => ({}) };
     export default [
       { kind: 'engine', name: 'none', config: z.strictObject({}), ...facts },
       { kind: 'stage', name: 'work', config: z.strictObject({ size: z.number() }), ...facts },
     ];`,
  );
  const file = join(folder.path, 'p.yml');
  await writeFile(
    file,
    'name: x\nengine: none\nloggers: []\nplugins: [./own.mjs]\nwork: { size: 1 }\n',
  );
  const definition = {
    file,
    overrides: ['work.size=1,2'],
    builtin: { names: [], folder: folder.path },
    settings: {
      cacheFolder: folder.path,
      defaultEngine: 'none',
      offline: true,
      allowInstall: false,
    },
  };
  const place = { root: join(folder.path, 'sweeps'), resume: 'auto' } as const;
  const first = await openSweep(definition, place);
  const journal = new SweepJournal(first.journalPath);
  journal.end('000', 'done');
  expect((await openSweep(definition, place)).path).toBe(first.path);
  journal.end('001', 'failed', 'NON_FINITE: loss');
  journal.close();
  const second = await openSweep(definition, place);
  expect(second.path).not.toBe(first.path);
  expect((await openSweep(definition, place)).path).toBe(second.path);
  // A folder that is named is gone on with, whatever it holds.
  expect((await openSweep(definition, { ...place, path: first.path })).path).toBe(first.path);
});
