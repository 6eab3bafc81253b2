/** Rows of a split on their way into an Arrow file: filled, checked and handed on, a batch at a time. */
import type { Data, Float32, RecordBatch } from 'apache-arrow';

import { arrow } from './arrow.ts';
import { schemaOf } from './arrow-schema.ts';
import type { Example } from './dataset.ts';
import { exampleRefused } from './errors.ts';
import { indexBeyond } from './token-range.ts';

/** Tokens of a record batch: what is in memory while a split is written, and in a processor's cache. */
const BYTES_PER_BATCH = 1 << 21;

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

  constructor(split: string, { seqLen, vocabSize }: { seqLen: number; vocabSize: number }) {
    this.#split = split;
    this.#seqLen = seqLen;
    this.#vocabSize = vocabSize;
    const rows = Math.max(1, Math.floor(BYTES_PER_BATCH / (2 * seqLen)));
    this.#rows = rows;
    this.#inputs = new Uint8Array(rows * seqLen);
    this.#labels = new Uint8Array(rows * seqLen);
    this.#ratings = new Float32Array(rows);
    this.#puzzles = new Int32Array(rows);
    this.#groups = new Int32Array(rows);
    this.#identifiers = new Int32Array(rows);
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

  /**
   * The rows since the last one, as views: they hold until `add` is called again.
   *
   * @param firstIndex  of these rows in the split.
   * @throws EXAMPLE_REFUSED when a token is not of the vocabulary
   */
  takeBatch(firstIndex: number): RecordBatch {
    const { makeData, FixedSizeBinary, Int32, Struct, RecordBatch } = arrow;
    const length = this.#filled;
    const seqLen = this.#seqLen;
    this.#check(firstIndex);
    const tokens = (data: Uint8Array) =>
      makeData({
        type: new FixedSizeBinary(seqLen),
        length,
        data: data.subarray(0, length * seqLen),
      });
    const integers = (data: Int32Array) =>
      makeData({ type: new Int32(), length, data: data.subarray(0, length) });
    const children: Data[] = [
      tokens(this.#inputs),
      tokens(this.#labels),
      ratingsData(this.#ratings.subarray(0, length)),
      integers(this.#puzzles),
      integers(this.#groups),
      integers(this.#identifiers),
    ];
    this.#filled = 0;
    const schema = schemaOf(seqLen);
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
    );
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

  /** All tokens at once: a call for each example costs more than looking at it. */
  #check(firstIndex: number): void {
    const inSplit = this.#filled * this.#seqLen;
    for (const [name, column] of [
      ['input', this.#inputs],
      ['label', this.#labels],
    ] as const) {
      const index = indexBeyond(column.subarray(0, inSplit), this.#vocabSize);
      if (index === -1) continue;
      throw exampleRefused({
        split: this.#split,
        example: firstIndex + Math.floor(index / this.#seqLen),
        expected: `${name} below ${this.#vocabSize}`,
        received: `token ${column[index]} at position ${index % this.#seqLen}`,
      });
    }
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
