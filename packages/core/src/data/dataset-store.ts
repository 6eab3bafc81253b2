/**
 * A dataset in a folder: `<split>.arrow` (Arrow IPC file, one row an example), `dataset.json`,
 * `identifiers.json`. The only importer of apache-arrow.
 *
 * Columns: `input` and `label` FixedSizeBinary[seqLen] (a byte a token), `rating` float32 (null where
 * the source has none), `puzzle` and `group` int32 (ordinals, non-decreasing), `identifier` int32.
 */
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import {
  AsyncByteQueue,
  Field,
  FixedSizeBinary,
  Float32,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchReader,
  Schema,
  Struct,
  type Data,
} from 'apache-arrow';

import type { DatasetMetadata, PuzzleGroup, Split, SplitMetadata } from './dataset.ts';
import { datasetDamaged, datasetEmpty, exampleRefused, splitMissing } from './errors.ts';

/** Rows a record batch: what is in memory while a split is written. */
const ROWS_PER_BATCH = 16_384;

/** A built dataset, as stages hand it on. */
export interface StoredDataset {
  readonly folder: string;
  readonly metadata: DatasetMetadata;
  /** index → name of puzzle identifiers, [0] = "<blank>". */
  identifiers(): Promise<readonly string[]>;
  /**
   * Reads a split; the second call returns the same one.
   *
   * @throws SPLIT_MISSING, DATASET_DAMAGED
   * @memory the split plus one record batch.
   */
  open(split: string): Promise<Split>;
}

export type MetadataWithoutSizes = Omit<DatasetMetadata, 'splits' | 'numPuzzleIdentifiers'>;

/**
 * Streams splits into a folder, then writes its metadata.
 *
 * @throws EXAMPLE_REFUSED when an example does not fit the metadata; DATASET_EMPTY
 */
export async function writeDataset(
  folder: string,
  content: {
    readonly metadata: MetadataWithoutSizes;
    readonly splits: readonly string[];
    groups(split: string): AsyncIterable<PuzzleGroup>;
    /** Called after the splits were streamed. */
    identifiers(): readonly string[];
    /** Examples written so far of a split. */
    progress?(split: string, examples: number): void;
  },
): Promise<StoredDataset> {
  await mkdir(folder, { recursive: true });
  const splits: Record<string, SplitMetadata> = {};
  for (const split of content.splits) {
    const writer = new SplitWriter(split, content.metadata);
    const batches = writer.recordBatches(content.groups(split), (examples) =>
      content.progress?.(split, examples),
    );
    await writeFileOf(batches, path.join(folder, `${split}.arrow`));
    splits[split] = writer.sizes();
  }
  const identifiers = content.identifiers();
  const metadata: DatasetMetadata = {
    ...content.metadata,
    numPuzzleIdentifiers: identifiers.length,
    splits,
  };
  await writeFile(path.join(folder, 'identifiers.json'), JSON.stringify(identifiers));
  await writeFile(path.join(folder, 'dataset.json'), `${JSON.stringify(metadata, null, 2)}\n`);
  return storedDataset(folder, metadata);
}

async function writeFileOf(batches: AsyncIterable<RecordBatch>, file: string): Promise<void> {
  const encoded = new EncodedBytes();
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  writer.reset(encoded);
  const handle = await open(file, 'w');
  try {
    for await (const batch of batches) {
      writer.write(batch);
      await handle.writeFile(encoded.take());
    }
    writer.finish();
    await handle.writeFile(encoded.take());
  } finally {
    await handle.close();
  }
}

/**
 * Where an Arrow writer puts its bytes, taken out after each record batch. (Its own Node stream
 * rejects a promise that nobody holds when the source fails.)
 */
class EncodedBytes extends AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }
}

/** Opens a folder that `writeDataset` made. @throws DATASET_DAMAGED */
export async function openDataset(folder: string): Promise<StoredDataset> {
  const file = path.join(folder, 'dataset.json');
  let metadata: DatasetMetadata;
  try {
    metadata = JSON.parse(await readFile(file, 'utf8')) as DatasetMetadata;
  } catch (error) {
    throw datasetDamaged(file, 'unreadable', error);
  }
  if (!isMetadata(metadata)) throw datasetDamaged(file, 'not the metadata of a dataset');
  return storedDataset(folder, metadata);
}

function storedDataset(folder: string, metadata: DatasetMetadata): StoredDataset {
  const opened = new Map<string, Promise<Split>>();
  return {
    folder,
    metadata,
    async identifiers() {
      const file = path.join(folder, 'identifiers.json');
      try {
        return JSON.parse(await readFile(file, 'utf8')) as string[];
      } catch (error) {
        throw datasetDamaged(file, 'unreadable', error);
      }
    },
    open(split) {
      const sizes = metadata.splits[split];
      if (sizes === undefined) {
        return Promise.reject(splitMissing(folder, split, Object.keys(metadata.splits)));
      }
      const read = opened.get(split) ?? readSplit(folder, split, metadata, sizes);
      opened.set(split, read);
      return read;
    },
  };
}

