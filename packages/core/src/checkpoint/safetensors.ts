/** Reads and writes safetensors files, one tensor at a time, so that no file is in memory twice. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

import { InternalError } from '@eddy/tensor/errors';
import { openInputFile } from '../files/input-file.ts';
import { refuseGitLfsPointerFile } from '../files/git-lfs.ts';
import { piecesOf, readFully } from '../files/pieces.ts';
import {
  BYTES_PER_ELEMENT,
  sizeOf,
  type DType,
  type HostTensor,
  type HostTree,
  type SpecTree,
} from '@eddy/tensor/spec';
import { safetensorsInvalid } from './errors.ts';
import {
  headerLength,
  parseHeader,
  PREFIX_BYTES,
  type SafetensorsDType,
} from './safetensors-header.ts';

/** A tensor as it lies in a file: little-endian bytes in a buffer of their own. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

const DTYPE_NAMES: Record<DType, SafetensorsDType> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };
/** The reference writes wide types first, so that every tensor is aligned. */
const DTYPE_ORDER: readonly DType[] = ['float32', 'int32', 'bool'];
const WRITE_CHUNK_BYTES = 8 << 20;

/**
 * Reads a safetensors file: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL.
 *
 * @param wanted  which tensors to read; all by default
 * @throws SAFETENSORS_INVALID with the file and the byte, before any tensor is read; GIT_LFS_POINTER
 */
export async function readSafetensors(
  path: string,
  wanted: (name: string) => boolean = () => true,
): Promise<SafetensorsFile> {
  await refuseGitLfsPointerFile(path);
  const file = await openInputFile(path);
  try {
    const { size } = await file.stat();
    const prefix = await readBytes(file, path, 0, Math.min(PREFIX_BYTES, size));
    const length = headerLength(prefix, size, path);
    const json = await readBytes(file, path, PREFIX_BYTES, length);
    const { entries, metadata } = parseHeader(json, size, path);
    const tensors = new Map<string, SafetensorsTensor>();
    for (const { name, dtype, shape, begin, end } of entries) {
      if (!wanted(name)) continue;
      const bytes = await readBytes(file, path, PREFIX_BYTES + length + begin, end - begin);
      tensors.set(name, { dtype, shape, bytes });
    }
    return { tensors, metadata };
  } finally {
    await file.close();
  }
}

/**
 * Reads a safetensors file that holds only what the host has types for. Half precision and float64
 * become float32, small and 64-bit integers int32.
 *
 * @throws SAFETENSORS_INVALID; also for an I64 that does not fit in int32
 */
export async function readHostTree(
  path: string,
  wanted?: (name: string) => boolean,
): Promise<HostTree> {
  return (await readHostFile(path, wanted)).tree;
}

/** As `readHostTree`, with the metadata of the file. @throws SAFETENSORS_INVALID */
export async function readHostFile(
  path: string,
  wanted?: (name: string) => boolean,
): Promise<{ readonly tree: HostTree; readonly metadata: ReadonlyMap<string, string> }> {
  const { tensors, metadata } = await readSafetensors(path, wanted);
  const tree = Object.fromEntries(
    [...tensors].map(([name, tensor]) => [name, toHostTensor(tensor, name, path)]),
  );
  return { tree, metadata };
}

/** Converts one tensor; see `readHostTree`. @throws SAFETENSORS_INVALID */
export function toHostTensor(tensor: SafetensorsTensor, name: string, file: string): HostTensor {
  const { dtype, shape, bytes } = tensor;
  const float32 = (data: Float32Array): HostTensor => ({ shape, dtype: 'float32', data });
  const int32 = (data: Int32Array): HostTensor => ({ shape, dtype: 'int32', data });
  switch (dtype) {
    case 'F32':
      return float32(new Float32Array(bytes.buffer));
    case 'F64':
      return float32(Float32Array.from(new Float64Array(bytes.buffer)));
    case 'F16':
      return float32(Float32Array.from(new Uint16Array(bytes.buffer), halfToNumber));
    case 'BF16':
      return float32(widenBfloat16(new Uint16Array(bytes.buffer)));
    case 'I32':
      return int32(new Int32Array(bytes.buffer));
    case 'I64':
      return int32(narrowInt64(new BigInt64Array(bytes.buffer), name, file));
    case 'I16':
      return int32(Int32Array.from(new Int16Array(bytes.buffer)));
    case 'I8':
      return int32(Int32Array.from(new Int8Array(bytes.buffer)));
    case 'U8':
      return int32(Int32Array.from(bytes));
    case 'BOOL':
      return { shape, dtype: 'bool', data: bytes };
  }
}

/**
 * Writes a tree as F32, I32 and BOOL and fsyncs it. The bytes are those that the reference
 * implementation writes for the same tensors.
 *
 * @returns size and sha256, computed on the way
 */
export async function writeSafetensors(
  path: string,
  tree: HostTree,
  metadata: Readonly<Record<string, string>> = {},
): Promise<WrittenFile> {
  const names = orderOfTensors(tree);
  const header = encodeHeader(names, tree, metadata);
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  let bytes = 0;
  try {
    for (const part of [header, ...names.map((name) => bytesOfTensor(tree[name]!, name))]) {
      for (const chunk of piecesOf(part, WRITE_CHUNK_BYTES)) {
        hash.update(chunk);
        await writeAll(file, chunk);
        bytes += chunk.length;
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The memory of a tensor as bytes, without a copy. */
export function bytesOfTensor({ data, dtype, shape }: HostTensor, name: string): Uint8Array {
  const expected = sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
  if (data.byteLength !== expected) {
    throw new InternalError(
      `tensor "${name}" ${dtype} [${shape.join(', ')}] has ${data.byteLength} bytes, not ${expected}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Names in the order that tensors lie in a file. */
export function orderOfTensors(tree: SpecTree): string[] {
  return Object.keys(tree).sort(
    (a, b) =>
      DTYPE_ORDER.indexOf(tree[a]!.dtype) - DTYPE_ORDER.indexOf(tree[b]!.dtype) ||
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
}

/** What comes before the data: the length of the JSON, the JSON, spaces up to eight bytes. */
export function encodeHeader(
  names: readonly string[],
  tree: SpecTree,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) fields.push(['__metadata__', metadata]);
  let begin = 0;
  for (const name of names) {
    const { dtype, shape } = tree[name]!;
    const end = begin + sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
    fields.push([name, { dtype: DTYPE_NAMES[dtype], shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  // Built by hand: as an object's keys, names like "10" would move to the front.
  const json = `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const header = Buffer.alloc(PREFIX_BYTES + length, ' ');
  header.writeBigUInt64LE(BigInt(length), 0);
  header.write(json, PREFIX_BYTES);
  return header;
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await file.write(chunk, written)).bytesWritten;
  }
}

async function readBytes(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const filled = await readFully(file, bytes, position);
  if (filled < length) {
    throw safetensorsInvalid({
      file: path,
      offset: position + filled,
      message: 'the file became shorter while it was read',
      expected: `${length - filled} more bytes`,
      received: 'end of file',
    });
  }
  return bytes;
}

function narrowInt64(values: BigInt64Array, name: string, file: string): Int32Array {
  return Int32Array.from(values, (value) => {
    if (BigInt.asIntN(32, value) !== value) {
      throw safetensorsInvalid({
        file,
        offset: 0,
        message: `an element of "${name}" does not fit in int32`,
        expected: '−2³¹ … 2³¹−1',
        received: `${value}`,
      });
    }
    return Number(value);
  });
}

function widenBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 of fraction. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
