/** What all sources of puzzles give, and the choices that apply to each. */
import { randomStream, type RandomStream } from '@eddy/core';

/** A puzzle with its answer, as a source gives it. */
export interface RatedRow {
  /** Difficulty as the source rates it. */
  readonly rating: number;
}

/** Where puzzles come from. */
export interface RowSource<Row> {
  readonly splits: readonly string[];
  rows(split: string, signal: AbortSignal): AsyncIterable<Row>;
  /** Hash of the content that the options do not determine. */
  fingerprint(): Promise<string>;
}

export interface RowChoice {
  /** Puzzles to train on, drawn from those there are; null for all. */
  readonly subsampleSize: number | null;
  readonly testSubsampleSize: number | null;
  /** Only rows rated so much or more. */
  readonly minDifficulty: number | null;
  readonly seed: number;
}

export async function* chosenRows<Row extends RatedRow>(
  choice: RowChoice,
  source: RowSource<Row>,
  split: string,
  signal: AbortSignal,
): AsyncGenerator<Row> {
  const rows = hardEnough(source.rows(split, signal), choice.minDifficulty ?? 0);
  const size = split === 'train' ? choice.subsampleSize : choice.testSubsampleSize;
  if (size === null) yield* rows;
  else yield* await subsample(rows, size, randomStream(choice.seed).stream('subsample', split));
}

async function* hardEnough<Row extends RatedRow>(
  rows: AsyncIterable<Row>,
  minDifficulty: number,
): AsyncGenerator<Row> {
  for await (const row of rows) if (row.rating >= minDifficulty) yield row;
}

/**
 * `size` rows drawn without replacement, in random order; all rows in their order when there are not
 * more (reservoir sampling: one pass, `size` rows in memory).
 *
 * @source Vitter 1985, "Random sampling with a reservoir", algorithm R
 */
async function subsample<T>(
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
