/**
 * Which examples an evaluation solved: `evaluations/step-…/outcomes.json`, a bit an example. Two runs that were
 * evaluated on the same puzzles can be compared puzzle by puzzle.
 */
import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { NOT_SCORED } from '../data/collate.ts';
import type { HostBatch } from '../contracts/dataset.ts';

export const OUTCOMES_FILE = 'outcomes.json';
/** Most examples whose outcome is kept: 170 kB of base64. */
const MOST_EXAMPLES = 1 << 20;

/** `outcomes.json` */
export interface StoredOutcomes {
  readonly format: 'eddy-outcomes/1';
  readonly step: number;
  readonly split: string;
  /** Examples of the evaluation. */
  readonly examples: number;
  /** Examples with an outcome here: the first ones, where there are very many. */
  readonly recorded: number;
  /** How many of these are solved. */
  readonly solved: number;
  /** sha256 of the inputs and labels with an outcome, in order: the same for the same puzzles. */
  readonly puzzles: string;
  /** base64 of ⌈recorded / 8⌉ bytes; example i is bit i mod 8, counted from the least, of byte ⌊i / 8⌋. */
  readonly bits: string;
}

/** Collects outcomes batch by batch, in the split's order. */
export class Outcomes {
  readonly #bits: Uint8Array;
  readonly #hash: Hash = createHash('sha256');
  readonly #seqLen: number;
  #recorded = 0;
  #solved = 0;

  constructor(examples: number, seqLen: number) {
    this.#bits = new Uint8Array(Math.ceil(Math.min(examples, MOST_EXAMPLES) / 8));
    this.#seqLen = seqLen;
  }

  take({ inputs, labels, count }: HostBatch, solved: ArrayLike<boolean>): void {
    const rows = Math.min(count, MOST_EXAMPLES - this.#recorded);
    if (rows <= 0) return;
    for (const tokens of [inputs, labels]) {
      // Tokens fit in a byte, and so does what stands for a label that is not scored.
      this.#hash.update(Uint8Array.from(tokens.subarray(0, rows * this.#seqLen)));
    }
    for (let row = 0; row < rows; row++, this.#recorded++) {
      if (!solved[row]!) continue;
      this.#bits[this.#recorded >> 3]! |= 1 << (this.#recorded & 7);
      this.#solved += 1;
    }
  }

  stored(evaluation: Pick<StoredOutcomes, 'step' | 'split' | 'examples'>): StoredOutcomes {
    const { step, split, examples } = evaluation;
    return {
      format: 'eddy-outcomes/1',
      step,
      split,
      examples,
      recorded: this.#recorded,
      solved: this.#solved,
      puzzles: `sha256:${this.#hash.copy().digest('hex')}`,
      bits: Buffer.from(this.#bits).toString('base64'),
    };
  }
}

/** Returns, for each row of a batch, whether the answer is right in every scored cell, of which it has one. */
export function solvedRows(
  { labels, count }: HostBatch,
  preds: ArrayLike<number>,
  seqLen: number,
): boolean[] {
  return Array.from({ length: count }, (_, row) => {
    let scored = 0;
    for (let i = row * seqLen; i < (row + 1) * seqLen; i++) {
      if (labels[i] === NOT_SCORED) continue;
      if (labels[i] !== preds[i]) return false;
      scored += 1;
    }
    return scored > 0;
  });
}

/** Returns the outcomes of an evaluation's folder; undefined where there are none. */
export async function readOutcomes(folder: string): Promise<StoredOutcomes | undefined> {
  try {
    const stored = JSON.parse(
      await readInputText(join(folder, OUTCOMES_FILE), JSON_LIMIT),
    ) as StoredOutcomes;
    const { recorded, bits } = stored;
    const isWhole =
      (stored as { format: unknown }).format === 'eddy-outcomes/1' &&
      Number.isInteger(recorded) &&
      Buffer.from(bits, 'base64').length === Math.ceil(recorded / 8);
    return isWhole ? stored : undefined;
  } catch {
    return undefined; // written by an earlier version, or half written
  }
}

/** The examples that two evaluations of the same puzzles answered differently. */
export interface OutcomeDifference {
  /** Indices of examples that only the first solved. */
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
  readonly both: number;
  readonly neither: number;
}

/** Returns what differs between two evaluations; undefined where their puzzles are not the same. */
export function compareOutcomes(
  a: StoredOutcomes,
  b: StoredOutcomes,
): OutcomeDifference | undefined {
  if (a.puzzles !== b.puzzles || a.recorded !== b.recorded) return undefined;
  const [x, y] = [Buffer.from(a.bits, 'base64'), Buffer.from(b.bits, 'base64')];
  const [onlyA, onlyB]: [number[], number[]] = [[], []];
  let [both, neither] = [0, 0];
  for (let i = 0; i < a.recorded; i++) {
    const inA = ((x[i >> 3]! >> (i & 7)) & 1) === 1;
    const inB = ((y[i >> 3]! >> (i & 7)) & 1) === 1;
    if (inA && inB) both += 1;
    else if (inA) onlyA.push(i);
    else if (inB) onlyB.push(i);
    else neither += 1;
  }
  return { onlyA, onlyB, both, neither };
}
