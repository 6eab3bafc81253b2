import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

import { trainingBatches, contentOf, writeDataset } from '@eddy/core/data';
import { randomStream, type DatasetSource, type Example, type PuzzleGroup } from '@eddy/core';
import { datasetSuite } from '@eddy/core/testing';
import maze from '../maze/maze.plugin.ts';
import sudoku from '../sudoku/sudoku.plugin.ts';
import { combinedSource } from './combined-source.ts';

const { signal } = new AbortController();
const services = { configFolder: '.', cacheFolder: '.', offline: true, notify: () => undefined };

const mazes = (seed: number, rest: object = {}): DatasetSource => {
  const source = { generator: { size: 5, train: 10, test: 3, minPathCells: 5, ...rest } };
  return maze.create(maze.config.parse({ source, seed }), services) as DatasetSource;
};

/** Groups of one puzzle each, with these names and a token that tells which. */
function named(first: number, names: readonly string[], splits: readonly string[]): DatasetSource {
  const example = (i: number): Example => {
    const input = new Uint8Array(25).fill(1);
    input[0] = 1 + first + i;
    return { input, label: input };
  };
  return {
    ...mazes(0),
    describe: () => ({ ...mazes(0).describe(), numPuzzleIdentifiers: names.length + 1 }),
    splits,
    async *groups(split): AsyncGenerator<PuzzleGroup> {
      for (const i of names.keys()) {
        if (split === 'test' && i > 0) continue;
        yield { puzzles: [{ identifier: i + 1, examples: [example(i)] }] };
      }
    },
    identifiers: () => ['<blank>', ...names],
  };
}

async function built(source: DatasetSource, folder: string) {
  return writeDataset(folder, contentOf(source, signal));
}

it('gives puzzles identifiers of their own, keeps names, and an epoch visits all groups', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'eddy-combined-'));
  try {
    const source = combinedSource([
      { use: 'one', source: named(0, ['a', 'b'], ['train', 'test']) },
      { use: 'two', source: named(2, ['b', 'c'], ['train']) },
    ]);
    expect(source.splits).toEqual(['train', 'test']);
    expect(source.describe()).not.toHaveProperty('numPuzzleIdentifiers');
    const dataset = await built(source, folder);
    expect(await dataset.identifiers()).toEqual(['<blank>', 'a', 'b', 'b@two', 'c']);
    const train = await dataset.open('train');
    expect([...train.puzzleIdentifiers]).toEqual([1, 2, 3, 4]);
    expect([...(await dataset.open('test')).puzzleIdentifiers]).toEqual([1]);
    const { metadata } = dataset;
    const options = { split: train, metadata, random: randomStream(0), globalBatchSize: 4 };
    for (const batch of trainingBatches({ ...options, epochs: 3 })) {
      expect([...batch.puzzleIdentifiers].sort()).toEqual([1, 2, 3, 4]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('keeps every identifier in its place when names come three times', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'eddy-combined-'));
  try {
    const source = combinedSource([
      { use: 'one', source: named(0, ['b', 'b@two', 'a'], ['train']) },
      { use: 'two', source: named(0, ['b', 'b', 'b', 'c'], ['train']) },
    ]);
    const dataset = await built(source, folder);
    const names = ['<blank>', 'b', 'b@two', 'a', 'b@two-2', 'b@two-3', 'b@two-4', 'c'];
    expect(await dataset.identifiers()).toEqual(names);
    const { puzzleIdentifiers } = await dataset.open('train');
    expect([...puzzleIdentifiers]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(dataset.metadata.numPuzzleIdentifiers).toBe(names.length);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('evaluates sets apart: a split each', () => {
  const source = combinedSource([
    { use: 'maze', source: mazes(0) },
    { use: 'maze', source: mazes(1) },
  ]);
  expect(source.splits).toEqual(['train', 'test-maze', 'test-maze-2']);
  expect(source.describe().numPuzzleIdentifiers).toBe(1);
});

it('takes datasets of one kind only, and names both that differ', () => {
  const config = sudoku.config.parse({ source: { generator: { size: 4, train: 5, test: 1 } } });
  const other = sudoku.create(config, services) as DatasetSource;
  const parts = [
    { use: 'maze', source: mazes(0) },
    { use: 'sudoku', source: other },
  ];
  expect(() => combinedSource(parts)).toThrow(
    expect.objectContaining({
      code: 'COMBINED_DATASETS_DIFFER',
      facts: expect.objectContaining({
        expected: 'task "maze", as datasets[0] (maze)',
        received: 'task "sudoku" of datasets[1] (sudoku)',
      }) as object,
    }) as Error,
  );
});

datasetSuite({
  name: 'combined',
  create: () =>
    combinedSource([
      { use: 'maze', source: mazes(0) },
      { use: 'maze', source: { ...mazes(5), splits: ['train'] } },
    ]),
});
