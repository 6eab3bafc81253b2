import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { DatasetSource, Example } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import {
  canonicalMaze,
  judgeAnswer,
  markPath,
  mazeOf,
  numShortestPaths,
  shortestPath,
} from '@eddy/puzzles';
import maze from './maze.plugin.ts';

const folder = freshFolder();

const create = (options: object): DatasetSource =>
  maze.create(maze.config.parse(options), {
    configFolder: folder.path,
    cacheFolder: folder.path,
    offline: true,
    notify: () => undefined,
  }) as DatasetSource;
const problems = (options: object) => maze.check!(maze.config.parse(options), {});
const generated = (rest: object = {}) => ({
  source: { generator: { size: 8, train: 60, test: 40, minPathCells: 12, ...rest } },
});

async function examplesOf(source: DatasetSource, split: string): Promise<Example[]> {
  const examples: Example[] = [];
  for await (const group of source.groups(split, new AbortController().signal)) {
    examples.push(...group.puzzles.flatMap((puzzle) => puzzle.examples));
  }
  return examples;
}

describe('generator', () => {
  it('labels mazes with the path that the rule picks', async () => {
    const source = create(generated());
    expect(source.describe()).toEqual({
      vocabSize: 6,
      seqLen: 64,
      grid: { rows: 8, cols: 8 },
      task: 'maze',
      numPuzzleIdentifiers: 1,
    });
    const examples = [
      ...(await examplesOf(source, 'train')),
      ...(await examplesOf(source, 'test')),
    ];
    expect(examples).toHaveLength(100);
    for (const { input, label, rating } of examples) {
      const question = mazeOf(input);
      const way = shortestPath(question)!;
      expect(way.length).toBe(rating);
      expect(rating).toBeGreaterThanOrEqual(12);
      expect(mazeOf(label)).toEqual(markPath(question, way));
      expect(judgeAnswer(question, mazeOf(label)).isShortest).toBe(true);
    }
  });

  it('draws mazes with one shortest path, where that is asked for', async () => {
    const numsOfPaths = async (rest: object) =>
      (await examplesOf(create(generated(rest)), 'train')).map(({ input }) =>
        numShortestPaths(mazeOf(input), 9),
      );
    expect(await numsOfPaths({ onePath: true })).toEqual(Array<number>(60).fill(1));
    expect(Math.max(...(await numsOfPaths({})))).toBe(9);
  });

  it('keeps turned copies of training mazes out of the test split', async () => {
    const source = create(generated({ size: 3, train: 500, test: 100, minPathCells: 3 }));
    const keys = async (split: string) =>
      (await examplesOf(source, split)).map(({ input }) => canonicalMaze(mazeOf(input)));
    const train = new Set(await keys('train'));
    expect((await keys('test')).filter((key) => train.has(key))).toEqual([]);
  });

  it('is a function of the seed', async () => {
    const inputs = async (seed: number) =>
      (await examplesOf(create({ ...generated(), seed }), 'train')).map(({ input }) => input);
    expect(await inputs(0)).toEqual(await inputs(0));
    expect(await inputs(1)).not.toEqual(await inputs(0));
  });

  it('says when there are no more mazes, or can be none', async () => {
    const few = create(generated({ size: 3, train: 100_000, minPathCells: 6 }));
    await expect(examplesOf(few, 'train')).rejects.toMatchObject({ code: 'GENERATOR_EXHAUSTED' });
    expect(problems(generated({ minPathCells: 60 }))).toEqual([
      expect.objectContaining({ path: ['source', 'generator', 'minPathCells'] }),
    ]);
    expect(problems(generated({ minWalls: 0.6, maxWalls: 0.5 }))).toHaveLength(1);
    expect(problems(generated())).toEqual([]);
  });
});

describe('csv', () => {
  const QUESTION = '  S # G  ';
  const ANSWER = '  S #oGoo';
  const csv = (size = 3) => ({ source: { csv: { train: 'train.csv', size } } });
  const write = (row: string) =>
    writeFile(path.join(folder.path, 'train.csv'), `source,question,answer,rating\n${row}\n`);

  it('keeps leading spaces', async () => {
    await write(`made,${QUESTION},${ANSWER},5`);
    const [example] = await examplesOf(create(csv()), 'train');
    expect([...example!.input]).toEqual([2, 2, 3, 2, 1, 2, 4, 2, 2]);
    expect([...example!.label]).toEqual([2, 2, 3, 2, 1, 5, 4, 5, 5]);
    expect(example!.rating).toBe(5);
  });

  it.each([
    ['a trimmed question', `made,${QUESTION.trim()},${ANSWER},5`],
    ['another size', 'made,S  G,SooG,4'],
    ['two goals', `made,G S # G  ,${ANSWER},5`],
    ['an unknown character', `made,..S.#.G..,${ANSWER},5`],
    ['a path through a wall', `made,${QUESTION},  SoooG  ,5`],
    ['a path that ends', `made,${QUESTION},  S #oG o,5`],
    ['a missing field', `made,${QUESTION},${ANSWER}`],
    ['a rating that is no number', `made,${QUESTION},${ANSWER},long`],
  ])('refuses %s, by file and line', async (_, row) => {
    await write(row);
    await expect(examplesOf(create(csv()), 'train')).rejects.toMatchObject({
      code: 'CSV_ROW_INVALID',
      facts: { at: `${path.join(folder.path, 'train.csv')}:2` },
    });
  });

  it('refuses a file that is one endless line, without reading it whole', async () => {
    await write('#'.repeat(3_000_000));
    await expect(examplesOf(create(csv()), 'train')).rejects.toMatchObject({
      code: 'CSV_ROW_INVALID',
    });
  });

  it('reads the genuine maze-30x30-hard-1k', async ({ skip }) => {
    const data = path.join(process.env['EDDY_DATA'] ?? path.resolve('../shared/data'), 'maze');
    if (!existsSync(data)) skip(`no real data: ${data} is absent (set EDDY_DATA)`);
    const [train, test] = ['train', 'test'].map((split) => path.join(data, `${split}.csv`));
    const source = create({ source: { csv: { train, test } } });
    expect(source.describe()).toMatchObject({ seqLen: 900, vocabSize: 6 });
    for (const split of ['train', 'test']) {
      const examples = await examplesOf(source, split);
      expect(examples).toHaveLength(1000);
      expect(examples.every(({ rating }) => rating! >= 110)).toBe(true);
    }
  });
});
