import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { findUnfinishedRuns } from './find-run.ts';
import { createRunFolder, type RunFolder } from './run-folder.ts';

const folder = freshFolder();
let root: string;
beforeEach(() => {
  root = join(folder.path, 'runs');
});

const WANTED = { name: 'tiny', configHash: 'abc' };

function create(configHash = 'abc', name = 'tiny'): Promise<RunFolder> {
  return createRunFolder({ root, name, configText: '', configHash, versions: {} });
}

function write(run: RunFolder, ...events: readonly object[]): void {
  writeFileSync(run.journalPath, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

const saved = (timeMs: number) => ({ timeMs, type: 'checkpoint-saved', step: 1 });
const finished = (status: string) => ({ timeMs: 9, type: 'run-finished', status });
const found = async () =>
  (await findUnfinishedRuns(root, WANTED)).map(({ path }) => basename(path));

describe('the run to go on with', () => {
  it('is not hidden by a newer one of another config, or by one that is done', async () => {
    const run = await create();
    write(run, saved(5), finished('stopped'));
    write(await create('other'), saved(7), finished('done'));
    write(await create(), saved(8), finished('done'));
    await create('abc', 'tiny-more');
    expect(await found()).toEqual([basename(run.path)]);
  });

  it('is known by its manifest, whatever its folder is called', async () => {
    const run = await create();
    renameSync(run.path, join(root, 'my run'));
    mkdirSync(join(root, 'tiny-20990101-000000')); // the name of a clock that is wrong, and no run
    expect(await found()).toEqual(['my run']);
    expect(await findUnfinishedRuns(join(root, 'nowhere'), WANTED)).toEqual([]);
  });

  it('is the one with the most work saved, then the newest', async () => {
    const runs = [await create(), await create(), await create(), await create()];
    write(runs[1]!, saved(2), saved(20), { timeMs: 21, type: 'step-finished' });
    write(runs[2]!, saved(3), { timeMs: 99, type: 'step-finished' });
    const names = runs.map(({ path }) => basename(path));
    expect(await found()).toEqual([names[1], names[2], names[3], names[0]]);
  });

  it('goes on where a run that was done started again', async () => {
    const run = await create();
    write(run, finished('done'), { timeMs: 10, type: 'run-started' });
    expect(await found()).toEqual([basename(run.path)]);
  });

  it('is not left out in silence because it is damaged', async () => {
    const run = await create();
    writeFileSync(join(run.path, 'manifest.json'), '{"format":');
    await expect(found()).rejects.toMatchObject({ code: 'RUN_MANIFEST_INVALID' });
  });
});
