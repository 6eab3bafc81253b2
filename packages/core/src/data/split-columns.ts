/** Rows of a split on their way into an Arrow file: filled and handed on, a batch at a time. */
import type { Data, Float32, RecordBatch } from 'apache-arrow';

import type { EddyError } from '@eddy/tensor/errors';
import { arrow } from './arrow.ts';
import { schemaOf } from './arrow-schema.ts';
import type { Example } from '../contracts/dataset.ts';
import { exampleRefused } from './errors.ts';
import type { StrayToken } from './split-file.ts';

/** Tokens of a record batch: what is in a processor's cache while it is filled, and then written. */
const BYTES_PER_BATCH = 1 << 21;

/** Rating, puzzle, group, identifier. */
const NUMBERS_A_ROW = 4;

/** Where an example belongs. */
export interface RowPlace {
  /** Ordinals. */
  readonly puzzle: number;
  readonly group: number;
  readonly identifier: number;
}

export class SplitColumns {
  readonly #split: string;
  readonly #seqLen: number;
  readonly #vocabSize: number;
  readonly #rows: number;
  readonly #inputs: Uint8Array;
  readonly #labels: Uint8Array;
  /** NaN where there is none. */
  readonly #ratings: Float32Array;
  readonly #puzzles: Int32Array;
  readonly #groups: Int32Array;
  readonly #identifiers: Int32Array;
  #filled = 0;

  constructor(
    split: string,
    { seqLen, vocabSize }: { readonly seqLen: number; readonly vocabSize: number },
  ) {
    this.#split = split;
    this.#seqLen = seqLen;
    this.#vocabSize = vocabSize;
    const rows = Math.max(1, Math.floor(BYTES_PER_BATCH / (2 * seqLen)));
    this.#rows = rows;
    // Columns of numbers first, which must begin at a multiple of their size, then those of tokens.
    const memory = new ArrayBuffer(rows * (NUMBERS_A_ROW * 4 + 2 * seqLen));
    const numbers = (column: number) => [memory, column * 4 * rows, rows] as const;
    const tokens = (column: number) =>
      [memory, rows * (NUMBERS_A_ROW * 4 + column * seqLen), rows * seqLen] as const;
    this.#ratings = new Float32Array(...numbers(0));
    this.#puzzles = new Int32Array(...numbers(1));
    this.#groups = new Int32Array(...numbers(2));
    this.#identifiers = new Int32Array(...numbers(3));
    this.#inputs = new Uint8Array(...tokens(0));
    this.#labels = new Uint8Array(...tokens(1));
  }

  get filled(): number {
    return this.#filled;
  }

  get isFull(): boolean {
    return this.#filled === this.#rows;
  }

  /** Copies an example. @throws EXAMPLE_REFUSED when it is not of the split's length */
  add(example: Example, place: RowPlace, index: number): void {
    const row = this.#filled;
    this.#copy(example.input, this.#inputs, 'input', index);
    this.#copy(example.label, this.#labels, 'label', index);
    this.#ratings[row] = example.rating ?? Number.NaN;
    this.#puzzles[row] = place.puzzle;
    this.#groups[row] = place.group;
    this.#identifiers[row] = place.identifier;
    this.#filled += 1;
  }

  /** Forgets the rows. */
  clear(): void {
    this.#filled = 0;
  }

  /** The rows, and their columns of tokens, as views that hold until a row is added after `clear`. */
  batch(): { readonly batch: RecordBatch; readonly tokens: readonly Uint8Array[] } {
    const { makeData, FixedSizeBinary, Int32, Struct, RecordBatch } = arrow;
    const length = this.#filled;
    const seqLen = this.#seqLen;
    const inputs = this.#inputs.subarray(0, length * seqLen);
    const labels = this.#labels.subarray(0, length * seqLen);
    const tokens = (data: Uint8Array) =>
      makeData({ type: new FixedSizeBinary(seqLen), length, data });
    const integers = (data: Int32Array) =>
      makeData({ type: new Int32(), length, data: data.subarray(0, length) });
    const children: Data[] = [
      tokens(inputs),
      tokens(labels),
      ratingsData(this.#ratings.subarray(0, length)),
      integers(this.#puzzles),
      integers(this.#groups),
      integers(this.#identifiers),
    ];
    const schema = schemaOf(seqLen);
    const rows = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
    return { batch: new RecordBatch(schema, rows), tokens: [inputs, labels] };
  }

  /** @param firstIndex  of the batch's rows in the split. */
  refusal({ column, index, token }: StrayToken, firstIndex: number): EddyError {
    return exampleRefused({
      split: this.#split,
      example: firstIndex + Math.floor(index / this.#seqLen),
      expected: `${column === 0 ? 'input' : 'label'} below ${this.#vocabSize}`,
      received: `token ${token} at position ${index % this.#seqLen}`,
    });
  }

  #copy(tokens: Uint8Array, column: Uint8Array, name: string, index: number): void {
    const seqLen = this.#seqLen;
    if (tokens.length !== seqLen) {
      throw exampleRefused({
        split: this.#split,
        example: index,
        expected: `${name} of ${seqLen} tokens`,
        received: `${tokens.length} tokens`,
      });
    }
    column.set(tokens, this.#filled * seqLen);
  }
}

function ratingsData(ratings: Float32Array): Data<Float32> {
  const { length } = ratings;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (Number.isNaN(ratings[row])) nullCount += 1;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  }
  const type = new arrow.Float32();
  return nullCount === 0
    ? arrow.makeData({ type, length, data: ratings })
    : arrow.makeData({ type, length, data: ratings, nullCount, nullBitmap });
}
