import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { openRegistry, type PluginRegistry } from './registry.ts';

const folder = freshFolder();

/** Opens a registry that declares ./mine.ts with this content. */
async function open(content: string): Promise<PluginRegistry> {
  await writeFile(join(folder.path, 'mine.ts'), content);
  const origin = { kind: 'file', file: 'p.yml', line: 1, column: 1 } as const;
  const { registry } = await openRegistry({
    builtin: { names: [], folder: folder.path },
    declared: [{ specifier: './mine.ts', origin, path: ['plugins', 0] }],
    folder: folder.path,
    projectRoot: folder.path,
  });
  return registry;
}

const plugin = `export default definePlugin({
  kind: 'averager', name: 'mine', apiVersion: 1, summary: 'x', config: z.strictObject({}),
  create: () => ({ update: (average) => average }),
});`;

it('shares the running modules with the file and its neighbours, and ignores imports of types', async () => {
  await writeFile(
    join(folder.path, 'near.ts'),
    `import { z } from 'zod';\nexport const options: z.ZodType = z.strictObject({});`,
  );
  const registry = await open(
    `import { definePlugin, Averager } from '@eddy/core';
     import { z } from 'zod';
     import { options } from './near.ts';
     export const unused: Averager | undefined = undefined;
     ${plugin.replace('z.strictObject({})', 'options')}`,
  );
  const { config } = await registry.load('averager', 'mine');
  const { ZodObject } = await import('zod');
  expect(config).toBeInstanceOf(ZodObject);
});

it('has another version after a change of the file or of one that it imports', async () => {
  const versionWith = async (near: string, far: string) => {
    await writeFile(join(folder.path, 'far.ts'), far);
    await writeFile(join(folder.path, 'near.ts'), near);
    const registry = await open(
      `import { definePlugin } from '@eddy/core';
       import { z } from 'zod';
       import { a } from './near.ts';
       ${plugin.replace('z.strictObject({})', 'z.strictObject({ a })')}`,
    );
    return registry.list()[0]!.version;
  };
  const near = `import { b } from './far.ts';\nexport const a = b;`;
  const far = `import { z } from 'zod';\nexport const b = z.int();`;
  const first = await versionWith(near, far);
  expect(await versionWith(near, far)).toBe(first);
  expect(await versionWith(`${near}//`, far)).not.toBe(first);
  expect(await versionWith(near, `${far}//`)).not.toBe(first);
});

it('names the line of an import that the module does not export', async () => {
  const content = `import { z } from 'zod';\nimport { definePlugin, randomStreem } from '@eddy/core';\n${plugin}\nrandomStreem(1);`;
  await expect(open(content)).rejects.toMatchObject({
    code: 'PLUGIN_IMPORT_MISSING',
    facts: {
      at: `${join(folder.path, 'mine.ts')}:2:24`,
      received: 'randomStreem',
      fix: 'did you mean randomStream?',
    },
  });
});

it('names the line of such an import in a neighbour', async () => {
  await writeFile(
    join(folder.path, 'near.ts'),
    `\nimport { zz } from 'zod';\nexport const a = () => zz;`,
  );
  const content = `import { a } from './near.ts';\nexport default a;`;
  await expect(open(content)).rejects.toMatchObject({
    code: 'PLUGIN_IMPORT_MISSING',
    facts: { at: `${join(folder.path, 'near.ts')}:2:10` },
  });
});

it.each([
  [
    'what it calls is not there',
    '\n\nmissingFunction();',
    '3:1',
    'ReferenceError: missingFunction',
  ],
  ['it does not parse', '\nexport default {;', '2:17', 'Unexpected token'],
])('names the line of the file when %s', async (_, content, line, received) => {
  await expect(open(content)).rejects.toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    facts: {
      at: `${join(folder.path, 'mine.ts')}:${line}`,
      received: expect.stringContaining(received),
    },
  });
});

it('names the file when what it imports is not there', async () => {
  await expect(open(`import './gone.ts';`)).rejects.toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    facts: {
      received: "Error: Cannot find module './gone.ts'",
      fix: 'correct the path ./gone.ts: it starts at the folder of the file',
    },
  });
});

it.each([
  ['export const x = 3;', '', 'no default export (only x)'],
  ['\nexport default null;', ':2:1', 'null'],
  ['export default class Foo {}', ':1:1', 'the class Foo'],
  ['export default [3, 4];', ':1:1', 'item 1 of the list: the number 3'],
  [
    `export default { kind: 'evalator', name: 'Old Name', apiVersion: 2, summary: 'x' };`,
    ':1:1',
    'kind "evalator", perhaps for "evaluator"; name "Old Name", which is not kebab-case; apiVersion 2, which is not 1; a config that is not a zod schema; no create function',
  ],
])('says everything that keeps %j from being a plugin', async (content, place, received) => {
  await expect(open(content)).rejects.toMatchObject({
    code: 'PLUGIN_INVALID',
    facts: { at: `${join(folder.path, 'mine.ts')}${place}`, received },
  });
});

it('finds a name that a neighbour does not export, before anything runs', async () => {
  await writeFile(join(folder.path, 'near.ts'), `export const bar = 3;`);
  await expect(
    open(`import { foo } from './near.ts';\nglobalThis.ran = true;\nexport default foo;`),
  ).rejects.toMatchObject({
    code: 'PLUGIN_IMPORT_MISSING',
    message: expect.stringContaining('bar, the only name that ./near.ts exports'),
    facts: { at: `${join(folder.path, 'mine.ts')}:1:10`, received: 'foo' },
  });
  expect(globalThis).not.toHaveProperty('ran');
});

it('places two plugins of one name in one file', async () => {
  const two = plugin.replace('export default ', '').replace(/;$/, '');
  await expect(
    open(`import { definePlugin } from '@eddy/core';
import { z } from 'zod';
export default [1, 2].map(() => ${two});`),
  ).rejects.toMatchObject({
    code: 'PLUGIN_DUPLICATE',
    facts: { received: 'two in ./mine.ts', fix: 'rename one of the two' },
  });
});

it('counts JSON files and files whose ending the import leaves out, and lists them all', async () => {
  const versionWith = async (values: string) => {
    await writeFile(join(folder.path, 'values.json'), values);
    await writeFile(
      join(folder.path, 'near.ts'),
      `import v from './values.json';\nexport default v;`,
    );
    const registry = await open(
      `import { definePlugin } from '@eddy/core';
       import { z } from 'zod';
       import values from './near';
       ${plugin.replace('z.strictObject({})', 'z.strictObject({ a: z.literal(values.a) })')}`,
    );
    const names = registry.sources().map(({ path }) => path.slice(folder.path.length + 1));
    expect(names).toEqual(['mine.ts', 'near.ts', 'values.json']);
    return registry.list()[0]!.version;
  };
  expect(await versionWith('{"a":1}')).not.toBe(await versionWith('{"a":2}'));
});
