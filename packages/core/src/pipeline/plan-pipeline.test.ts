import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { partReference } from '../plugin/part-reference.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { buildDataset } from './build-dataset.ts';
import { planPipeline } from './plan-pipeline.ts';

const folder = freshFolder();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

it('leaves no temporary folder and no open stream when the parts of the pipeline cannot be opened', async () => {
  const temporary = join(folder.path, 'tmp');
  await mkdir(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const imports = { partReference, z, parses: 0, allowed: 0 };
  vi.stubGlobal('imports', imports);
  const facts = `apiVersion: 1, summary: 'of a test'`;
  // Its options are parsed by validation, by the checks, when a plan foresees its stages, and when the container of
  // the run is opened.
  await writeFile(
    join(folder.path, 'own.mjs'),
    `const { partReference, z } = globalThis.imports;
     const fickle = z.looseObject({}).refine(() => ++globalThis.imports.parses <= globalThis.imports.allowed);
     export default [
       { kind: 'engine', name: 'none', ${facts}, config: z.strictObject({}), create: () => ({}) },
       { kind: 'dataset', name: 'data', ${facts}, config: fickle, create: () => ({ describe: () => ({}) }) },
       { kind: 'stage', name: 'work', ${facts},
         config: z.strictObject({ dataset: partReference('dataset') }),
         create: () => ({ needs: [], provides: [] }) },
     ];`,
  );
  const file = join(folder.path, 'p.yml');
  await writeFile(
    file,
    'engine: none\nloggers: []\nplugins: [./own.mjs]\nwork: { dataset: data }\n',
  );
  let streamsEnded = 0;
  const options = {
    file,
    builtin: { names: [], folder: folder.path },
    settings: {
      cacheFolder: folder.path,
      defaultEngine: 'none',
      offline: true,
      allowInstall: false,
    },
    stop: { requested: false, signal: new AbortController().signal },
    onEvents: (events$) => events$.subscribe({ complete: () => streamsEnded++ }),
  } satisfies Parameters<typeof buildDataset>[0];
  for (const [open, allowed] of [
    [planPipeline, 3],
    [buildDataset, 2],
  ] as const) {
    Object.assign(imports, { parses: 0, allowed });
    await expect(open(options)).rejects.toMatchObject({ code: 'PLUGIN_OPTIONS_INVALID' });
  }
  // The loader of local plugins keeps a cache there.
  expect((await readdir(temporary)).filter((name) => name.startsWith('eddy-'))).toEqual([]);
  expect(streamsEnded).toBe(2);
});
