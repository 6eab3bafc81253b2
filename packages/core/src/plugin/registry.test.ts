import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { openRegistry } from './registry.ts';

const folder = freshFolder();

function write(name: string, text: string): void {
  const file = join(folder.path, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function writePackage(
  name: string,
  manifest: unknown,
  plugin = 'throw new Error("imported")',
  at = '.',
) {
  write(
    `${at}/node_modules/${name}/package.json`,
    JSON.stringify({
      name,
      version: '2.0.0',
      type: 'module',
      exports: { './one': './one.js' },
      eddy: manifest,
    }),
  );
  write(`${at}/node_modules/${name}/one.js`, plugin);
}

const listed = (kind = 'logger', name = 'one') => ({
  apiVersion: 1,
  plugins: [{ kind, name, summary: 'x', export: './one' }],
});

const source = (name: string, kind = 'logger') =>
  `{ kind: '${kind}', name: '${name}', apiVersion: 1, summary: 's',
     config: { safeParse: (data) => ({ success: true, data }) }, create: () => ({}) }`;

function open(...specifiers: string[]) {
  return openRegistry({
    builtin: { names: ['builtin'], folder: folder.path },
    declared: specifiers.map((specifier, i) => ({
      specifier,
      origin: { kind: 'file', file: 'p.yml', line: i + 1, column: 1 },
      path: ['plugins', i],
    })),
    folder: folder.path,
    projectRoot: folder.path,
  });
}

describe('openRegistry', () => {
  it('reads manifests without importing, and imports only what is loaded', async () => {
    writePackage('builtin', listed());
    writePackage('extra', listed('logger', 'two'), `export default ${source('two')}`);
    const { registry, problems } = await open('extra');
    expect(problems).toEqual([]);
    expect(registry.list()).toMatchObject([
      { kind: 'logger', name: 'one', package: 'builtin', version: '2.0.0' },
      { kind: 'logger', name: 'two', package: 'extra' },
    ]);
    const fileOf = (name: string) => join(folder.path, 'node_modules', name, 'one.js');
    expect(registry.list().map(({ file }) => file)).toEqual([fileOf('builtin'), fileOf('extra')]);
    expect((await registry.load('logger', 'two')).name).toBe('two');
    await expect(registry.load('logger', 'one')).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
    });
  });

  it('does not see packages that are only installed', async () => {
    writePackage('extra', listed());
    const { registry } = await open();
    expect(registry.list()).toEqual([]);
  });

  it('runs local files in TypeScript and JavaScript, also without node_modules', async () => {
    write(
      'plugins/mine.ts',
      `import { definePlugin } from '@eddy/core';
       import { z } from 'zod';
       const name: string = 'typed';
       export default definePlugin({ kind: 'logger', name, apiVersion: 1, summary: 's',
         config: z.strictObject({}), create: () => ({ attach: async () => {} }) });`,
    );
    write('list.js', `export default [${source('a')}, ${source('b', 'evaluator')}]`);
    const { registry, problems } = await open('./plugins/mine.ts', './list.js');
    expect(problems).toEqual([]);
    expect(registry.list().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'logger typed',
      'logger a',
      'evaluator b',
    ]);
    expect(registry.entry('logger', 'typed').version).toMatch(/^sha256:[0-9a-f]{12}$/);
  });

  it('reports each declaration that leads nowhere', async () => {
    writePackage('plain', undefined);
    const { problems } = await open(
      'none',
      'plain',
      '../out.ts',
      './none.ts',
      'Bad Name',
      '/etc/x.js',
    );
    expect(problems.map((problem) => problem.path[1])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(problems[0]!.fix).toBe('npm install none');
  });

  it('refuses duplicates, bad manifests and exports that are something else', async () => {
    writePackage('builtin', listed());
    writePackage('extra', listed());
    await expect(open('extra')).rejects.toMatchObject({ code: 'PLUGIN_DUPLICATE' });
    writePackage('extra', { apiVersion: 2, plugins: [] });
    await expect(open('extra')).rejects.toMatchObject({ code: 'PLUGIN_MANIFEST_INVALID' });
    writePackage('extra', listed('logger', 'two'), `export default ${source('other')}`);
    const { registry } = await open('extra');
    await expect(registry.load('logger', 'two')).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
    write('bad.js', 'export default { kind: "loger" }');
    await expect(open('./bad.js')).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
    write('throws.js', 'throw new Error("x")');
    await expect(open('./throws.js')).rejects.toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
  });
});

describe('a local plugin', () => {
  it('imports what the built-in packages export, wherever they are installed', async () => {
    const plugin = `export const summary = 'of the package'; export default ${source('one')}`;
    writePackage('builtin', listed(), plugin, 'program');
    const project = join(folder.path, 'elsewhere');
    write(
      'elsewhere/mine.ts',
      `import { summary } from 'builtin/one';
       import { EddyError } from '@eddy/core';
       export default { ...${source('mine')}, summary: summary + ' ' + EddyError.name }`,
    );
    const { registry } = await openRegistry({
      builtin: { names: ['builtin'], folder: join(folder.path, 'program') },
      declared: [
        {
          specifier: './mine.ts',
          origin: { kind: 'file', file: 'p.yml', line: 1, column: 1 },
          path: [],
        },
      ],
      folder: project,
      projectRoot: project,
    });
    expect(registry.entry('logger', 'mine').summary).toBe('of the package EddyError');
  });
});

describe('a local plugin that is none', () => {
  it('is a folder', async () => {
    mkdirSync(join(folder.path, 'plugins'));
    expect((await open('./plugins')).problems).toMatchObject([
      { message: 'this path leads to a folder' },
    ]);
  });

  it('needs something else than a list', async () => {
    write('n.js', `export default ${source('one').replace('create', "needs: 'seeds', create")}`);
    await expect(open('./n.js')).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      facts: { received: 'needs "seeds", which is not a list' },
    });
  });
});