/** Groups → record batches, checking each example. */
class SplitWriter {
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
    groups: AsyncIterable<PuzzleGroup>,
    progress: (examples: number) => void,
  ): AsyncGenerator<RecordBatch> {
    const { seqLen } = this.#metadata;
    let columns = emptyColumns(seqLen);
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
          if (row === ROWS_PER_BATCH) {
            yield recordBatch(columns, row, seqLen);
            progress(this.#numExamples);
            columns = emptyColumns(seqLen);
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

function emptyColumns(seqLen: number): Columns {
  return {
    inputs: new Uint8Array(ROWS_PER_BATCH * seqLen),
    labels: new Uint8Array(ROWS_PER_BATCH * seqLen),
    ratings: new Float32Array(ROWS_PER_BATCH),
    puzzles: new Int32Array(ROWS_PER_BATCH),
    groups: new Int32Array(ROWS_PER_BATCH),
    identifiers: new Int32Array(ROWS_PER_BATCH),
  };
}

function schemaOf(seqLen: number): Schema {
  return new Schema([
    new Field('input', new FixedSizeBinary(seqLen), false),
    new Field('label', new FixedSizeBinary(seqLen), false),
    new Field('rating', new Float32(), true),
    new Field('puzzle', new Int32(), false),
    new Field('group', new Int32(), false),
    new Field('identifier', new Int32(), false),
  ]);
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

/** Reads record batch by record batch into arrays of the sizes that the metadata promises. */
async function readSplit(
  folder: string,
  name: string,
  metadata: DatasetMetadata,
  sizes: SplitMetadata,
): Promise<Split> {
  const file = path.join(folder, `${name}.arrow`);
  const { seqLen, vocabSize } = metadata;
  const { numExamples } = sizes;
  const inputs = new Uint8Array(numExamples * seqLen);
  const labels = new Uint8Array(numExamples * seqLen);
  const ratings = new Float32Array(numExamples);
  const puzzles = new Int32Array(numExamples);
  const groups = new Int32Array(numExamples);
  const identifiers = new Int32Array(numExamples);
  let row = 0;
  try {
    const handle = await open(file, 'r');
    try {
      const reader = await RecordBatchReader.from(handle);
      await reader.open();
      const expected = schemaOf(seqLen).toString();
      if (reader.schema.toString() !== expected) {
        throw datasetDamaged(file, `columns ${reader.schema}, not ${expected}`);
      }
      for await (const batch of reader) {
        const { numRows } = batch;
        if (row + numRows > numExamples) {
          throw datasetDamaged(file, `more than the ${numExamples} examples of dataset.json`);
        }
        inputs.set(valuesOf<Uint8Array>(batch, 0, numRows * seqLen), row * seqLen);
        labels.set(valuesOf<Uint8Array>(batch, 1, numRows * seqLen), row * seqLen);
        ratings.set(valuesOf<Float32Array>(batch, 2, numRows), row);
        puzzles.set(valuesOf<Int32Array>(batch, 3, numRows), row);
        groups.set(valuesOf<Int32Array>(batch, 4, numRows), row);
        identifiers.set(valuesOf<Int32Array>(batch, 5, numRows), row);
        row += numRows;
      }
    } finally {
      await handle.close().catch(() => undefined); // the reader closes it too at its end
    }
  } catch (error) {
    if (error instanceof Error && 'facts' in error) throw error;
    throw datasetDamaged(file, 'unreadable', error);
  }
  if (row !== numExamples) {
    throw datasetDamaged(file, `${row} examples, not the ${numExamples} of dataset.json`);
  }
  const largest = Math.max(maximum(inputs), maximum(labels));
  if (largest >= vocabSize) throw datasetDamaged(file, `token ${largest}, vocabulary ${vocabSize}`);
  const puzzleIndices = offsets(puzzles, sizes.numPuzzles, file);
  const groupOfPuzzle = puzzleIndices.slice(0, -1).map((example) => groups[example]!);
  return {
    name,
    seqLen,
    inputs,
    labels,
    ratings: ratings.every(Number.isNaN) ? null : ratings,
    puzzleIdentifiers: puzzleIndices.slice(0, -1).map((example) => identifiers[example]!),
    puzzleIndices,
    groupIndices: offsets(groupOfPuzzle, sizes.numGroups, file),
  };
}

function valuesOf<T>(batch: RecordBatch, column: number, length: number): T {
  const values = batch.data.children[column]!.values as { readonly length: number };
  if (values.length < length) throw new RangeError(`column ${column} is cut short`);
  return (values as Uint8Array).subarray(0, length) as T;
}

/** Ordinals 0,0,1,2,2,2 → where each starts, and the end: 0,2,3,6. */
function offsets(ordinals: Int32Array, count: number, file: string): Int32Array {
  const starts = new Int32Array(count + 1);
  let next = 0;
  for (let i = 0; i < ordinals.length; i++) {
    if (ordinals[i] === next && next < count) starts[next++] = i;
    else if (ordinals[i] !== next - 1) throw datasetDamaged(file, `ordinals out of order at ${i}`);
  }
  if (next !== count) throw datasetDamaged(file, `${next} puzzles or groups, not ${count}`);
  starts[count] = ordinals.length;
  return starts;
}

function maximum(tokens: Uint8Array): number {
  let largest = 0;
  for (const token of tokens) if (token > largest) largest = token;
  return largest;
}

function isMetadata(value: unknown): value is DatasetMetadata {
  const counts = (object: unknown, keys: readonly string[]) =>
    typeof object === 'object' &&
    object !== null &&
    keys.every((key) => {
      const count = (object as Record<string, unknown>)[key];
      return typeof count === 'number' && Number.isFinite(count) && count >= 0;
    });
  if (!counts(value, ['vocabSize', 'seqLen', 'numPuzzleIdentifiers', 'padId'])) return false;
  const { splits } = value as { splits?: unknown };
  if (typeof splits !== 'object' || splits === null) return false;
  return Object.values(splits).every((split) =>
    counts(split, ['numGroups', 'numPuzzles', 'numExamples', 'meanPuzzleExamples']),
  );
}
