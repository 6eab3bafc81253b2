import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import { acquireRunLock } from '../run/lock.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { runSweep } from './run-sweep.ts';
import { createSweepFolder } from './sweep-folder.ts';

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
