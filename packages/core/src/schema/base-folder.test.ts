import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { createRun } from '../pipeline/create-run.ts';
import { recordOrigin } from '../run/run-folder.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { resolveConfig, type ResolvedPipeline } from './resolve-config.ts';

const folder = freshFolder();
const at = (...parts: string[]) => join(folder.path, ...parts);

const SETTINGS = {
  defaultEngine: 'none',
  offline: true,
  allowInstall: false,
};

function resolved(file: string): Promise<ResolvedPipeline> {
  const settings = { ...SETTINGS, cacheFolder: at('cache') };
  return resolveConfig(file, [], { builtin: { names: [], folder: folder.path }, settings });
}

/** Where the pipeline found its plugin's file. */
const pluginFile = ({ registry }: ResolvedPipeline) => registry.entry('stage', 'work').file;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const PLUGIN = `import { facts } from '../lib/facts.mjs';
  export default [{ kind: 'engine', name: 'none', ...facts }, { kind: 'stage', name: 'work', ...facts }];`;
const FACTS = `const config = { safeParse: (data) => ({ success: true, data }) };
  export const facts = { apiVersion: 1, summary: 'x', config, create: () => ({}) };`;

/** A project with a plugin of two files, and a run of it. */
beforeEach(async () => {
  await put(at('project/package.json'), '{}');
  await put(at('project/pipelines/own.mjs'), PLUGIN);
  await put(at('project/lib/facts.mjs'), FACTS);
  await put(
    at('project/pipelines/p.yml'),
    'engine: none\nloggers: []\nplugins: [./own.mjs]\nwork: {}\n',
  );
  const pipeline = await resolved(at('project/pipelines/p.yml'));
  await createRun(pipeline, { path: at('project/runs/r') });
});

describe('the config of a run', () => {
  it('leads to its project from where it was made, moved, copied or linked to', async () => {
    const own = at('project/pipelines/own.mjs');
    const expectProject = async (run: string) => {
      const pipeline = await resolved(join(run, 'config.yml'));
      expect(pluginFile(pipeline)).toBe(own);
      expect(pipeline.folder).toBe(at('project/pipelines'));
      expect(pipeline.notices).toEqual([]);
    };
    await expectProject(at('project/runs/r'));
    await cp(at('project/runs/r'), at('copy ü/of a/run'), { recursive: true });
    await expectProject(at('copy ü/of a/run'));
    await symlink(at('project/runs/r'), at('link'));
    await expectProject(at('link'));
    await rename(at('project/runs/r'), at('project/moved'));
    await expectProject(at('project/moved'));
  });

  it('leads to the copy of a project that was copied with its runs', async () => {
    await cp(at('project'), at('second'), { recursive: true });
    expect(pluginFile(await resolved(at('second/runs/r/config.yml')))).toBe(
      at('second/pipelines/own.mjs'),
    );
  });

  it('takes the plugin of the run itself when the project is gone, and says so', async () => {
    await rename(at('project/runs/r'), at('r'));
    await rm(at('project'), { recursive: true });
    const pipeline = await resolved(at('r/config.yml'));
    expect(pluginFile(pipeline)).toBe(at('r/sources/pipelines/own.mjs'));
    expect(pipeline.folder).toBe(at('r/sources/pipelines'));
    const text = expect.stringContaining('lib/facts.mjs, pipelines/own.mjs') as string;
    expect(pipeline.notices).toEqual([{ level: 'info', text }]);
    // A run of that run keeps the same files, and works when the first one is gone, too.
    await createRun(pipeline, { path: at('again') });
    await rm(at('r'), { recursive: true });
    expect(pluginFile(await resolved(at('again/config.yml')))).toBe(
      at('again/sources/pipelines/own.mjs'),
    );
  });

  it('takes the plugin of the run when one of its files is gone, but data where they are', async () => {
    await rm(at('project/lib/facts.mjs'));
    const pipeline = await resolved(at('project/runs/r/config.yml'));
    expect(pluginFile(pipeline)).toBe(at('project/runs/r/sources/pipelines/own.mjs'));
    expect(pipeline.folder).toBe(at('project/pipelines'));
  });

  it('takes a changed file of the project, with a warning', async () => {
    await put(at('project/lib/facts.mjs'), `${FACTS}//`);
    const pipeline = await resolved(at('project/runs/r/config.yml'));
    expect(pluginFile(pipeline)).toBe(at('project/pipelines/own.mjs'));
    const text = expect.stringContaining(
      `${at('project/lib/facts.mjs')} differs from the file that the run was started with`,
    ) as string;
    expect(pipeline.notices).toEqual([{ level: 'warning', text }]);
  });

  it('executes nothing of a copy that was changed in the run', async () => {
    await put(
      at('project/runs/r/sources/lib/facts.mjs'),
      `globalThis.wasExecuted = true;\n${FACTS}`,
    );
    await rm(at('project/pipelines'), { recursive: true });
    await expect(resolved(at('project/runs/r/config.yml'))).rejects.toMatchObject({
      code: 'RUN_SOURCES_DAMAGED',
    });
    expect('wasExecuted' in globalThis).toBe(false);
  });

  it('says what to do about a run without copies whose project is gone', async () => {
    await rename(at('project/runs/r'), at('r'));
    await rm(at('project'), { recursive: true });
    await put(at('r/manifest.json'), '{}');
    await expect(resolved(at('r/config.yml'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: expect.arrayContaining([
        expect.objectContaining({
          path: ['plugins', 0],
          message: 'the file does not exist',
          fix: expect.stringContaining('--pipeline FILE') as string,
        }),
      ]) as object[],
    });
  });
});

describe('recordOrigin', () => {
  it('keeps the files as they are now, and the place of a project that is gone', async () => {
    const run = await createRun(await resolved(at('project/pipelines/p.yml')), { path: at('n') });
    const moved = { ...run, path: at('elsewhere') };
    await rename(at('n'), moved.path);
    const { manifest } = await recordOrigin(moved, at('elsewhere/sources/pipelines'), undefined);
    expect(manifest.origin).toEqual({ folder: at('n'), baseFolder: at('project/pipelines') });
    const later = await recordOrigin(moved, at('project/pipelines'), undefined);
    expect(later.manifest.origin!.folder).toBe(at('elsewhere'));
    expect(later.manifest.sources).toBe(undefined);
  });
});
