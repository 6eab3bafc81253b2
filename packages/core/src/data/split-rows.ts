/** A few rows of a stored split, whatever its size: for pages that browse a dataset. */
import { stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { RecordBatch } from 'apache-arrow';

import { EddyError } from '@eddy/tensor/errors';
import { openInputFile } from '../files/input-file.ts';
import { arrow } from './arrow.ts';
import { arrowSource, requireChecksum, valuesOf } from './arrow-reader.ts';
import { schemaOf } from './arrow-schema.ts';
import { checkArrowStructure } from './arrow-structure.ts';
import { readDatasetFile } from './dataset-store.ts';
import { datasetDamaged, splitMissing } from './errors.ts';

export interface SplitRow {
  /** Row of the split. */
  readonly index: number;
  readonly input: Uint8Array;
  readonly label: Uint8Array;
  /** Difficulty as the source rates it; NaN where it does not. */
  readonly rating: number;
  /** Ordinals of its puzzle and group in the split. */
  readonly puzzle: number;
  readonly group: number;
  readonly identifier: number;
}

/** Where the record batches of a file begin; found once, with its checksum. */
interface KnownFile {
  readonly time: number;
  readonly size: number;
  /** [batches + 1] rows before each batch. */
  readonly firstRows: readonly number[];
}

const KNOWN_FILES = 64;

/**
 * Reads rows of splits. The first call for a file reads all of it once, a record batch at a time, for its
 * checksum and the places of its rows; later ones read the record batches with the wanted rows.
 *
 * @memory one record batch (2 MiB of tokens) and the rows that are asked for.
 */
export class SplitRows {
  readonly #known = new Map<string, KnownFile>();

  /**
   * @param folder  of a stored dataset
   * @returns rows `from` to `from + count − 1`, fewer at the end of the split
   * @throws SPLIT_MISSING, DATASET_DAMAGED
   */
  async read(
    folder: string,
    split: string,
    { from, count }: { readonly from: number; readonly count: number },
  ): Promise<SplitRow[]> {
    const { sha256, ...metadata } = await readDatasetFile(folder);
    if (metadata.splits[split] === undefined) {
      throw splitMissing(folder, split, Object.keys(metadata.splits));
    }
    const file = join(folder, `${split}.arrow`);
    const handle = await openInputFile(file).catch((error: unknown) => {
      throw datasetDamaged(file, 'unreadable', error);
    });
    try {
      const known = await this.#find(file, handle, sha256[split], metadata.seqLen);
      return await readRows(file, handle, { known, from, count, seqLen: metadata.seqLen });
    } catch (error) {
      if (error instanceof EddyError) throw error;
      throw datasetDamaged(file, 'unreadable', error);
    } finally {
      await handle.close();
    }
  }

  async #find(
    file: string,
    handle: FileHandle,
    sha256: string | undefined,
    seqLen: number,
  ): Promise<KnownFile> {
    const { mtimeMs: time, size } = await stat(file);
    const before = this.#known.get(file);
    if (before?.time === time && before.size === size) return before;
    await requireChecksum(file, handle, sha256);
    const reader = await openReader(file, handle, seqLen);
    const firstRows = [0];
    for await (const batch of reader) firstRows.push(firstRows.at(-1)! + batch.numRows);
    const known = { time, size, firstRows };
    if (this.#known.size >= KNOWN_FILES) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(file, known);
    return known;
  }
}

async function openReader(file: string, handle: FileHandle, seqLen: number) {
  await checkArrowStructure(handle);
  const reader = await arrow.RecordBatchReader.from(arrowSource(file, handle));
  await reader.open();
  const expected = schemaOf(seqLen).toString();
  if (reader.schema.toString() !== expected) {
    throw datasetDamaged(file, `columns ${reader.schema}, not ${expected}`);
  }
  return reader;
}

async function readRows(
  file: string,
  handle: FileHandle,
  wanted: {
    readonly known: KnownFile;
    readonly from: number;
    readonly count: number;
    readonly seqLen: number;
  },
): Promise<SplitRow[]> {
  const { known, from, count, seqLen } = wanted;
  const { firstRows } = known;
  const end = Math.min(from + count, firstRows.at(-1)!);
  const rows: SplitRow[] = [];
  if (from >= end) return rows;
  const reader = (await openReader(file, handle, seqLen)) as unknown as {
    readRecordBatch(index: number): Promise<RecordBatch | null>;
  };
  for (const [i, first] of firstRows.slice(0, -1).entries()) {
    if (first >= end || firstRows[i + 1]! <= from) continue;
    const batch = await reader.readRecordBatch(i);
    if (batch === null) throw datasetDamaged(file, `record batch ${i} is missing`);
    const { numRows } = batch;
    const tokens = (column: number) => valuesOf<Uint8Array>(batch, column, numRows * seqLen);
    const numbers = (column: number) => valuesOf<Int32Array>(batch, column, numRows);
    const ratings = valuesOf<Float32Array>(batch, 2, numRows);
    for (let row = Math.max(0, from - first); row < numRows && first + row < end; row++) {
      const cells = (column: number) => tokens(column).slice(row * seqLen, (row + 1) * seqLen);
      rows.push({
        index: first + row,
        input: cells(0),
        label: cells(1),
        rating: ratings[row]!,
        puzzle: numbers(3)[row]!,
        group: numbers(4)[row]!,
        identifier: numbers(5)[row]!,
      });
    }
  }
  return rows;
}
