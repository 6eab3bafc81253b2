/** Sudoku as a dataset: rows → tokens, with the reference's metadata. */
import type { DatasetSource } from '@eddy/core';
import { SUDOKU_PAD_TOKEN, sudokuRules, type SudokuSize, sudokuTokensOf } from '@eddy/puzzles';

import { gridSource } from '../rows/grid-source.ts';
import type { RowChoice, RowSource } from '../rows/rows.ts';
import type { SudokuRow } from './sudoku-row.ts';
import { sudokuSymmetries } from './sudoku-symmetries.ts';
import { sudokuText } from './text.ts';

export interface SudokuSourceOptions extends RowChoice {
  readonly size: SudokuSize;
}

/**
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_sudoku_dataset.py; its
 * subsample is not seeded.
 */
export function sudokuSource(
  options: SudokuSourceOptions,
  source: RowSource<SudokuRow>,
): DatasetSource {
  const sudokus = {
    // Padding, blank and the digits.
    vocabSize: options.size + 2,
    padToken: SUDOKU_PAD_TOKEN,
    text: sudokuText(sudokuRules(options.size)),
    symmetries: sudokuSymmetries,
    example: ({ givens, solution, rating }: SudokuRow) => ({
      input: sudokuTokensOf(givens),
      label: sudokuTokensOf(solution),
      rating,
    }),
  };
  return gridSource(sudokus, options, source);
}
