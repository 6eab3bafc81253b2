/** The leakage guard on real and generated data: the published overlap of ARC, Sudokus, mazes. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

import { compareSplits, contentOf, writeDataset } from '@eddy/core/data';
import { randomStream, type DatasetSource, type Split } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import {
  applyDihedral,
  applySymmetry,
  drawSymmetry,
  sudokuGridOf,
  sudokuRules,
  sudokuTokensOf,
} from '@eddy/puzzles';
import arc from './arc/arc.plugin.ts';
import { mazeSymmetries } from './maze/maze-symmetries.ts';
import maze from './maze/maze.plugin.ts';
import { sudokuSymmetries } from './sudoku/sudoku-symmetries.ts';
import sudoku from './sudoku/sudoku.plugin.ts';

const { signal } = new AbortController();
const services = { configFolder: '.', cacheFolder: '.', offline: true, notify: () => undefined };
const data = process.env['EDDY_DATA'] ?? path.resolve('../shared/data');

const folder = freshFolder();

let built = 0;
async function splitsOf(source: DatasetSource): Promise<Record<string, Split>> {
  const dataset = await writeDataset(
    path.join(folder.path, String(built++)),
    contentOf(source, signal),
  );
  const splits: Record<string, Split> = {};
  for (const name of source.splits) splits[name] = await dataset.open(name);
  return splits;
}

/** The split with each example moved: first of inputs, then of labels. */
function moved(split: Split, move: (tokens: Uint8Array, example: number) => Uint8Array): Split {
  const moveAll = (tokens: Uint8Array) => {
    const result = tokens.slice();
    for (let i = 0; i < tokens.length / split.seqLen; i++) {
      const own = tokens.slice(i * split.seqLen, (i + 1) * split.seqLen);
      result.set(move(own, i), i * split.seqLen);
    }
    return result;
  };
  return { ...split, inputs: moveAll(split.inputs), labels: moveAll(split.labels) };
}

it('finds shuffled Sudokus, and none between the generated splits', async () => {
  const source = { generator: { size: 9, train: 60, test: 40 } };
  const { train, test } = await splitsOf(
    (await sudoku.create(sudoku.config.parse({ source }), services)) as DatasetSource,
  );
  const rules = sudokuRules(9);
  const copies = moved(train!, (tokens, i) =>
    sudokuTokensOf(
      applySymmetry(sudokuGridOf(tokens), drawSymmetry(rules, randomStream(i)), rules),
    ),
  );
  const found = await compareSplits(train!, copies, sudokuSymmetries, signal);
  expect(found.report).toMatchObject({ examples: 60, leakedExamples: 60 });
  const none = await compareSplits(train!, test!, sudokuSymmetries, signal);
  expect(none.report).toMatchObject({ examples: 40, leakedExamples: 0 });
});

it('finds turned mazes, and none between the generated splits', async () => {
  const source = { generator: { size: 7, train: 60, test: 40, minPathCells: 8 } };
  const { train, test } = await splitsOf(
    (await maze.create(maze.config.parse({ source }), services)) as DatasetSource,
  );
  const turned = moved(
    train!,
    (cells, i) => applyDihedral({ rows: 7, cols: 7, cells }, ((i % 7) + 1) as 1).cells,
  );
  const found = await compareSplits(train!, turned, mazeSymmetries, signal);
  expect(found.report.leakedExamples).toBe(60);
  const none = await compareSplits(train!, test!, mazeSymmetries, signal);
  expect(none.report.leakedExamples).toBe(0);
});

it('finds 376 tasks of ARC-AGI-1 evaluation in ARC-AGI-2 training', async ({ skip }) => {
  const files = {
    evaluation: path.join(data, 'arc-agi-1/data/evaluation'),
    training2: path.join(data, 'arc-agi-2/data/training'),
  };
  if (!Object.values(files).every((file) => existsSync(file))) {
    skip(`no real data in ${data} (set EDDY_DATA)`);
  }
  const splits = async (subset: string, testSubsets: readonly string[]) => {
    const options = { source: { folders: files }, subsets: [subset], testSubsets };
    return splitsOf((await arc.create(arc.config.parse(options), services)) as DatasetSource);
  };
  const { train, ...rest } = await splits('training2', []);
  const { test } = await splits('evaluation', ['evaluation']);
  expect(rest).toEqual({});
  const source = await arc.create(
    arc.config.parse({ source: { folders: files }, subsets: ['evaluation'] }),
    services,
  );
  const { report } = await compareSplits(train!, test!, source.symmetries!, signal);
  // A task counts when one of its test pairs is trained on; equal sets of pairs would be 375.
  expect(report).toMatchObject({ groups: 400, leakedGroups: 376, examples: 419 });
});
