import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DatasetSource, Example } from '@eddy/core';
import {
  applySymmetry,
  drawSymmetry,
  formatSudoku,
  isCompletion,
  parseSudoku,
  solveSudoku,
  sudokuGridOf,
  sudokuRules,
  type SudokuSize,
  symmetryFingerprint,
} from '@eddy/puzzles';
import { randomStream } from '@eddy/core';
import sudoku from './sudoku.plugin.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'eddy-sudoku-'))));
afterEach(() => rm(folder, { recursive: true }));

const create = (options: object): DatasetSource =>
  sudoku.create(sudoku.config.parse(options), {
    configFolder: folder,
    cacheFolder: folder,
    offline: true,
    notify: () => undefined,
  }) as DatasetSource;
const problems = (options: object) => sudoku.check!(sudoku.config.parse(options), {});

async function examplesOf(source: DatasetSource, split: string): Promise<Example[]> {
  const examples: Example[] = [];
  for await (const group of source.groups(split, new AbortController().signal)) {
    examples.push(...group.puzzles.flatMap((puzzle) => puzzle.examples));
  }
  return examples;
}
const textOf = (tokens: Uint8Array) => formatSudoku(sudokuGridOf(tokens));

const generated = (size: SudokuSize, rest: object = {}) => ({
  source: { generator: { size, train: 60, test: 40, ...rest } },
});

describe('generator', () => {
  it.each([4, 6, 9] as SudokuSize[])(
    'size %i: different puzzles with one solution',
    async (size) => {
      const source = create(generated(size));
      const rules = sudokuRules(size);
      expect(source.describe()).toEqual({
        vocabSize: size + 2,
        seqLen: size * size,
        grid: { rows: size, cols: size },
        task: 'sudoku',
        numPuzzleIdentifiers: 1,
      });
      const train = await examplesOf(source, 'train');
      const test = await examplesOf(source, 'test');
      expect([train.length, test.length]).toEqual([60, 40]);
      for (const { input, label, rating } of [...train, ...test]) {
        const { count, solution, guesses } = solveSudoku(sudokuGridOf(input), rules);
        expect(count).toBe(1);
        expect(sudokuGridOf(label)).toEqual(solution);
        expect(rating).toBe(guesses);
      }
      expect(new Set([...train, ...test].map(({ input }) => textOf(input))).size).toBe(100);
    },
  );

  it('keeps augmented copies of training puzzles out of the test split', async () => {
    const source = create(generated(4, { train: 1000, test: 1000 }));
    const rules = sudokuRules(4);
    const fingerprints = async (split: string) =>
      new Set(
        (await examplesOf(source, split)).map(({ input }) =>
          symmetryFingerprint(sudokuGridOf(input), rules),
        ),
      );
    const [train, test] = [await fingerprints('train'), await fingerprints('test')];
    expect([...test].filter((fingerprint) => train.has(fingerprint))).toEqual([]);
    expect(test.size).toBeGreaterThan(100); // classes, not copies of a few

    // And literally: no shuffle of a training puzzle is a test puzzle.
    const tested = new Set((await examplesOf(source, 'test')).map(({ input }) => textOf(input)));
    const random = randomStream(0);
    for (const { input } of await examplesOf(source, 'train')) {
      for (let i = 0; i < 20; i++) {
        const copy = applySymmetry(sudokuGridOf(input), drawSymmetry(rules, random), rules);
        expect(tested.has(formatSudoku(copy))).toBe(false);
      }
    }
  });

  it('is a function of the seed, and a shorter split is the beginning of a longer one', async () => {
    const texts = async (options: object) =>
      (await examplesOf(create(options), 'train')).map(({ input }) => textOf(input));
    const first = await texts(generated(4));
    expect(await texts(generated(4))).toEqual(first);
    expect((await texts(generated(4, { train: 100, test: 0 }))).slice(0, 60)).toEqual(first);
    expect(await texts({ ...generated(4), seed: 1 })).not.toEqual(first);
  });

  it('keeps to the range of clues and to the difficulty', async () => {
    const hard = create({ ...generated(6, { minClues: 9, maxClues: 11 }), minDifficulty: 2 });
    for (const { input, rating } of await examplesOf(hard, 'train')) {
      const clues = input.filter((token) => token > 1).length;
      expect(clues).toBeLessThanOrEqual(11);
      expect(rating).toBeGreaterThanOrEqual(2);
    }
  });

  it('says when there are no more puzzles', async () => {
    // With one blank there are 288 × 16 puzzles, all in few classes.
    const source = create(generated(4, { train: 5000, test: 0, minClues: 15, maxClues: 15 }));
    await expect(examplesOf(source, 'train')).rejects.toMatchObject({
      code: 'GENERATOR_EXHAUSTED',
    });
  });

  it('has no test split when none is asked for, and stops when told to', async () => {
    expect(create(generated(4, { test: 0 })).splits).toEqual(['train']);
    const groups = create(generated(9)).groups('train', AbortSignal.abort(new Error('stopped')));
    await expect(groups[Symbol.asyncIterator]().next()).rejects.toThrow('stopped');
  });
});

