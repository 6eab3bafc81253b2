/** `build.validation` on Sudokus, mazes and ARC: no puzzle on both sides, whatever the symmetry. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  compareSplits,
  contentOf,
  holdOutValidation,
  openDataset,
  writeDataset,
} from '@eddy/core/data';
import type { DatasetSource, Split } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import arc from './arc/arc.plugin.ts';
import { testPuzzlesOf } from './arc/test-puzzles.ts';
import maze from './maze/maze.plugin.ts';
import sudoku from './sudoku/sudoku.plugin.ts';

const { signal } = new AbortController();
const folder = freshFolder();
const services = () => ({
  configFolder: folder.path,
  cacheFolder: '.',
  offline: true,
  notify: () => undefined,
});
const data = process.env['EDDY_DATA'] ?? path.resolve('../shared/data');

async function heldOut(source: DatasetSource, part: number) {
  const place = path.join(folder.path, 'data');
  const { metadata } = await writeDataset(place, contentOf(source, signal));
  const { symmetries } = source;
  await holdOutValidation(place, { part, symmetries, signal });
  const dataset = await openDataset(place);
  const train = await dataset.open('train');
  const validation = await dataset.open('validation');
  const compared = await compareSplits(train, validation, symmetries!, signal);
  return { before: metadata, dataset, train, validation, report: compared.report };
}

const examplesOf = ({ puzzleIndices }: Split) => puzzleIndices.at(-1)!;

describe('build.validation', () => {
  it.each([4, 6, 9] as const)('parts Sudokus of %i rows', async (size) => {
    const source = { generator: { size, train: 200, test: 10 } };
    const { train, validation, report } = await heldOut(
      (await sudoku.create(sudoku.config.parse({ source }), services())) as DatasetSource,
      0.1,
    );
    expect([examplesOf(train), examplesOf(validation)]).toEqual([180, 20]);
    expect(report.leakedExamples).toBe(0);
  });

  it('parts mazes', async () => {
    const source = { generator: { size: 5, train: 120, test: 4, minPathCells: 4 } };
    const { train, validation, report } = await heldOut(
      (await maze.create(maze.config.parse({ source }), services())) as DatasetSource,
      0.25,
    );
    expect([examplesOf(train), examplesOf(validation)]).toEqual([90, 30]);
    expect(report.leakedExamples).toBe(0);
  });

  it('parts pairs of ARC tasks, of which every task keeps most', async () => {
    const pair = (n: number, i: number) => ({
      input: [[(n * 3 + i) % 10, i % 10, n % 10]],
      output: [[n % 10], [(i * 7 + n) % 10], [(n + i) % 10]],
    });
    const subset = path.join(folder.path, 'tasks');
    await mkdir(subset, { recursive: true });
    for (let n = 0; n < 30; n++) {
      const train = Array.from({ length: 2 + (n % 4) }, (_, i) => pair(n, i));
      const text = JSON.stringify({ train, test: [pair(n, 9)] });
      await writeFile(path.join(subset, `task${n}.json`), text);
    }
    const options = { source: { folders: { a: 'tasks' } }, subsets: ['a'], testSubsets: ['a'], canvas: 5 }; // prettier-ignore
    const { before, dataset, train, validation, report } = await heldOut(
      (await arc.create(arc.config.parse(options), services())) as DatasetSource,
      0.1,
    );
    const total = before.splits['train']!.numExamples;
    expect(examplesOf(train) + examplesOf(validation)).toBe(total);
    expect(examplesOf(validation)).toBeGreaterThanOrEqual(Math.floor(total / 10) - 3);
    expect(examplesOf(validation)).toBeLessThanOrEqual(Math.round(total / 10));
    expect(report.leakedExamples).toBe(0);
    // Each task is still trained, with more than half of its pairs; the test pairs are what they were.
    expect(train.puzzleIdentifiers).toHaveLength(30);
    const heldOutOf = new Map([...validation.puzzleIdentifiers].map((id, p) => [id, validation.puzzleIndices[p + 1]! - validation.puzzleIndices[p]!])); // prettier-ignore
    for (const [p, id] of train.puzzleIdentifiers.entries()) {
      const kept = train.puzzleIndices[p + 1]! - train.puzzleIndices[p]!;
      expect(heldOutOf.get(id) ?? 0).toBeLessThan(kept);
    }
    expect(dataset.metadata.splits['test']).toEqual(before.splits['test']);
    const puzzles = Object.values(await testPuzzlesOf(dataset));
    expect(puzzles).toHaveLength(30);
    expect(puzzles.every(({ test }) => test.length === 1)).toBe(true);
    expect(puzzles.flatMap((task) => task.train)).toHaveLength(examplesOf(train));
  });
});

const kaggle = path.join(data, 'arc-kaggle-combined');

it('parts ARC-AGI-1 as published', { timeout: 120_000 }, async ({ skip }) => {
  if (!existsSync(kaggle)) skip(`no real data in ${data} (set EDDY_DATA)`);
  const options = { source: { combined: path.join(kaggle, 'arc-agi') } };
  const { train, validation, report } = await heldOut(
    (await arc.create(arc.config.parse(options), services())) as DatasetSource,
    0.1,
  );
  expect(train.puzzleIdentifiers).toHaveLength(960);
  expect(examplesOf(train) + examplesOf(validation)).toBe(3988);
  expect(examplesOf(validation)).toBe(399);
  expect(report).toMatchObject({ examples: 399, leakedExamples: 0 });
});
