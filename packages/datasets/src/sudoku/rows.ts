/** What all sources of Sudoku puzzles give, and the choices that apply to each. */
import type { RandomStream } from '@eddy/core';
import type { SudokuGrid } from '@eddy/puzzles';

export interface SudokuRow {
  readonly givens: SudokuGrid;
  readonly solution: SudokuGrid;
  /** Guesses of a backtracking solver. */
  readonly rating: number;
}

/** Where puzzles come from. */
export interface SudokuRows {
  readonly splits: readonly string[];
  rows(split: string, signal: AbortSignal): AsyncIterable<SudokuRow>;
  /** Hash of the content that the options do not determine. */
  fingerprint(): Promise<string>;
}

/**
 * `size` rows drawn without replacement, in random order; all rows in their order when there are not
 * more (reservoir sampling: one pass, `size` rows in memory).
 *
 * @source Vitter 1985, "Random sampling with a reservoir", algorithm R
 */
export async function subsample<T>(
  rows: AsyncIterable<T>,
  size: number,
  random: RandomStream,
): Promise<readonly T[]> {
  const kept: T[] = [];
  let seen = 0;
  for await (const row of rows) {
    seen += 1;
    if (kept.length < size) {
      kept.push(row);
      continue;
    }
    const place = random.integer(seen);
    if (place < size) kept[place] = row;
  }
  if (seen <= size) return kept;
  return Array.from(random.permutation(kept.length), (place) => kept[place]!);
}