const QUESTION = '1234............';
const ROWS = ['1234341221434321', '1234341243212143', '1234432121433412'];

async function csvFile(name: string, rows: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, ['source,question,answer,rating', ...rows, ''].join('\n'));
  return file;
}

describe('csv', () => {
  const csv = (rest: object) => ({ source: { csv: { size: 4, ...rest } } });

  it('reads puzzles in order, relative to the pipeline file', async () => {
    await csvFile(
      'train.csv',
      ROWS.map((answer, i) => `made,${QUESTION},${answer},${i}`),
    );
    await csvFile('test.csv', [`made,${'0'.repeat(16)},${ROWS[0]},7`]);
    const source = create(csv({ train: 'train.csv', test: 'test.csv' }));
    expect(source.splits).toEqual(['train', 'test']);
    const train = await examplesOf(source, 'train');
    expect(train.map(({ label }) => textOf(label))).toEqual(ROWS);
    expect([...train[0]!.input]).toEqual([2, 3, 4, 5, ...new Array<number>(12).fill(1)]);
    expect(train.map(({ rating }) => rating)).toEqual([0, 1, 2]);
    expect((await examplesOf(source, 'test'))[0]!.input).toEqual(new Uint8Array(16).fill(1));
    const before = await source.fingerprint();
    await csvFile('test.csv', [`made,${'0'.repeat(16)},${ROWS[1]},7`]);
    expect(await create(csv({ train: 'train.csv', test: 'test.csv' })).fingerprint()).not.toBe(
      before,
    );
  });

  it('needs no test file', async () => {
    await csvFile('train.csv', [`made,${QUESTION},${ROWS[0]},0`]);
    expect(create(csv({ train: 'train.csv' })).splits).toEqual(['train']);
    expect(create(csv({ train: 'train.csv', test: null })).splits).toEqual(['train']);
  });

  it('takes rows with CRLF ends and without a last line end', async () => {
    await writeFile(
      path.join(folder, 'train.csv'),
      `source,question,answer,rating\r\nmade,${QUESTION},${ROWS[0]},0\r\nmade,${QUESTION},${ROWS[1]},0`,
    );
    expect(await examplesOf(create(csv({ train: 'train.csv' })), 'train')).toHaveLength(2);
  });

  it.each([
    ['too short a question', `made,123,${ROWS[0]},0`],
    ['a digit beyond the size', `made,5${QUESTION.slice(1)},${ROWS[0]},0`],
    ['an answer with a blank', `made,${QUESTION},${ROWS[0]!.slice(0, 15)}.,0`],
    ['an answer that is wrong', `made,${QUESTION},1234123412341234,0`],
    ['an answer that changes a given', `made,2134............,${ROWS[0]},0`],
    ['a rating that is no number', `made,${QUESTION},${ROWS[0]},hard`],
    ['a missing field', `made,${QUESTION},${ROWS[0]}`],
    ['one field more', `made,x,${QUESTION},${ROWS[0]},0`],
    ['a quote that is not closed', `made,"${QUESTION},${ROWS[0]},0`],
    ['text behind a quote', `"made"x,${QUESTION},${ROWS[0]},0`],
    ['a rating that no number holds', `made,${QUESTION},${ROWS[0]},1e400`],
    ['a rating beyond float32', `made,${QUESTION},${ROWS[0]},1e39`],
    ['a rating of infinity', `made,${QUESTION},${ROWS[0]},inf`],
  ])('refuses %s, by file and line', async (_, row) => {
    const good = `made,${QUESTION},${ROWS[0]},0`;
    const file = await csvFile('train.csv', [good, row, good]);
    await expect(examplesOf(create(csv({ train: 'train.csv' })), 'train')).rejects.toMatchObject({
      code: 'CSV_ROW_INVALID',
      facts: { at: `${file}:3` },
    });
  });

  it('reads a file with a byte order mark', async () => {
    const file = await csvFile('train.csv', [`made,${QUESTION},${ROWS[0]},0`]);
    await writeFile(file, `\uFEFF${await readFile(file, 'utf8')}`);
    expect(await examplesOf(create(csv({ train: 'train.csv' })), 'train')).toHaveLength(1);
  });

  it('refuses another header, an empty file, a missing file', async () => {
    await writeFile(path.join(folder, 'train.csv'), 'question,result\n');
    const source = create(csv({ train: 'train.csv' }));
    await expect(examplesOf(source, 'train')).rejects.toMatchObject({ code: 'CSV_HEADER_INVALID' });
    await writeFile(path.join(folder, 'train.csv'), '');
    await expect(examplesOf(source, 'train')).rejects.toMatchObject({ code: 'CSV_HEADER_INVALID' });
    await expect(examplesOf(create(csv({ train: 'none.csv' })), 'train')).rejects.toMatchObject({
      code: 'DATA_FILE_MISSING',
    });
  });

  it('subsamples the training split, filters both by difficulty', async () => {
    const source4 = create(generated(4, { train: 300, test: 300 }));
    const rows = async (split: string) =>
      (await examplesOf(source4, split)).map(
        ({ input, label }, i) => `made,${textOf(input)},${textOf(label)},${i % 10}`,
      );
    await csvFile('train.csv', await rows('train'));
    await csvFile('test.csv', await rows('test'));
    const files = { train: 'train.csv', test: 'test.csv' };
    const make = (rest: object) => create({ ...csv(files), minDifficulty: 5, ...rest });
    const all = await examplesOf(make({}), 'train');
    expect(all).toHaveLength(150);
    const some = await examplesOf(make({ subsampleSize: 40 }), 'train');
    const texts = some.map(({ input }) => textOf(input));
    expect(new Set(texts).size).toBe(40);
    expect(some.every(({ rating }) => rating! >= 5)).toBe(true);
    const repeated = await examplesOf(make({ subsampleSize: 40 }), 'train');
    expect(repeated).toEqual(some);
    expect(await examplesOf(make({ subsampleSize: 40, seed: 1 }), 'train')).not.toEqual(some);
    expect(await examplesOf(make({ subsampleSize: 150 }), 'train')).toEqual(all);
    expect(await examplesOf(make({ subsampleSize: 40 }), 'test')).toHaveLength(150);
    expect(await examplesOf(make({ testSubsampleSize: 20 }), 'test')).toHaveLength(20);
  });

  it('holds out whole symmetry classes of the training file', async () => {
    const puzzles = await examplesOf(create(generated(4, { train: 300, test: 0 })), 'train');
    const random = randomStream(2);
    const rules = sudokuRules(4);
    const rows = puzzles.flatMap(({ input, label }) => {
      const symmetry = drawSymmetry(rules, random);
      const copy = (tokens: Uint8Array) =>
        formatSudoku(applySymmetry(sudokuGridOf(tokens), symmetry, rules));
      return [`made,${textOf(input)},${textOf(label)},0`, `made,${copy(input)},${copy(label)},0`];
    });
    await csvFile('train.csv', rows);
    // Another seed than the generator's, which has held out classes of its own.
    const source = create({ ...csv({ train: 'train.csv', heldOut: 0.2 }), seed: 5 });
    expect(source.splits).toEqual(['train', 'test']);
    const [train, test] = [await examplesOf(source, 'train'), await examplesOf(source, 'test')];
    expect(train.length + test.length).toBe(600);
    expect(test.length).toBeGreaterThan(60);
    expect(test.length).toBeLessThan(200);
    const classes = new Set(
      train.map(({ input }) => symmetryFingerprint(sudokuGridOf(input), rules)),
    );
    expect(
      test.some(({ input }) => classes.has(symmetryFingerprint(sudokuGridOf(input), rules))),
    ).toBe(false);
  });
});

