import { definePlugin, type ConfigProblem, type DatasetSource } from '@eddy/core';
import { sudokuRules, symmetryFingerprint, type SudokuSize } from '@eddy/puzzles';
import { z } from 'zod';

import { hubRows, localRows, type FileServices, type RowFormat } from '../rows/file-rows.ts';
import { generatedRows, MAX_GENERATED } from '../rows/generated-rows.ts';
import type { RowSource } from '../rows/rows.ts';
import { hubOptions, localFileOptions, rowChoiceOptions } from '../rows/source-options.ts';
import { missingRows, sourceProblems } from '../rows/source-problems.ts';
import { copySudokuRow, readSudokuCsv } from './csv.ts';
import { sudokuGenerator } from './sudoku-generator.ts';
import type { SudokuRow } from './sudoku-row.ts';
import { sudokuSource } from './sudoku-source.ts';

const size = z.union([z.literal(4), z.literal(6), z.literal(9)]).describe('rows of the grid');
const count = z.int().min(1).max(MAX_GENERATED);
const clues = z.int().min(1);

const generator = z.strictObject({
  size,
  train: count.describe('number of puzzles to train on'),
  test: z
    .int()
    .min(0)
    .max(MAX_GENERATED)
    .describe('number of puzzles to test on; none is an augmented copy of a training puzzle'),
  minClues: clues.optional().describe('fewest givens'),
  maxClues: clues.optional().describe('most givens'),
});

const config = z.strictObject({
  source: z
    .strictObject({
      csv: z
        .strictObject({ ...localFileOptions, size: size.default(9) })
        .optional()
        .describe('local files'),
      generator: generator.optional().describe('generate puzzles with one solution'),
      hub: hubOptions('sapientinc/sudoku-extreme')
        .prefault({})
        .describe(
          'a dataset on the Hugging Face hub; the default unless csv or generator is given',
        ),
    })
    .prefault({})
    .describe('where the puzzles come from'),
  ...rowChoiceOptions,
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
  missingInputs: missingRows,
  create: (options, services): DatasetSource => {
    const { csv, generator: generated } = options.source;
    const gridSize = generated?.size ?? csv?.size ?? 9;
    return sudokuSource({ ...options, size: gridSize }, rowsOf(options, gridSize, services));
  },
});

function rowsOf(
  { source, minDifficulty, seed }: SudokuConfig,
  gridSize: SudokuSize,
  services: FileServices,
): RowSource<SudokuRow> {
  const rules = sudokuRules(gridSize);
  if (source.generator !== undefined) {
    const clues = cluesOf(source.generator);
    const draws = sudokuGenerator(rules, clues, minDifficulty ?? 0);
    return generatedRows(draws, source.generator, seed, services);
  }
  const format: RowFormat<SudokuRow> = {
    read: (file, signal) => readSudokuCsv(file, rules, signal),
    copy: copySudokuRow,
    symmetryClass: ({ givens }) => symmetryFingerprint(givens, rules),
  };
  if (source.csv !== undefined) return localRows(source.csv, format, seed, services);
  return hubRows(source.hub, format, services);
}

function cluesOf(options: z.output<typeof generator>): { min: number; max: number } {
  const standard = DEFAULT_CLUES[options.size];
  const min = options.minClues ?? Math.min(standard.min, options.maxClues ?? standard.min);
  return { min, max: options.maxClues ?? Math.max(standard.max, min) };
}

function problemsOf({ source }: SudokuConfig): ConfigProblem[] {
  const problems = sourceProblems(source);
  if (source.generator !== undefined) {
    const { numCells } = sudokuRules(source.generator.size);
    const { min, max } = cluesOf(source.generator);
    if (min > max || max >= numCells) {
      problems.push({
        path: ['source', 'generator', min > max ? 'minClues' : 'maxClues'],
        message: 'no puzzle has this number of clues',
        expected: `1 ≤ minClues ≤ maxClues < ${numCells}`,
        received: `${min} to ${max}`,
        fix: 'change minClues or maxClues',
      });
    }
  }
  return problems;
}
