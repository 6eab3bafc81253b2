/** What all sources of puzzles give, and the choices that apply to each. */
import { randomStream, type RandomStream } from '@eddy/core';

import { ratingsMissing } from './errors.ts';

/** A puzzle with its answer, as a source gives it. */
export interface RatedRow {
  /** Difficulty as the source rates it; NaN where it does not. */
  readonly rating: number;
}

/**
 * Rows as they are read, many of them between two turns of the event loop. A row may be written over
 * when the next one is taken.
 */
export type StreamedRows<Row> = AsyncIterable<Iterable<Row>>;

/** Where puzzles come from. */
export interface RowSource<Row> {
  readonly splits: readonly string[];
  /** Rows of each split whose number is known without reading them. */
  readonly counts?: Readonly<Record<string, number>>;
  rows(split: string, signal: AbortSignal): StreamedRows<Row>;
  /** A row to keep while others are taken. */
  copy(row: Row): Row;
  /** Hash of the content that the options do not determine. */
  fingerprint(signal?: AbortSignal): Promise<string>;
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
  const { minDifficulty, seed } = choice;
  const all = source.rows(split, signal);
  const rows = minDifficulty === null ? all : hardEnough(all, minDifficulty);
  const size = split === 'train' ? choice.subsampleSize : choice.testSubsampleSize;
  if (size === null) for await (const some of rows) yield* some;
  else {
    const random = randomStream(seed).stream('subsample', split);
    yield* await subsample(rows, size, random, (row) => source.copy(row));
  }
}

async function* hardEnough<Row extends RatedRow>(
  rows: StreamedRows<Row>,
  minDifficulty: number,
): AsyncGenerator<Iterable<Row>> {
  const isHardEnough = ({ rating }: RatedRow) => {
    if (Number.isNaN(rating)) throw ratingsMissing(minDifficulty);
    return rating >= minDifficulty;
  };
  for await (const some of rows) yield filtered(some, isHardEnough);
}

export function* filtered<Row>(
  rows: Iterable<Row>,
  isWanted: (row: Row) => boolean,
): Generator<Row> {
  for (const row of rows) if (isWanted(row)) yield row;
}

/**
 * The number of rows that `chosenRows` is going to give of each split, where it is known without reading them: a
 * least difficulty leaves out rows that nobody has counted, so that only a number to draw is known then.
 */
export function expectedRows<Row>(
  { minDifficulty, subsampleSize, testSubsampleSize }: RowChoice,
  { splits, counts = {} }: RowSource<Row>,
): Readonly<Record<string, number>> {
  const known = splits.flatMap((split): [string, number][] => {
    const size = split === 'train' ? subsampleSize : testSubsampleSize;
    const count = minDifficulty === null ? counts[split] : undefined;
    if (count === undefined) return size === null ? [] : [[split, size]];
    return [[split, Math.min(count, size ?? count)]];
  });
  return Object.fromEntries(known);
}

/**
 * `size` rows drawn without replacement, in random order; all rows in their order when there are not
 * more (reservoir sampling: one pass, `size` rows in memory).
 *
 * @source Vitter 1985, "Random sampling with a reservoir", algorithm R
 */
async function subsample<Row>(
  rows: StreamedRows<Row>,
  size: number,
  random: RandomStream,
  copy: (row: Row) => Row,
): Promise<readonly Row[]> {
  const kept: Row[] = [];
  let seen = 0;
  for await (const some of rows) {
    for (const row of some) {
      seen += 1;
      const place = seen <= size ? kept.length : random.integer(seen);
      if (place < size) kept[place] = copy(row);
    }
  }
  if (seen <= size) return kept;
  return Array.from(random.permutation(kept.length), (place) => kept[place]!);
}