describe('config', () => {
  it('takes the published recipe from the hub by default', () => {
    expect(sudoku.config.parse({}).source).toEqual({
      hub: {
        repo: 'sapientinc/sudoku-extreme',
        revision: 'main',
        sha256: {},
      },
    });
    expect(create({}).describe()).toMatchObject({ vocabSize: 11, seqLen: 81 });
  });

  it('refuses paths in the name of a repository or revision', () => {
    for (const hub of [{ repo: '../../etc' }, { repo: 'a/b/c' }, { revision: '..' }]) {
      expect(sudoku.config.safeParse({ source: { hub } }).success).toBe(false);
    }
  });

  it('finds contradictions before anything is built', () => {
    const csv = { train: 'a.csv' };
    const generator = { size: 4, train: 1, test: 1 };
    expect(problems({ source: { csv } })).toEqual([]);
    expect(problems({ source: { csv, generator } })).toHaveLength(1);
    expect(problems({ source: { csv: { ...csv, test: 'b.csv', heldOut: 0.1 } } })).toHaveLength(1);
    expect(problems({ source: { generator: { ...generator, minClues: 9, maxClues: 5 } } })).toEqual(
      [expect.objectContaining({ path: ['source', 'generator', 'minClues'] })],
    );
    expect(problems({ source: { generator: { ...generator, maxClues: 16 } } })).toHaveLength(1);
  });
});

it('reads 1,000 genuine Sudoku-Extreme rows', async ({ skip }) => {
  const { existsSync } = await import('node:fs');
  const data = process.env['EDDY_DATA'] ?? path.resolve('../shared/data');
  const file = path.join(data, 'sudoku/real_sudoku_extreme_train_1k.csv');
  if (!existsSync(file)) skip(`no real data: ${file} is absent (set EDDY_DATA)`);
  const source = create({ source: { csv: { train: file } } });
  const examples = await examplesOf(source, 'train');
  expect(examples).toHaveLength(1000);
  const rules = sudokuRules(9);
  for (const { input, label } of examples) {
    expect(isCompletion(sudokuGridOf(label), sudokuGridOf(input), rules)).toBe(true);
    expect(solveSudoku(sudokuGridOf(input), rules).count).toBe(1);
  }
  expect(parseSudoku(textOf(examples[0]!.input), rules)).toEqual(sudokuGridOf(examples[0]!.input));
});
