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

/** Puzzles of a split at most: their texts are kept in memory, to tell them apart. */
export const MAX_GENERATED = 5_000_000;
/** How long generation is measured before its length is foretold. */
const MEASURED_MS = 2000;
/** What is announced: a minute, or a gigabyte. */
const LONG_MS = 60_000;
const LARGE_BYTES = 1e9;

export interface GenerationServices {
  readonly notify: (level: 'info' | 'warning', text: string) => void;
  /** Milliseconds of a clock that does not go back. */
  readonly now?: () => number;
}

/** No test puzzle is a training puzzle or one of its augmented copies. */
export function generatedRows<Row>(
  generator: Generator<Row>,
  wanted: { readonly train: number; readonly test: number },
  seed: number,
  services: GenerationServices,
): RowSource<Row> {
  const counts: Readonly<Record<string, number>> = { train: wanted.train, test: wanted.test };
  return {
    splits: Object.keys(counts).filter((split) => counts[split]! > 0),
    counts,
    rows: (split, signal) =>
      generate(generator, { split, count: counts[split]! }, seed, services, signal),
    copy: (row) => row,
    fingerprint: () => Promise.resolve(generator.version),
  };
}

async function* generate<Row>(
  generator: Generator<Row>,
  { split, count }: { readonly split: string; readonly count: number },
  seed: number,
  { notify, now = () => performance.now() }: GenerationServices,
  signal: AbortSignal,
): AsyncGenerator<Iterable<Row>> {
  const seen = new Set<string>();
  const startMs = now();
  let isForetold = false;
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
    const text = generator.text(row);
    seen.add(text);
    const spentMs = now() - startMs;
    if (!isForetold && spentMs >= MEASURED_MS) {
      isForetold = true;
      const totalMs = (spentMs / seen.size) * count;
      // Question and answer are a byte a cell.
      const bytes = 2 * text.length * count;
      if (totalMs >= LONG_MS || bytes >= LARGE_BYTES) {
        notify('info', foretold({ split, count, totalMs, bytes }));
      }
    }
    yield [row];
  }
}

function foretold(facts: {
  readonly split: string;
  readonly count: number;
  readonly totalMs: number;
  readonly bytes: number;
}): string {
  const minutes = facts.totalMs / 60_000;
  const time =
    minutes < 120 ? `${Math.ceil(minutes)} minutes` : `${(minutes / 60).toFixed(1)} hours`;
  const size =
    facts.bytes < 1e9
      ? `${Math.ceil(facts.bytes / 1e6)} MB`
      : `${(facts.bytes / 1e9).toFixed(1)} GB`;
  return `generating ${facts.count} puzzles for the split ${facts.split}: about ${time}, and ${size} on disk`;
}
