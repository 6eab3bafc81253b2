import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { randomStream, type DatasetArtifact, type DatasetSource } from '@eddy/core';
import { contentOf, writeDataset, type StoredDataset } from '@eddy/core/data';
import { datasetSuite } from '@eddy/core/testing';
import { combinedSource } from '../combined/combined-source.ts';
import dihedral from '../dihedral/dihedral.plugin.ts';
import maze from '../maze/maze.plugin.ts';
import { npyHeader } from '../npy/npy-header.ts';
import { foldersOf, splitsOf } from './layout.ts';
import referenceFolder from './reference-folder.plugin.ts';
import { writeReferenceFolder } from './write-folder.ts';

const { signal } = new AbortController();
const services = { cacheFolder: '.', offline: true, notify: () => undefined };

let temporary: string;
beforeEach(async () => (temporary = await mkdtemp(path.join(tmpdir(), 'eddy-reference-'))));
afterEach(() => rm(temporary, { recursive: true }));

const open = (folder: string, options: object = {}) =>
  referenceFolder.create(referenceFolder.config.parse({ folder, ...options }), {
    configFolder: temporary,
  }) as Promise<DatasetSource>;

async function stored(source: DatasetSource, folder: string): Promise<StoredDataset> {
  return writeDataset(folder, contentOf(source, signal));
}

const mazeSource = (seed = 0): DatasetSource => {
  const source = { generator: { size: 5, train: 12, test: 4, minPathCells: 4 } };
  const built = { ...services, configFolder: temporary };
  return maze.create(maze.config.parse({ source, seed }), built) as DatasetSource;
};
const mazes = (folder: string) => stored(mazeSource(), folder);

/** A small folder of mazes as we export it. */
async function exported(name = 'out'): Promise<string> {
  const target = path.join(temporary, name);
  await writeReferenceFolder(await mazes(path.join(temporary, `${name}-arrow`)), target, signal);
  return target;
}

