import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { resolveConfig } from './resolve-config.ts';

const folder = freshFolder();

/** Resolves a pipeline whose only part is an averager with this `create`, on the fourth line of own.ts. */
async function withAverager(create: string, needs = '[]') {
  const own = `import { definePlugin, partReference } from '@eddy/core';
import { z } from 'zod';
const averager = definePlugin({ kind: 'averager', name: 'mine', apiVersion: 1, summary: 'x', config: z.strictObject({}), needs: ${needs},
  create: ${create} });
const engine = definePlugin({ kind: 'engine', name: 'none', apiVersion: 1, summary: 'x', config: z.strictObject({}),
  create: () => { throw new Error('engines are not started'); } });
const stage = definePlugin({ kind: 'stage', name: 'work', apiVersion: 1, summary: 'x',
  config: z.strictObject({ averager: partReference('averager') }),
  create: () => { throw new Error('stages are not made'); } });
export default [averager, engine, stage];
`;
  await writeFile(join(folder.path, 'own.ts'), own);
  const file = join(folder.path, 'p.yml');
  await writeFile(
    file,
    'engine: none\nloggers: []\nplugins: [./own.ts]\nwork:\n  averager: { use: mine }\n',
  );
  const settings = {
    cacheFolder: folder.path,
    defaultEngine: 'auto',
    offline: true,
    allowInstall: false,
  };
  return resolveConfig(file, [], { builtin: { names: [], folder: folder.path }, settings });
}

it('accepts a plugin that makes what its kind asks for', async () => {
  const { parts } = await withAverager('() => ({ update: (average) => average })');
  expect(parts.map(({ kind }) => kind)).toContain('averager');
});

it('finds that a constructor throws, with the line of the plugin file', async () => {
  await expect(withAverager('() => new (undefined as never)()')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    problems: [
      {
        path: ['work', 'averager'],
        message: expect.stringMatching(/PLUGIN_CREATE_FAILED.*own\.ts:4:22\)$/),
        received: expect.stringContaining('is not a constructor'),
      },
    ],
  });
});

it('finds that what is created lacks a function of its kind', async () => {
  await expect(withAverager('() => ({ updated: () => 0 }) as never')).rejects.toMatchObject({
    problems: [
      {
        message:
          'PLUGIN_CONTRACT_BROKEN: what averager mine of ./own.ts creates is not a valid averager',
        expected: 'a function update()',
        received: 'no update',
      },
    ],
  });
});

it('leaves alone what needs facts that only a run has', async () => {
  const create = '() => { throw new Error("made too early"); }';
  const { parts } = await withAverager(create, `['dataset']`);
  expect(parts.map(({ kind }) => kind)).toContain('averager');
});
