/** Generated puzzles, all different, each symmetry class in one split. */
import { setImmediate } from 'node:timers/promises';

import { randomStream, type RandomStream } from '@eddy/core';

import { generatorExhausted } from './errors.ts';
import { isHeldOut } from './held-out.ts';
import type { RowSource } from './rows.ts';

export interface Generator<Row> {
  /** Name of the random stream. */
  readonly task: string;
  /** Changes when the same seed no longer gives the same puzzles. */
  readonly version: string;
  /** A puzzle, or undefined where the draw came to none that fits the options. */
  draw(random: RandomStream): Row | undefined;
  /** Tells puzzles apart. */
  text(row: Row): string;
  symmetryClass(row: Row): string;
}

/** Part of the symmetry classes that only test puzzles come from. */
const HELD_OUT_PART = 0.25;
/** Candidates in a row without a new puzzle, after which there are none left to find. */
const MAX_REFUSED = 20_000;
/** Candidates between two turns of the event loop. */
const CANDIDATES_A_TURN = 16;

/** No test puzzle is a training puzzle or one of its augmented copies. */
export function generatedRows<Row>(
  generator: Generator<Row>,
  wanted: { readonly train: number; readonly test: number },
  seed: number,
): RowSource<Row> {
  const counts: Readonly<Record<string, number>> = { train: wanted.train, test: wanted.test };
  return {
    splits: Object.keys(counts).filter((split) => counts[split]! > 0),
    rows: (split, signal) => generate(generator, { split, count: counts[split]! }, seed, signal),
    copy: (row) => row,
    fingerprint: () => Promise.resolve(generator.version),
  };
}

async function* generate<Row>(
  generator: Generator<Row>,
  { split, count }: { readonly split: string; readonly count: number },
  seed: number,
  signal: AbortSignal,
): AsyncGenerator<Iterable<Row>> {
  const seen = new Set<string>();
  let refused = 0;
  for (let candidate = 0; seen.size < count; candidate++) {
    if (candidate % CANDIDATES_A_TURN === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    const row = generator.draw(randomStream(seed).stream(generator.task, split, candidate));
    const fits =
      row !== undefined &&
      !seen.has(generator.text(row)) &&
      isHeldOut(generator.symmetryClass(row), HELD_OUT_PART, seed) === (split === 'test');
    if (!fits) {
      refused += 1;
      if (refused < MAX_REFUSED) continue;
      throw generatorExhausted({ split, found: seen.size, wanted: count, candidates: refused });
    }
    refused = 0;
    seen.add(generator.text(row));
    yield [row];
  }
}
