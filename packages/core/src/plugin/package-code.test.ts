import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { codeOf } from './package-code.ts';

const folder = freshFolder();

async function put(name: string, text: string): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A package in a folder, with one file of code. */
async function makePackage(place: string, dependencies: object = {}): Promise<string> {
  const name = place.split('/').at(-1)!;
  await put(`${place}/package.json`, JSON.stringify({ name, version: '1.2.3', dependencies }));
  return put(`${place}/src/plugin.ts`, `// ${place}`);
}

const entry = (file: string, version = '1.2.3') =>
  ({ kind: 'model', name: 'x', summary: '', package: 'x', version, file }) as const;

it('names an installed package by its version', async () => {
  const file = await makePackage('node_modules/installed');
  expect(codeOf([entry(file)])).toEqual({ installed: '1.2.3' });
});

it('adds a digest for one that is worked on, and for those that it depends on', async () => {
  const file = await makePackage('a/own', { near: '*', other: '*' });
  await makePackage('a/near');
  await makePackage('node_modules/other');
  await mkdir(join(folder.path, 'a/own/node_modules'), { recursive: true });
  await symlink(join(folder.path, 'a/near'), join(folder.path, 'a/own/node_modules/near'));
  const code = codeOf([entry(file)]);
  expect(Object.keys(code)).toEqual(['near', 'other', 'own']);
  expect(code['other']).toBe('1.2.3');
  expect(code['own']).toMatch(/^1\.2\.3\+[0-9a-f]{12}$/);
  expect(code['near']).toMatch(/^1\.2\.3\+[0-9a-f]{12}$/);
});

it('has another digest for other code, and the same for other tests', async () => {
  const digests: (string | undefined)[] = [];
  for (const [place, more] of [
    ['p1/same', ['src/x.ts', 'a']],
    ['p2/same', ['src/x.ts', 'b']],
    ['p3/same', ['src/x.test.ts', 'b']],
    ['p4/same', ['src/x.d.ts', 'c']],
  ] as const) {
    await makePackage(place);
    const file = await put(`${place}/src/plugin.ts`, '');
    await put(`${place}/${more[0]}`, more[1]);
    digests.push(codeOf([entry(file)])['same']);
  }
  expect(new Set(digests).size).toBe(3);
  expect(digests[2]).toBe(digests[3]);
});

it('takes the whole package where the plugin lies beside its package.json', async () => {
  const code: (string | undefined)[] = [];
  for (const place of ['q1/flat', 'q2/flat']) {
    await makePackage(place);
    const file = await put(`${place}/plugin.js`, `// ${place}`);
    code.push(codeOf([entry(file)])['flat']);
  }
  expect(code[0]).toMatch(/^1\.2\.3\+[0-9a-f]{12}$/);
  expect(code[1]).not.toBe(code[0]);
});

it('leaves a local file out, whose version is a digest already', async () => {
  const file = await put('plugin.ts', '');
  expect(codeOf([entry(file, 'sha256:abc')])).toEqual({});
});
