/** Groups → an Arrow IPC file, a record batch at a time. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

import {
  AsyncByteQueue,
  FixedSizeBinary,
  Float32,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Struct,
  type Data,
} from 'apache-arrow';

import { schemaOf } from './arrow-schema.ts';
import type { MetadataWithoutSizes, StreamedGroup, SplitMetadata } from './dataset.ts';
import { datasetEmpty, exampleRefused } from './errors.ts';

/** Tokens of a record batch: what is in memory while a split is written, and in a processor's cache. */
const BYTES_PER_BATCH = 1 << 21;

export interface WrittenSplit {
  readonly sizes: SplitMetadata;
  readonly sha256: string;
}

/**
 * Streams a split into a file.
 *
 * @throws EXAMPLE_REFUSED when an example does not fit the metadata; DATASET_EMPTY
 */
export async function writeSplit(
  file: string,
  content: {
    readonly split: string;
    readonly metadata: MetadataWithoutSizes;
    readonly groups: AsyncIterable<StreamedGroup>;
    /** Examples written so far. */
    progress(examples: number): void;
  },
): Promise<WrittenSplit> {
  const { split, metadata, groups } = content;
  const rows = new SplitRows(split, metadata);
  const batches = rows.recordBatches(groups, (examples) => content.progress(examples));
  const sha256 = await writeFileOf(batches, file);
  return { sizes: rows.sizes(), sha256 };
}

/** @returns the sha256 of the file. */
async function writeFileOf(batches: AsyncIterable<RecordBatch>, file: string): Promise<string> {
  const encoded = new EncodedBytes();
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  writer.reset(encoded);
  const handle = await open(file, 'w');
  let written = Promise.resolve();
  /** Writes while the next batch is made; the one before must be on its way. */
  const flush = async () => {
    const bytes = encoded.take();
    await written;
    written = handle.writeFile(bytes);
    written.catch(() => undefined); // heard of at the next flush
  };
  try {
    for await (const batch of batches) {
      writer.write(batch);
      await flush();
    }
    writer.finish();
    await flush();
    await written;
    return encoded.sha256();
  } finally {
    await written.catch(() => undefined);
    await handle.close();
  }
}

/**
 * Where an Arrow writer puts its bytes, taken out after each record batch. (Its own Node stream
 * rejects a promise that nobody holds when the source fails.)
 */
class EncodedBytes extends AsyncByteQueue {
  readonly #hash = createHash('sha256');
  #chunks: Uint8Array[] = [];

  override write(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#chunks.push(chunk);
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }
}

/** Groups → record batches, checking each example. */
class SplitRows {
  readonly #split: string;
  readonly #metadata: MetadataWithoutSizes;
  #numGroups = 0;
  #numPuzzles = 0;
  #numExamples = 0;

  constructor(split: string, metadata: MetadataWithoutSizes) {
    this.#split = split;
    this.#metadata = metadata;
  }

  sizes(): SplitMetadata {
    return {
      numGroups: this.#numGroups,
      numPuzzles: this.#numPuzzles,
      numExamples: this.#numExamples,
      meanPuzzleExamples: this.#numExamples / this.#numPuzzles,
    };
  }

  async *recordBatches(
    groups: AsyncIterable<StreamedGroup>,
    progress: (examples: number) => void,
  ): AsyncGenerator<RecordBatch> {
    const { seqLen } = this.#metadata;
    const rowsPerBatch = Math.max(1, Math.floor(BYTES_PER_BATCH / (2 * seqLen)));
    // Filled again once a batch has been encoded, which is before the next one is asked for.
    const columns = emptyColumns(rowsPerBatch, seqLen);
    let row = 0;
    for await (const group of groups) {
      for (const puzzle of group.puzzles) {
        for (const example of puzzle.examples) {
          this.#check(example.input, 'input');
          this.#check(example.label, 'label');
          columns.inputs.set(example.input, row * seqLen);
          columns.labels.set(example.label, row * seqLen);
          columns.ratings[row] = example.rating ?? Number.NaN;
          columns.puzzles[row] = this.#numPuzzles;
          columns.groups[row] = this.#numGroups;
          columns.identifiers[row] = puzzle.identifier;
          this.#numExamples += 1;
          row += 1;
          if (row === rowsPerBatch) {
            yield recordBatch(columns, row, seqLen);
            progress(this.#numExamples);
            row = 0;
          }
        }
        this.#numPuzzles += 1;
      }
      this.#numGroups += 1;
    }
    if (row > 0) yield recordBatch(columns, row, seqLen);
    if (this.#numExamples === 0) throw datasetEmpty(this.#split);
    progress(this.#numExamples);
  }

  #check(tokens: Uint8Array, column: string): void {
    const { seqLen, vocabSize } = this.#metadata;
    const facts = { split: this.#split, example: this.#numExamples };
    if (tokens.length !== seqLen) {
      const received = `${tokens.length} tokens`;
      throw exampleRefused({ ...facts, expected: `${column} of ${seqLen} tokens`, received });
    }
    for (let i = 0; i < seqLen; i++) {
      if (tokens[i]! >= vocabSize) {
        const received = `token ${tokens[i]} at position ${i}`;
        throw exampleRefused({ ...facts, expected: `${column} below ${vocabSize}`, received });
      }
    }
  }
}

interface Columns {
  readonly inputs: Uint8Array;
  readonly labels: Uint8Array;
  /** NaN where there is none. */
  readonly ratings: Float32Array;
  readonly puzzles: Int32Array;
  readonly groups: Int32Array;
  readonly identifiers: Int32Array;
}

function emptyColumns(rows: number, seqLen: number): Columns {
  return {
    inputs: new Uint8Array(rows * seqLen),
    labels: new Uint8Array(rows * seqLen),
    ratings: new Float32Array(rows),
    puzzles: new Int32Array(rows),
    groups: new Int32Array(rows),
    identifiers: new Int32Array(rows),
  };
}

function recordBatch(columns: Columns, length: number, seqLen: number): RecordBatch {
  const schema = schemaOf(seqLen);
  const tokens = (data: Uint8Array) =>
    makeData({
      type: new FixedSizeBinary(seqLen),
      length,
      data: data.subarray(0, length * seqLen),
    });
  const integers = (data: Int32Array) =>
    makeData({ type: new Int32(), length, data: data.subarray(0, length) });
  const children: Data[] = [
    tokens(columns.inputs),
    tokens(columns.labels),
    ratingsData(columns.ratings.subarray(0, length)),
    integers(columns.puzzles),
    integers(columns.groups),
    integers(columns.identifiers),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

function ratingsData(ratings: Float32Array): Data<Float32> {
  const { length } = ratings;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (Number.isNaN(ratings[row])) nullCount += 1;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  }
  return nullCount === 0
    ? makeData({ type: new Float32(), length, data: ratings })
    : makeData({ type: new Float32(), length, data: ratings, nullCount, nullBitmap });
}
