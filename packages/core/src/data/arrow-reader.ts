/** An Arrow file of a split → typed arrays. */
import { type FileHandle } from 'node:fs/promises';

import type { RecordBatch } from 'apache-arrow';

import { EddyError } from '@eddy/tensor/errors';
import { openInputFile } from '../files/input-file.ts';
import { sha256OfFile } from '../files/digest.ts';
import { readFully } from '../files/pieces.ts';
import { arrow } from './arrow.ts';
import { schemaOf } from './arrow-schema.ts';
import { checkArrowStructure } from './arrow-structure.ts';
import type { DatasetMetadata, Split, SplitMetadata } from '../contracts/dataset.ts';
import { datasetDamaged, unreadableDataset } from './errors.ts';
import { indexBeyond } from './token-range.ts';

/** What `dataset.json` says of a split. */
interface PromisedSplit {
  readonly split: string;
  readonly metadata: DatasetMetadata;
  readonly sizes: SplitMetadata;
  readonly sha256: string | undefined;
}

/**
 * Reads a split into arrays of the sizes that the metadata promises, a record batch at a time.
 *
 * @param pieceBytes  read in one call at the most.
 * @throws DATASET_DAMAGED
 * @memory the arrays and one record batch.
 */
export async function readSplit(
  file: string,
  promised: PromisedSplit,
  pieceBytes?: number,
): Promise<Split> {
  const handle = await openInputFile(file).catch((error: unknown) => {
    throw unreadableDataset(file, error);
  });
  try {
    await requireChecksum(file, handle, promised.sha256);
    return await readOpened(file, handle, promised, pieceBytes);
  } finally {
    await handle.close();
  }
}

async function readOpened(
  file: string,
  handle: FileHandle,
  { split, metadata, sizes }: PromisedSplit,
  pieceBytes: number | undefined,
): Promise<Split> {
  const { seqLen, vocabSize } = metadata;
  const { numExamples } = sizes;
  // No promise is believed that would take more memory than the file has data.
  if (numExamples * seqLen * 2 > (await handle.stat()).size) {
    throw datasetDamaged(file, `too short for the ${numExamples} examples of dataset.json`);
  }
  const inputs = new Uint8Array(numExamples * seqLen);
  const labels = new Uint8Array(numExamples * seqLen);
  const ratings = new Float32Array(numExamples);
  const puzzles = new Int32Array(numExamples);
  const groups = new Int32Array(numExamples);
  const identifiers = new Int32Array(numExamples);
  let row = 0;
  try {
    await checkArrowStructure(handle);
    const reader = await arrow.RecordBatchReader.from(arrowSource(file, handle, pieceBytes));
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
  } catch (error) {
    if (error instanceof EddyError) throw error;
    throw unreadableDataset(file, error);
  }
  if (row !== numExamples) {
    throw datasetDamaged(file, `${row} examples, not the ${numExamples} of dataset.json`);
  }
  for (const tokens of [inputs, labels]) {
    const beyond = indexBeyond(tokens, vocabSize);
    if (beyond === -1) continue;
    throw datasetDamaged(file, `token ${tokens[beyond]}, vocabulary ${vocabSize}`);
  }
  const puzzleIndices = offsets(puzzles, sizes.numPuzzles, file);
  const groupOfPuzzle = puzzleIndices.slice(0, -1).map((example) => groups[example]!);
  return {
    name: split,
    seqLen,
    inputs,
    labels,
    ratings: ratings.every(Number.isNaN) ? null : ratings,
    puzzleIdentifiers: puzzleIndices.slice(0, -1).map((example) => identifiers[example]!),
    puzzleIndices,
    groupIndices: offsets(groupOfPuzzle, sizes.numGroups, file),
  };
}

/** The checksum comes first: damage that it finds is not looked for in the structure. */
export async function requireChecksum(
  file: string,
  handle: FileHandle,
  sha256: string | undefined,
): Promise<void> {
  const received = await sha256OfFile(handle).catch((error: unknown) => {
    throw unreadableDataset(file, error);
  });
  if (received !== sha256) throw datasetDamaged(file, 'checksum differs from dataset.json');
}

/** The file for apache-arrow, which by itself asks for ever where a file ends before its time, and closes it. */
export function arrowSource(file: string, handle: FileHandle, pieceBytes?: number): FileHandle {
  const source = {
    fd: handle.fd,
    stat: () => handle.stat(),
    close: () => Promise.resolve(),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      const wanted = buffer.subarray(offset, offset + length);
      const bytesRead = await readFully(handle, wanted, position, pieceBytes);
      if (bytesRead < length) throw datasetDamaged(file, 'became shorter while it was read');
      return { bytesRead, buffer };
    },
  };
  return source as unknown as FileHandle;
}

/** The first values of a column, as the type that its field has. */
export function valuesOf<T>(batch: RecordBatch, column: number, length: number): T {
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
