/**
 * The header of a safetensors file, read with the strictness of the reference implementation: the
 * tensors must cover the data exactly, without holes or overlaps, so that no byte means two things
 * and no byte means nothing.
 *
 * @source https://github.com/huggingface/safetensors (Metadata::validate)
 */
import type { EddyError } from '@eddy/tensor/errors';
import { safetensorsInvalid } from './errors.ts';

export const SAFETENSORS_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsDType = keyof typeof SAFETENSORS_BYTES;

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** From the first byte of the data, not of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of the data. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Length of the little-endian u64 in front of the header. */
export const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;

type Refuse = (offset: number, message: string, expected: string, received: string) => EddyError;

/**
 * Length of the JSON header, from the first 8 bytes of a file.
 *
 * @throws SAFETENSORS_INVALID
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  const refuse = refuseIn(file);
  if (prefix.length < PREFIX_BYTES) {
    throw refuse(0, 'no header', 'at least 8 bytes', `${prefix.length} bytes`);
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw refuse(0, 'header too long', `at most ${MAX_HEADER_BYTES} bytes`, `${length} bytes`);
  }
  if (Number(length) + PREFIX_BYTES > fileBytes) {
    throw refuse(
      0,
      'header ends after the file',
      `a file of ${length} + 8 bytes or more`,
      `${fileBytes} bytes`,
    );
  }
  return Number(length);
}

/**
 * Reads and checks the JSON header of a file of `fileBytes` bytes.
 *
 * @throws SAFETENSORS_INVALID
 */
export function parseHeader(json: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  const refuse = refuseIn(file);
  const fields = parseObject(json, refuse);
  const metadata = readMetadata(fields['__metadata__'], refuse);
  const entries = Object.entries(fields)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  let covered = 0;
  const dataOffset = PREFIX_BYTES + json.length;
  for (const { name, dtype, shape, begin, end } of entries) {
    const at = dataOffset + covered;
    if (begin !== covered) {
      const flaw = begin > covered ? 'a hole' : 'an overlap';
      throw refuse(
        at,
        `${flaw} before tensor "${name}"`,
        `data_offsets[0] = ${covered}`,
        `${begin}`,
      );
    }
    const bytes = byteSize(dtype, shape);
    if (bytes === null || end - begin !== bytes) {
      const wanted = bytes === null ? 'a size that fits in memory' : `${bytes} bytes`;
      throw refuse(
        at,
        `wrong size of tensor "${name}"`,
        `${wanted} for ${dtype} [${shape.join(', ')}]`,
        `${end - begin} bytes`,
      );
    }
    covered = end;
  }
  if (dataOffset + covered !== fileBytes) {
    throw refuse(
      dataOffset + covered,
      'the tensors do not cover the file',
      `${dataOffset + covered} bytes`,
      `${fileBytes} bytes`,
    );
  }
  return { entries, metadata };
}

function refuseIn(file: string): Refuse {
  return (offset, message, expected, received) =>
    safetensorsInvalid({ file, offset, message, expected, received });
}

function parseObject(json: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw refuse(PREFIX_BYTES, 'header is not UTF-8', 'UTF-8 text', 'invalid bytes');
  }
  if (!text.startsWith('{')) {
    throw refuse(
      PREFIX_BYTES,
      'header is not a JSON object',
      '{',
      JSON.stringify(text.slice(0, 1)),
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(PREFIX_BYTES, 'header is not JSON', 'a JSON object', (error as Error).message);
  }
  checkTokens(text, refuse);
  return value as Record<string, unknown>;
}

/**
 * What `JSON.parse` forgives and the format does not: a key twice in one object (the last would
 * win), numbers that are not written as plain integers, and half of a surrogate pair.
 */
function checkTokens(text: string, refuse: Refuse): void {
  const keys: (Set<string> | null)[] = [];
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]|-?\d[\d.eE+-]*/g)) {
    const token = match[0];
    const at = () => PREFIX_BYTES + Buffer.byteLength(text.slice(0, match.index));
    if (token === '{') keys.push(new Set());
    else if (token === '[') keys.push(null);
    else if (token === '}' || token === ']') keys.pop();
    else if (token.startsWith('"')) {
      const string = JSON.parse(token) as string;
      if (/\p{Surrogate}/u.test(string)) {
        throw refuse(at(), 'a string is not Unicode', 'pairs of surrogates', token);
      }
      const isKey = /^\s*:/.test(
        text.slice(match.index + token.length, match.index + token.length + 64),
      );
      const seen = keys.at(-1);
      if (isKey && seen) {
        if (seen.has(string)) throw refuse(at(), 'a key appears twice', 'unique keys', token);
        seen.add(string);
      }
    } else if (token !== ',' && !/^\d+$/.test(token)) {
      throw refuse(at(), 'a number is not a whole number', 'digits', token);
    }
  }
}

function readMetadata(value: unknown, refuse: Refuse): Map<string, string> {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse(
      PREFIX_BYTES,
      '__metadata__ is not an object',
      'strings by name',
      JSON.stringify(value),
    );
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw refuse(
        PREFIX_BYTES,
        `__metadata__ "${key}" is not a string`,
        'a string',
        JSON.stringify(text),
      );
    }
  }
  return new Map(Object.entries(value as Record<string, string>));
}

function readEntry(name: string, value: unknown, refuse: Refuse): SafetensorsEntry {
  const wrong = (expected: string, received: unknown) =>
    refuse(PREFIX_BYTES, `bad description of tensor "${name}"`, expected, JSON.stringify(received));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong('{ dtype, shape, data_offsets }', value);
  }
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(SAFETENSORS_BYTES, dtype)) {
    throw wrong(`dtype one of ${Object.keys(SAFETENSORS_BYTES).join(', ')}`, dtype);
  }
  if (!isSizes(shape)) throw wrong('shape: a list of sizes', shape);
  if (!isSizes(offsets) || offsets.length !== 2) throw wrong('data_offsets: [begin, end]', offsets);
  return { name, dtype: dtype as SafetensorsDType, shape, begin: offsets[0]!, end: offsets[1]! };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** null when a partial product overflows, also where a later 0 would hide it. */
function byteSize(dtype: SafetensorsDType, shape: readonly number[]): number | null {
  let size = 1;
  for (const dim of shape) {
    size *= dim;
    if (!Number.isSafeInteger(size)) return null;
  }
  const bytes = size * SAFETENSORS_BYTES[dtype];
  return Number.isSafeInteger(bytes) ? bytes : null;
}
