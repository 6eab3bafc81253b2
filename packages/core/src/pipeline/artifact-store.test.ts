import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { artifactKey, canonicalJson, type KeyInputs } from './artifact-key.ts';
import { FileArtifactStore, readKeyInputs } from './artifact-store.ts';
import { changedInputs } from './changed-inputs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'eddy-artifacts-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const { signal } = new AbortController();
const inputs: KeyInputs = {
  stage: 'build',
  config: { size: 4 },
  plugins: { build: 'b@1' },
  inputs: [],
};

function open(forced = false) {
  const reused: string[] = [];
  const store = new FileArtifactStore({
    root,
    isForced: () => forced,
    inputsOf: () => inputs,
    onReuse: (stage, key) => reused.push(`${stage}/${key}`),
  });
  let made = 0;
  const make = (text: string) =>
    store.reuseOrMake(
      'build',
      'k1',
      async (folder) => {
        made++;
        await writeFile(join(folder, 'data'), text);
      },
      signal,
    );
  return { store, make, reused, madeCount: () => made };
}

describe('FileArtifactStore', () => {
  it('makes a result once and says when it is reused', async () => {
    const { make, reused, madeCount } = open();
    const first = await make('one');
    const second = await make('two');
    expect([first.reused, second.reused, madeCount()]).toEqual([false, true, 1]);
    expect(second.path).toBe(join(root, 'build', 'k1'));
    expect(readFileSync(join(second.path, 'data'), 'utf8')).toBe('one');
    expect(reused).toEqual(['build/k1']);
    expect(await readKeyInputs(second.path)).toEqual(inputs);
  });

  it('knows nothing of what a key was made of that a stage made itself', async () => {
    const store = new FileArtifactStore({
      root,
      isForced: () => false,
      inputsOf: () => undefined,
      onReuse: () => undefined,
    });
    await store.reuseOrMake('build', 'own', () => Promise.resolve(), signal);
    const own = join(root, 'build', 'own');
    expect(await readKeyInputs(own)).toBe(undefined);
    expect(changedInputs(undefined, inputs)).toEqual([]);
    writeFileSync(join(own, 'key.json'), '{"stage": "bui');
    expect(await readKeyInputs(own)).toBe(undefined);
  });

  it('makes it anew when forced', async () => {
    await open().make('one');
    const { path, reused } = await open(true).make('two');
    expect(reused).toBe(false);
    expect(readFileSync(join(path, 'data'), 'utf8')).toBe('two');
    expect(readdirSync(join(root, 'build'))).toEqual(['k1']);
  });

  it('leaves nothing behind when making fails or is aborted', async () => {
    const { store } = open();
    const failing = store.reuseOrMake('build', 'k', () => Promise.reject(new Error('no')), signal);
    await expect(failing).rejects.toThrow('no');
    const aborted = store.reuseOrMake(
      'build',
      'k',
      (folder) => Promise.resolve(writeFileSync(join(folder, 'x'), '')),
      AbortSignal.abort(new Error('stop')),
    );
    await expect(aborted).rejects.toThrow('stop');
    expect(readdirSync(join(root, 'build'))).toEqual([]);
  });

  it('removes after a day what a killed process left, and nothing that a living one makes', async () => {
    const { make } = open();
    await make('a');
    const [gone, alive, fresh] = [2 ** 30, process.pid, 2 ** 30].map(
      (pid, i) => `.making-${pid}-${i}`,
    );
    const old = new Date(Date.UTC(2020));
    for (const name of [gone!, alive!, fresh!]) {
      mkdirSync(join(root, 'build', name));
      if (name !== fresh) utimesSync(join(root, 'build', name), old, old);
    }
    rmSync(join(root, 'build', 'k1'), { recursive: true });
    await make('a');
    expect(readdirSync(join(root, 'build')).sort()).toEqual([alive, fresh, 'k1'].sort());
  });

  it('lets two makers of one result both have it', async () => {
    const [a, b] = [open(), open()];
    const results = await Promise.all([a.make('same'), b.make('same')]);
    expect(new Set(results.map(({ path }) => path)).size).toBe(1);
    expect(readdirSync(join(root, 'build'))).toEqual(['k1']);
  });
});

describe('artifactKey', () => {
  it('depends on values, not on the order of keys', () => {
    expect(canonicalJson({ b: 1, a: { d: 2, c: [1] } })).toBe('{"a":{"c":[1],"d":2},"b":1}');
    expect(artifactKey(inputs)).toBe(artifactKey({ ...inputs }));
    expect(artifactKey(inputs)).not.toBe(artifactKey({ ...inputs, config: { size: 6 } }));
    expect(artifactKey(inputs)).not.toBe(artifactKey({ ...inputs, plugins: { build: 'b@2' } }));
    expect(artifactKey(inputs)).not.toBe(artifactKey({ ...inputs, inputs: ['x'] }));
  });

  it('has its differences explained', () => {
    const after = {
      ...inputs,
      config: { size: 6, seed: 1 },
      plugins: { build: 'b@2' },
      inputs: ['x'],
    };
    expect(changedInputs(inputs, after)).toEqual([
      'size: 4 → 6',
      'plugin.build: "b@1" → "b@2"',
      'seed: absent → 1',
      'input 1: absent → "x"',
    ]);
  });
});

it('says of a cache that cannot be written what to do', async () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  const store = new FileArtifactStore({
    root: join(file, 'artifacts'),
    isForced: () => false,
    inputsOf: () => inputs,
    onReuse: () => undefined,
  });
  const made = store.reuseOrMake('build', 'k1', () => Promise.resolve(), signal);
  await expect(made).rejects.toMatchObject({
    code: 'CACHE_UNUSABLE',
    facts: { at: file, fix: expect.stringContaining('EDDY_CACHE') as string },
  });
});

it('leaves errors about other files as they are', async () => {
  const missing = Object.assign(new Error('ENOENT'), { syscall: 'open', path: '/data/a.csv' });
  const store = new FileArtifactStore({
    root,
    isForced: () => false,
    inputsOf: () => inputs,
    onReuse: () => undefined,
  });
  await expect(
    store.reuseOrMake('build', 'k1', () => Promise.reject(missing), signal),
  ).rejects.toBe(missing);
});
