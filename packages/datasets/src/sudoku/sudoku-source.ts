/** Sudoku as a dataset: rows → tokens, with the reference's metadata. */
import { randomStream, type DatasetSource, type Example, type PuzzleGroup } from '@eddy/core';
import { sudokuRules, type SudokuSize } from '@eddy/puzzles';

import { subsample, type SudokuRow, type SudokuRows } from './rows.ts';
import { formatTokens, parseTokens, violationsOf } from './text.ts';
import { PAD_TOKEN, tokensOf } from './tokens.ts';

export interface SudokuSourceOptions {
  readonly size: SudokuSize;
  /** Puzzles to train on, drawn from those there are; null for all. */
  readonly subsampleSize: number | null;
  readonly testSubsampleSize: number | null;
  readonly minDifficulty: number | null;
  readonly seed: number;
}

/**
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_sudoku_dataset.py; its
 * subsample is not seeded.
 */
export function sudokuSource(options: SudokuSourceOptions, source: SudokuRows): DatasetSource {
  const rules = sudokuRules(options.size);
  const { numCells, size } = rules;
  const shape = {
    // Padding, blank and the digits.
    vocabSize: size + 2,
    seqLen: numCells,
    grid: { rows: size, cols: size },
    task: 'sudoku',
  };
  return {
    describe: () => ({ ...shape, numPuzzleIdentifiers: 1 }),
    metadata: () => ({
      ...shape,
      padId: PAD_TOKEN,
      ignoreLabelId: PAD_TOKEN,
      blankIdentifierId: 0,
    }),
    splits: source.splits,
    groups: (split, signal) => groupsOf(chosenRows(options, source, split, signal)),
    identifiers: () => ['<blank>'],
    fingerprint: () => source.fingerprint(),
    parse: (text) => parseTokens(text, rules),
    format: formatTokens,
    violations: (input, answer) => violationsOf(input, answer, rules),
  };
}

async function* chosenRows(
  options: SudokuSourceOptions,
  source: SudokuRows,
  split: string,
  signal: AbortSignal,
): AsyncGenerator<SudokuRow> {
  const rows = hardEnough(source.rows(split, signal), options.minDifficulty ?? 0);
  const size = split === 'train' ? options.subsampleSize : options.testSubsampleSize;
  if (size === null) yield* rows;
  else yield* await subsample(rows, size, randomStream(options.seed).stream('subsample', split));
}

async function* hardEnough(
  rows: AsyncIterable<SudokuRow>,
  minDifficulty: number,
): AsyncGenerator<SudokuRow> {
  for await (const row of rows) if (row.rating >= minDifficulty) yield row;
}

async function* groupsOf(rows: AsyncIterable<SudokuRow>): AsyncGenerator<PuzzleGroup> {
  for await (const { givens, solution, rating } of rows) {
    const example: Example = { input: tokensOf(givens), label: tokensOf(solution), rating };
    yield { puzzles: [{ identifier: 0, examples: [example] }] };
  }
}
