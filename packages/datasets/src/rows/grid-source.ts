/** Puzzles on a square grid as a dataset: each its own group, none with an identifier, as in the reference. */
import type { DatasetSource, Example, ExampleSymmetries, PuzzleGroup } from '@eddy/core';

import type { PuzzleText } from '../text/puzzle-text.ts';
import { chosenRows, expectedRows, type RatedRow, type RowChoice, type RowSource } from './rows.ts';

export interface GridPuzzles<Row> {
  readonly vocabSize: number;
  /** Of inputs and labels. */
  readonly padToken: number;
  readonly text: PuzzleText;
  /** Its `task` names the puzzles. */
  readonly symmetries: ExampleSymmetries;
  readonly example: (row: Row) => Example;
}

/** @param options  `size`: rows and columns. */
export function gridSource<Row extends RatedRow>(
  { vocabSize, padToken, text, symmetries, example }: GridPuzzles<Row>,
  options: RowChoice & { readonly size: number },
  source: RowSource<Row>,
): DatasetSource {
  const { size } = options;
  const { task } = symmetries;
  const shape = { vocabSize, seqLen: size * size, grid: { rows: size, cols: size }, task };
  return {
    describe: () => ({ ...shape, numPuzzleIdentifiers: 1 }),
    metadata: () => ({
      ...shape,
      padId: padToken,
      ignoreLabelId: padToken,
      blankIdentifierId: 0,
    }),
    splits: source.splits,
    expectedSizes: () =>
      Object.fromEntries(
        Object.entries(expectedRows(options, source)).map(([split, rows]) => [
          split,
          { numGroups: rows, numPuzzles: rows, numExamples: rows, meanPuzzleExamples: 1 },
        ]),
      ),
    groups: async function* (split, signal): AsyncGenerator<PuzzleGroup> {
      for await (const row of chosenRows(options, source, split, signal)) {
        yield { puzzles: [{ identifier: 0, examples: [example(row)] }] };
      }
    },
    identifiers: () => ['<blank>'],
    fingerprint: (signal) => source.fingerprint(signal),
    symmetries,
    ...text,
  };
}
