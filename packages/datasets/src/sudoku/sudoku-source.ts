/** Sudoku as a dataset: rows → tokens, with the reference's metadata. */
import type { DatasetSource, Example, PuzzleGroup } from '@eddy/core';
import { sudokuRules, type SudokuSize } from '@eddy/puzzles';

import { chosenRows, type RowChoice, type RowSource } from '../rows/rows.ts';
import type { SudokuRow } from './sudoku-row.ts';
import { sudokuSymmetries } from './sudoku-symmetries.ts';
import { sudokuText } from './text.ts';
import { PAD_TOKEN, tokensOf } from './tokens.ts';

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
    symmetries: sudokuSymmetries,
    ...sudokuText(rules),
  };
}

async function* groupsOf(rows: AsyncIterable<SudokuRow>): AsyncGenerator<PuzzleGroup> {
  for await (const { givens, solution, rating } of rows) {
    const example: Example = { input: tokensOf(givens), label: tokensOf(solution), rating };
    yield { puzzles: [{ identifier: 0, examples: [example] }] };
  }
}
