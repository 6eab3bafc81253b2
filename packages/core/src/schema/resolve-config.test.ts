import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { partReference } from '../plugin/part-reference.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import type { ConfigInvalid } from '../config/problem.ts';
import { resolveConfig } from './resolve-config.ts';

const folder = freshFolder();
afterEach(() => vi.unstubAllGlobals());

function resolved(file: string) {
  const settings = {
    cacheFolder: folder.path,
    defaultEngine: 'auto',
    offline: true,
    allowInstall: false,
  };
  return resolveConfig(file, [], { builtin: { names: [], folder: folder.path }, settings });
}

it('refuses a base folder that is not there, except that of a run, which may have moved', async () => {
  const file = join(folder.path, 'config.yml');
  await writeFile(file, 'baseFolder: ./gone\n');
  const refused = { path: ['baseFolder'], message: 'the base folder does not exist' };
  await expect(resolved(file)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    problems: [refused],
  });
  await writeFile(join(folder.path, 'manifest.json'), '{}');
  const error = await resolved(file).catch((thrown: unknown) => thrown as ConfigInvalid);
  expect(error).not.toMatchObject({ problems: expect.arrayContaining([refused]) });
});

it('names the plugin, its file and its place when its own code throws, with all other problems', async () => {
  const plugin = (kind: string, name: string, rest: string) => `
    { kind: '${kind}', name: '${name}', apiVersion: 1, summary: 'x', config: z.any(), ${rest} }`;
  vi.stubGlobal('imports', { partReference, z });
  const parts = [
    plugin('engine', 'fine', 'create: () => ({})'),
    plugin(
      'dataset',
      'data',
      `create: () => ({ describe: () => { throw new RangeError('no such size'); } })`,
    ),
    plugin('model', 'odd', `check: (config) => config.missing.length, create: () => ({})`),
    plugin('model', 'wrong', `check: () => [{ path: 3 }], create: () => ({})`),
  ];
  const stage = `{ kind: 'stage', name: 'train', apiVersion: 1, summary: 'x', create: () => ({}),
    config: z.object({ dataset: partReference('dataset'), models: z.array(partReference('model')) }) }`;
  const own = join(folder.path, 'own.mjs');
  await writeFile(
    own,
    `const { partReference, z } = globalThis.imports;
     export default [${[...parts, stage].join(',')}];`,
  );
  const file = join(folder.path, 'p.yml');
  await writeFile(
    file,
    [
      'engine: fine',
      'loggers: []',
      'plugins: [./own.mjs]',
      'train:',
      '  dataset: data',
      '  models: [odd, wrong]',
    ].join('\n'),
  );
  const error = await resolved(file).catch((thrown: unknown) => thrown as ConfigInvalid);
  expect(error).toMatchObject({
    code: 'CONFIG_INVALID',
    exitCode: 2,
    problems: [
      {
        path: ['train', 'dataset'],
        message: `PLUGIN_HOOK_FAILED: dataset data of ./own.mjs failed in its describe (${own}:4:5)`,
        received: 'RangeError: no such size',
        cause: { code: 'PLUGIN_HOOK_FAILED', cause: { message: 'no such size' } },
      },
      {
        path: ['train', 'models', 0],
        message: `PLUGIN_HOOK_FAILED: model odd of ./own.mjs failed in its check (${own}:5:115)`,
        received: expect.stringMatching(/^TypeError: .*undefined/) as string,
      },
      {
        path: ['train', 'models', 1],
        message: 'PLUGIN_HOOK_FAILED: model wrong of ./own.mjs failed in its check',
      },
    ],
    cause: { code: 'PLUGIN_HOOK_FAILED', cause: { message: 'no such size' } },
  });
});

it.each([
  ['my p.yml', 'my-p'],
  ['数独.yml', 'pipeline'],
])('calls the pipeline of the file %s %s', async (file, name) => {
  await writeFile(
    join(folder.path, 'own.mjs'),
    `const config = { safeParse: (data) => ({ success: true, data }) };
     const facts = { apiVersion: 1, summary: 'x', config, create: () => ({}) };
     export default [{ kind: 'engine', name: 'none', ...facts }, { kind: 'stage', name: 'work', ...facts }];`,
  );
  const path = join(folder.path, file);
  await writeFile(path, 'engine: none\nloggers: []\nplugins: [./own.mjs]\nwork: {}\n');
  expect((await resolved(path)).name).toBe(name);
});

it('takes options of an engine without a name for those of the default engine', async () => {
  const own = join(folder.path, 'engines.mjs');
  vi.stubGlobal('imports', { z });
  await writeFile(
    own,
    `const { z } = globalThis.imports;
     const part = (kind, name, config) => ({ kind, name, apiVersion: 1, summary: 'x', config, create: () => ({}) });
     export default [part('engine', 'auto', z.strictObject({ devices: z.int() })),
       part('logger', 'console', z.strictObject({})), part('stage', 'train', z.strictObject({}))];`,
  );
  const file = join(folder.path, 'p.yml');
  await writeFile(file, 'plugins: [./engines.mjs]\nengine: { devices: 3 }\ntrain: {}\n');
  const { engine, originOf } = await resolved(file);
  expect(engine).toEqual({ use: 'auto', devices: 3 });
  expect(originOf(['engine', 'use'])).toEqual({ kind: 'default', of: 'eddy' });
});