describe('writing and reading', () => {
  it('gives back what was written, and says what it is', async () => {
    const original = await mazes(path.join(temporary, 'arrow'));
    const target = path.join(temporary, 'out');
    expect(await writeReferenceFolder(original, target, signal)).toEqual({ train: 12, test: 4 });
    const source = await open('out');
    expect(source.describe()).toEqual({
      vocabSize: 6,
      seqLen: 25,
      grid: { rows: 5, cols: 5 },
      task: 'maze',
      numPuzzleIdentifiers: 1,
    });
    expect(source.symmetries?.task).toBe('maze');
    const again = await stored(source, path.join(temporary, 'again'));
    expect(again.metadata).toEqual(original.metadata);
    for (const split of ['train', 'test']) {
      // The format has no place for ratings.
      expect(await again.open(split)).toEqual({ ...(await original.open(split)), ratings: null });
    }
  });

  it('writes a split without examples as numbers', async () => {
    const original = await mazes(path.join(temporary, 'arrow'));
    const none = {
      inputs: new Uint8Array(),
      labels: new Uint8Array(),
      ratings: null,
      puzzleIdentifiers: new Int32Array(),
      puzzleIndices: new Int32Array(1),
      groupIndices: new Int32Array(1),
    };
    const dataset: DatasetArtifact = {
      ...original,
      open: async (name) => ({ ...(await original.open(name)), ...(name === 'test' ? none : {}) }),
    };
    const target = path.join(temporary, 'out');
    expect(await writeReferenceFolder(dataset, target, signal)).toEqual({ train: 12, test: 0 });
    const text = await readFile(path.join(target, 'test', 'dataset.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ mean_puzzle_examples: 0, total_puzzles: 0 });
  });

  it('reads JSON with a byte order mark', async () => {
    const target = await exported();
    const file = path.join(target, 'identifiers.json');
    await writeFile(file, `\uFEFF${await readFile(file, 'utf8')}`);
    expect((await open('out')).identifiers()).toEqual(['<blank>']);
  });

  it('writes the versions of an augmentation that is applied while sampling', async () => {
    const built = await mazes(path.join(temporary, 'arrow'));
    const datasetShape = built.metadata;
    const augmentation = await dihedral.create(dihedral.config.parse({}), { datasetShape });
    const dataset: DatasetArtifact = {
      ...built,
      augmentation: { augmentation: augmentation as never, random: randomStream(0) },
    };
    const target = path.join(temporary, 'out');
    expect(await writeReferenceFolder(dataset, target, signal)).toEqual({ train: 96, test: 4 });
    const { metadata } = await stored(await open('out'), path.join(temporary, 'again'));
    expect(metadata.splits['train']).toEqual({
      numGroups: 12,
      numPuzzles: 96,
      numExamples: 96,
      meanPuzzleExamples: 1,
    });
  });

  it('keeps the test splits of a combined dataset apart, as sets of one folder', async () => {
    const parts = [0, 5].map((seed) => ({ use: 'maze', source: mazeSource(seed) }));
    const original = await stored(combinedSource(parts), path.join(temporary, 'arrow'));
    const target = path.join(temporary, 'out');
    expect(await writeReferenceFolder(original, target, signal)).toEqual({
      train: 24,
      'test-maze': 4,
      'test-maze-2': 4,
    });
    const file = await readFile(path.join(target, 'test/dataset.json'), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ sets: ['maze', 'maze-2'], total_groups: 8 });

    const source = await open('out');
    expect(source.splits).toEqual(['train', 'test-maze', 'test-maze-2']);
    const again = await stored(source, path.join(temporary, 'again'));
    expect(again.metadata).toEqual(original.metadata);
    for (const split of source.splits) {
      expect(await again.open(split)).toEqual({ ...(await original.open(split)), ratings: null });
    }
    expect((await again.open('test-maze')).inputs).not.toEqual(
      (await again.open('test-maze-2')).inputs,
    );
  });

  it.each([
    [['train', 'test'], { train: { all: 'train' }, test: { all: 'test' } }],
    [['test', 'test-hard'], { test: { all: 'test', hard: 'test-hard' } }],
    [['train', 'train-small'], { train: { all: 'train' }, 'train-small': { all: 'train-small' } }],
    [['test-all', 'test-b'], { 'test-all': { all: 'test-all' }, 'test-b': { all: 'test-b' } }],
    [['validation', 'test-a'], { validation: { all: 'validation' }, 'test-a': { all: 'test-a' } }],
  ])('stores the splits %j so that they are found again', (splits, expected) => {
    const folders = foldersOf(splits);
    const sets = Array.from(folders, ([folder, own]) => [folder, Object.fromEntries(own)] as const);
    expect(Object.fromEntries(sets)).toEqual(expected);
    expect(
      Array.from(folders, ([folder, own]) => [...splitsOf(folder, [...own.keys()]).keys()]).flat(),
    ).toEqual(splits);
  });

  it('leaves a folder with files alone', async () => {
    const target = await exported();
    const files = await readdir(target);
    await expect(exported()).rejects.toMatchObject({ code: 'EXPORT_TARGET_EXISTS' });
    expect(await readdir(target)).toEqual(files);
    expect(await readdir(temporary)).not.toContain('out.part');
  });
});

it('neither writes over a file nor reads one as a folder', async () => {
  const file = path.join(temporary, 'file');
  await writeFile(file, 'mine');
  const dataset = await mazes(path.join(temporary, 'arrow'));
  const written = writeReferenceFolder(dataset, file, signal);
  await expect(written).rejects.toMatchObject({ code: 'EXPORT_TARGET_EXISTS' });
  expect(await readFile(file, 'utf8')).toBe('mine');
  await expect(open(file)).rejects.toMatchObject({ code: 'REFERENCE_FOLDER_INVALID' });
});

it('deletes nothing that came into its folder while it wrote', async () => {
  const target = path.join(temporary, 'out');
  const dataset = await mazes(path.join(temporary, 'arrow'));
  const identifiers = async () => {
    await mkdir(target);
    await writeFile(path.join(target, 'notes'), 'mine');
    return dataset.identifiers();
  };
  const slow = Object.create(dataset, { identifiers: { value: identifiers } }) as typeof dataset;
  const written = writeReferenceFolder(slow, target, signal);
  await expect(written).rejects.toMatchObject({ code: 'EXPORT_TARGET_EXISTS' });
  expect(await readFile(path.join(target, 'notes'), 'utf8')).toBe('mine');
});

describe('reading', () => {
  it('takes no notice of what other programs left in the folder', async () => {
    const out = await exported();
    const before = await open('out');
    const fingerprint = await before.fingerprint();
    for (const name of ['.ipynb_checkpoints', 'train - Copy']) {
      await cp(path.join(out, 'train'), path.join(out, name), { recursive: true });
    }
    await mkdir(path.join(out, 'train', '.ipynb_checkpoints'));
    await writeFile(path.join(out, 'train', '.DS_Store'), 'x');
    await writeFile(path.join(out, 'train', '._all__inputs.npy'), 'x');
    const after = await open('out');
    expect(after.splits).toEqual(before.splits);
    expect(await after.fingerprint()).toBe(fingerprint);
  });

  it.each(['train/dataset.json', 'identifiers.json', 'train/all__inputs.npy'])(
    'names %s as what Git LFS left out',
    async (name) => {
      const out = await exported();
      const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n';
      await writeFile(path.join(out, name), pointer);
      const reading = async () => stored(await open('out'), path.join(temporary, 'again'));
      await expect(reading()).rejects.toMatchObject({
        code: 'GIT_LFS_POINTER',
        facts: { at: path.join(out, name) },
      });
    },
  );

  it('takes a folder that HRM built, without total_puzzles', async ({ skip }) => {
    const data = path.join(process.env['EDDY_DATA'] ?? path.resolve('../shared/data'), 'maze');
    if (!existsSync(data)) skip(`no real data: ${data} is absent (set EDDY_DATA)`);
    const theirs = await stored(await open(path.join(data, 'hrm_npy')), path.join(temporary, 'a'));
    const source = {
      csv: { train: path.join(data, 'train.csv'), test: path.join(data, 'test.csv') },
    };
    const fromCsv = await maze.create(maze.config.parse({ source }), {
      ...services,
      configFolder: temporary,
    });
    const ours = await stored(fromCsv as DatasetSource, path.join(temporary, 'b'));
    expect(theirs.metadata).toEqual(ours.metadata);
    for (const name of ['train', 'test']) {
      const [split, expected] = [await theirs.open(name), await ours.open(name)];
      // `toEqual` takes a minute for a million tokens.
      expect(Buffer.compare(split.inputs, expected.inputs)).toBe(0);
      expect(Buffer.compare(split.labels, expected.labels)).toBe(0);
      expect(split.groupIndices).toEqual(expected.groupIndices);
    }
  });

  it.each([
    [
      'no folder at all',
      () => rm(path.join(temporary, 'out'), { recursive: true }),
      'DATA_FILE_MISSING',
    ],
    ['no metadata', (out: string) => removeAll(out, 'train/dataset.json', 'test/dataset.json')],
    ['no names', (out: string) => removeAll(out, 'identifiers.json')],
    ['names that are no list', (out: string) => put(out, 'identifiers.json', '{"a": 1}')],
    ['too many names', (out: string) => put(out, 'identifiers.json', '["<blank>", "x"]')],
    ['JSON that is none', (out: string) => put(out, 'train/dataset.json', '{"pad_id": 0,')],
    [
      'a negative length',
      (out: string) => edit(out, 'train/dataset.json', '"seq_len":25', '"seq_len":-25'),
    ],
    [
      'a set that is not there',
      (out: string) => edit(out, 'test/dataset.json', '["all"]', '["all","more"]'),
      'NPY_INVALID',
    ],
    [
      'another length',
      (out: string) => edit(out, 'train/dataset.json', '"seq_len":25', '"seq_len":24'),
    ],
    [
      'splits that disagree',
      (out: string) => edit(out, 'test/dataset.json', '"vocab_size":6', '"vocab_size":7'),
    ],
    [
      'a set with a path',
      (out: string) => edit(out, 'train/dataset.json', '"all"', '"../test/all"'),
    ],
    [
      'another number of groups',
      (out: string) => edit(out, 'train/dataset.json', '"total_groups":12', '"total_groups":11'),
    ],
    ['no inputs', (out: string) => removeAll(out, 'train/all__inputs.npy'), 'NPY_INVALID'],
    [
      'labels of other rows',
      (out: string) => copyOver(out, 'test/all__labels.npy', 'train/all__labels.npy'),
    ],
    [
      'lists for grids',
      (out: string) => copyOver(out, 'train/all__puzzle_indices.npy', 'train/all__inputs.npy'),
    ],
    [
      'grids for lists',
      (out: string) => copyOver(out, 'train/all__inputs.npy', 'train/all__puzzle_indices.npy'),
    ],
    [
      'offsets that fall',
      (out: string) => put(out, 'train/all__group_indices.npy', indices(0, 5, 3, 12)),
    ],
    [
      'offsets that end early',
      (out: string) => put(out, 'train/all__group_indices.npy', indices(0, 5, 11)),
    ],
    ['no offsets', (out: string) => put(out, 'train/all__group_indices.npy', indices())],
    [
      'an identifier without a name',
      (out: string) =>
        put(out, 'train/all__puzzle_identifiers.npy', indices(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9)),
    ],
    [
      'too few identifiers',
      (out: string) => put(out, 'train/all__puzzle_identifiers.npy', indices(0)),
    ],
  ])('refuses %s, by file', async (_, damage, code = 'REFERENCE_FOLDER_INVALID') => {
    const out = await exported();
    await damage(out);
    const read = async () => stored(await open('out'), path.join(temporary, 'again'));
    await expect(read()).rejects.toMatchObject({
      code,
      facts: { at: expect.stringContaining(out) as string },
    });
  });
});

const removeAll = (out: string, ...files: readonly string[]) =>
  Promise.all(files.map((file) => rm(path.join(out, file))));
const put = (out: string, file: string, content: string | Buffer) =>
  writeFile(path.join(out, file), content);
const copyOver = (out: string, from: string, to: string) =>
  cp(path.join(out, from), path.join(out, to));

async function edit(out: string, file: string, from: string, to: string): Promise<void> {
  const text = await readFile(path.join(out, file), 'utf8');
  expect(text).toContain(from);
  await put(out, file, text.replace(from, to));
}

function indices(...values: readonly number[]): Buffer {
  const header = npyHeader({ dtype: 'int32', shape: [values.length] });
  return Buffer.concat([header, Buffer.from(Int32Array.from(values).buffer)]);
}

let suiteFolder: string;
beforeAll(async () => {
  suiteFolder = await mkdtemp(path.join(tmpdir(), 'eddy-reference-suite-'));
  const built = await mazes(path.join(suiteFolder, 'arrow'));
  await writeReferenceFolder(built, path.join(suiteFolder, 'out'), signal);
});
afterAll(() => rm(suiteFolder, { recursive: true }));

datasetSuite({
  name: 'reference-folder',
  create: () => open(path.join(suiteFolder, 'out')),
});
