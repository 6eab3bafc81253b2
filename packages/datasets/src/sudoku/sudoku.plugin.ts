import { definePlugin, type ConfigProblem, type DatasetSource } from '@eddy/core';
import { sudokuRules, type SudokuSize } from '@eddy/puzzles';
import { z } from 'zod';

import { resolveDataFile } from '../files/data-file.ts';
import { hubFile, type HubServices } from '../files/hub-file.ts';
import { fileRows } from './file-rows.ts';
import { generatorRows } from './generator-rows.ts';
import type { SudokuRows } from './rows.ts';
import { sudokuSource } from './sudoku-source.ts';

const size = z.union([z.literal(4), z.literal(6), z.literal(9)]).describe('rows of the grid');
const count = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const csv = z.strictObject({
  train: z.string().min(1).describe('file with puzzles to train on: source,question,answer,rating'),
  test: z.string().min(1).nullish().describe('file with puzzles to test on'),
  heldOut: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('part of the training file to test on instead, never an augmented copy of the rest'),
  size: size.default(9),
});

const hub = z.strictObject({
  repo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .default('sapientinc/sudoku-extreme')
    .describe('data set on the Hugging Face hub with train.csv and test.csv'),
  revision: z
    .string()
    .regex(/^[\w-][\w.-]*$/)
    .default('main')
    .describe('branch, tag or commit; pin a commit for data that cannot change'),
  sha256: z
    .strictObject({ train: sha256.optional(), test: sha256.optional() })
    .prefault({})
    .describe('checksums that the files must have'),
  hubUrl: z.url().default('https://huggingface.co').describe('address of the hub or of a mirror'),
});

const generator = z.strictObject({
  size,
  train: count.describe('puzzles to train on'),
  test: z.int().min(0).describe('puzzles to test on, none an augmented copy of a training puzzle'),
  minClues: count.optional().describe('fewest givens'),
  maxClues: count.optional().describe('most givens'),
});

const config = z.strictObject({
  source: z
    .strictObject({
      csv: csv.optional().describe('local files'),
      generator: generator.optional().describe('new puzzles with one solution'),
      hub: hub.prefault({}).describe('a data set on the hub, unless csv or generator is given'),
    })
    .prefault({})
    .describe('where the puzzles come from'),
  subsampleSize: count
    .nullable()
    .default(null)
    .describe('train on so many puzzles, drawn at random'),
  testSubsampleSize: count.nullable().default(null).describe('test on so many puzzles'),
  minDifficulty: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('only puzzles with a rating of at least this'),
  seed: z.int().min(0).default(0).describe('of generation, subsampling and holding out'),
});

type SudokuConfig = z.output<typeof config>;

/** Givens drawn when the config says nothing: from hard to easy. */
const DEFAULT_CLUES: Record<SudokuSize, { readonly min: number; readonly max: number }> = {
  4: { min: 4, max: 9 },
  6: { min: 9, max: 20 },
  9: { min: 24, max: 40 },
};

export default definePlugin({
  kind: 'dataset',
  name: 'sudoku',
  apiVersion: 1,
  summary: 'Sudoku 4×4, 6×6 or 9×9: CSV files, the Hugging Face hub or a generator',
  config,
  needs: ['configFolder', 'cacheFolder', 'offline', 'notify'],
  check: problemsOf,
  create: (options, services) => createSudoku(options, services),
});

function createSudoku(
  options: SudokuConfig,
  services: HubServices & { readonly configFolder: string },
): DatasetSource {
  const { csv: files, generator: generated } = options.source;
  const gridSize = generated?.size ?? files?.size ?? 9;
  return sudokuSource({ ...options, size: gridSize }, rowsOf(options, services));
}

function rowsOf(
  { source, minDifficulty, seed }: SudokuConfig,
  services: HubServices & { readonly configFolder: string },
): SudokuRows {
  if (source.generator !== undefined) {
    const { min, max } = cluesOf(source.generator);
    const { size, train, test } = source.generator;
    const options = { size, train, test, minClues: min, maxClues: max };
    return generatorRows(options, minDifficulty ?? 0, seed);
  }
  if (source.csv !== undefined) {
    const { train, test, heldOut, size } = source.csv;
    const local = (file: string) => ({
      locate: () => resolveDataFile(file, services.configFolder),
    });
    const files = { train: local(train), ...(test == null ? {} : { test: local(test) }) };
    return fileRows({ size, files, heldOut }, seed);
  }
  const { sha256: sums, ...place } = source.hub;
  const fetched = (split: 'train' | 'test') => {
    const sha256 = sums[split];
    return {
      locate: () => hubFile({ ...place, file: `${split}.csv`, sha256 }, services),
      sha256,
    };
  };
  const files = { train: fetched('train'), test: fetched('test') };
  return fileRows({ size: 9, files, heldOut: 0 }, seed);
}

function cluesOf(options: z.output<typeof generator>): { min: number; max: number } {
  const standard = DEFAULT_CLUES[options.size];
  const min = options.minClues ?? Math.min(standard.min, options.maxClues ?? standard.min);
  return { min, max: options.maxClues ?? Math.max(standard.max, min) };
}

function problemsOf({ source }: SudokuConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (source.csv !== undefined && source.generator !== undefined) {
    problems.push({
      path: ['source'],
      message: 'two sources',
      expected: 'one of csv, generator or hub',
      received: 'csv and generator',
      fix: 'remove one, on the command line by ~build.dataset.source.generator',
    });
  }
  if (source.csv?.test != null && source.csv.heldOut > 0) {
    problems.push({
      path: ['source', 'csv', 'heldOut'],
      message: 'two test splits',
      expected: 'a test file or a held-out part',
      received: `test ${source.csv.test} and heldOut ${source.csv.heldOut}`,
      fix: 'remove one',
    });
  }
  if (source.generator !== undefined) {
    const { numCells } = sudokuRules(source.generator.size);
    const { min, max } = cluesOf(source.generator);
    if (min > max || max >= numCells) {
      problems.push({
        path: ['source', 'generator', min > max ? 'minClues' : 'maxClues'],
        message: 'no puzzle has so many clues',
        expected: `1 ≤ minClues ≤ maxClues < ${numCells}`,
        received: `${min} to ${max}`,
        fix: 'change minClues or maxClues',
      });
    }
  }
  return problems;
}
