/** Reads `.npy` files of integers, in pieces: a claim of the header costs no memory. */
import { type FileHandle } from 'node:fs/promises';

import { openInputFile, readFully, refuseGitLfsPointerFile } from '@eddy/core/files';
import { EddyError } from '@eddy/tensor/errors';

import { npyInvalid } from './errors.ts';
import {
  BYTES_PER_VALUE,
  locateText,
  NPY_PREFIX_BYTES,
  parseHeaderText,
  type NpyHeader,
} from './npy-header.ts';

/** Values read at once. */
const VALUES_A_PIECE = 1 << 20;

export interface NpyFile extends NpyHeader {
  readonly file: string;
  /** Where the values begin. */
  readonly dataStart: number;
  readonly numValues: number;
}

/** Reads the header and compares it with the length of the file. @throws NPY_INVALID, GIT_LFS_POINTER */
export async function openNpy(file: string): Promise<NpyFile> {
  await refuseGitLfsPointerFile(file);
  return withFile(file, async (handle) => {
    const text = await readText(file, handle);
    const header = parseHeaderText(text.content);
    if (typeof header === 'string') throw npyInvalid(file, header);
    const numValues = header.shape.reduce((product, axis) => product * axis, 1);
    const { size } = await handle.stat();
    const expected = text.end + numValues * BYTES_PER_VALUE[header.dtype];
    if (size !== expected) {
      throw npyInvalid(
        file,
        `${size} bytes, where shape (${header.shape.join(', ')}) has ${expected}`,
      );
    }
    return { ...header, file, dataStart: text.end, numValues };
  });
}

async function readText(
  file: string,
  handle: FileHandle,
): Promise<{ readonly content: string; readonly end: number }> {
  const prefix = await readExactly(handle, 0, NPY_PREFIX_BYTES);
  const place = locateText(prefix);
  if (typeof place === 'string') throw npyInvalid(file, place);
  const text = await readExactly(handle, place.from, place.to - place.from);
  if (text.length < place.to - place.from) throw npyInvalid(file, 'a header that is cut short');
  return { content: text.toString('latin1'), end: place.to };
}

/**
 * The rows of a two-dimensional array in order, a byte a value.
 *
 * @throws NPY_INVALID for a value that is no byte
 * @memory one piece of the file.
 */
export async function* npyByteRows(
  npy: NpyFile,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const width = npy.shape[1]!;
  let row: Uint8Array | undefined;
  let filled = 0;
  let at = 0;
  for await (const values of pieces(npy, signal)) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      row ??= new Uint8Array(width);
      if (!(value >= 0 && value <= 255)) {
        throw npyInvalid(
          npy.file,
          `the value ${value} in row ${Math.floor(at / width)}, not a byte`,
        );
      }
      row[filled++] = value;
      at += 1;
      if (filled === width) {
        yield row;
        row = undefined;
        filled = 0;
      }
    }
  }
}

/**
 * A one-dimensional array whole, each value an int32.
 *
 * @throws NPY_INVALID
 */
export async function npyIntegers(npy: NpyFile, signal: AbortSignal): Promise<Int32Array> {
  const integers = new Int32Array(npy.numValues);
  let at = 0;
  for await (const values of pieces(npy, signal)) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      integers[at] = value;
      if (integers[at] !== value) throw npyInvalid(npy.file, `the value ${value} at ${at}`);
      at += 1;
    }
  }
  return integers;
}

async function* pieces(npy: NpyFile, signal: AbortSignal): AsyncGenerator<ArrayLike<number>> {
  const { file, dtype, dataStart, numValues } = npy;
  const handle = await openForReading(file);
  try {
    for (let first = 0; first < numValues; first += VALUES_A_PIECE) {
      signal.throwIfAborted();
      const count = Math.min(VALUES_A_PIECE, numValues - first);
      const size = BYTES_PER_VALUE[dtype];
      const bytes = await readExactly(handle, dataStart + first * size, count * size);
      if (bytes.length < count * size)
        throw npyInvalid(file, 'the end of the file before its time');
      yield valuesOf(bytes, dtype);
    }
  } finally {
    await handle.close();
  }
}

/** `bytes` begins at the start of its buffer. */
function valuesOf(bytes: Buffer, dtype: NpyFile['dtype']): ArrayLike<number> {
  if (dtype === 'uint8') return bytes;
  if (dtype === 'int32') return new Int32Array(bytes.buffer, 0, bytes.length / 4);
  // Beyond 2^53 a value is rounded, and refused by whoever asked for a byte or an int32.
  const words = new Int32Array(bytes.buffer, 0, bytes.length / 4);
  return Float64Array.from(
    { length: bytes.length / 8 },
    (_, i) => (words[2 * i]! >>> 0) + words[2 * i + 1]! * 2 ** 32,
  );
}

/** Fewer bytes where the file ends before. */
async function readExactly(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, await readFully(handle, bytes, from));
}

async function openForReading(file: string): Promise<FileHandle> {
  try {
    return await openInputFile(file);
  } catch (error) {
    if (error instanceof EddyError) throw error;
    throw npyInvalid(file, `unreadable (${(error as NodeJS.ErrnoException).code})`, error);
  }
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openForReading(file);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}
