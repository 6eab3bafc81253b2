/**
 * Damaged safetensors files, beside PyPI's safetensors: what we accept it accepts, with the same tensors; what only it
 * accepts has a type that we have no place for. `EDDY_PYTHON` names a Python that has it.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readSafetensors, SAFETENSORS_BYTES, writeSafetensors } from '@eddy/core/checkpoint';
import { randomStream, type RandomStream } from '@eddy/core';
import { sharedFolder } from '@eddy/core/testing';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { count } from '../counts.ts';
import { mutate } from './mutate.ts';
import { packed, skipWithout, verdictsOf } from './python-oracle.ts';

const CASES = count(2_000, 100_000);
const CASES_AT_A_TIME = 10_000;

const folder = sharedFolder();

type Tensors = readonly (readonly [string, string, readonly number[], string])[];
/** The tensors in a file; null for one that is refused. */
type Verdict = Tensors | null;

const file = (header: string | Buffer, data: Uint8Array = new Uint8Array(), length?: bigint) => {
  const json = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([prefix, json, data]);
};
const entry = (dtype: string, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets }); // prettier-ignore
const headed = (header: object, bytes: number) => file(JSON.stringify(header), Buffer.alloc(bytes, 7)); // prettier-ignore

/** Files that somebody made by hand to break a reader. */
const CRAFTED: Record<string, Buffer> = {
  'a header of 2⁶⁴ − 1 bytes': file('{}', undefined, 2n ** 64n - 1n),
  'a header of 100,000,001 bytes': file('{}', undefined, 100_000_001n),
  'a header past the end': file('{}', undefined, 3n),
  'a header of no bytes': file(''),
  'seven bytes': Buffer.alloc(7),
  'an empty object': file('{}'),
  'spaces around': file('{}      '),
  'a space in front': file(' {}'),
  'a list': file('[]'),
  null: file('null'),
  'an overlap': headed({ a: entry('F32', [2], [0, 8]), b: entry('F32', [2], [4, 12]) }, 12),
  'a hole': headed({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [8, 12]) }, 12),
  'a hole at the start': headed({ a: entry('F32', [1], [4, 8]) }, 8),
  'bytes after the last tensor': headed({ a: entry('F32', [1], [0, 4]) }, 8),
  'two tensors on the same bytes': headed({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [0, 4]) }, 4), // prettier-ignore
  'two empty tensors': headed({ a: entry('F32', [0], [0, 0]), b: entry('F32', [0, 3], [0, 0]) }, 0),
  'a key twice': file(
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    Buffer.alloc(4),
  ),
  'a field twice': file('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', Buffer.alloc(4)), // prettier-ignore
  'a shape that overflows': headed({ a: entry('F32', [2 ** 32, 2 ** 32], [0, 0]) }, 0),
  'a shape that overflows to the right size': file(
    '{"a":{"dtype":"U8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}',
  ),
  'a shape of 2⁶⁴': file(
    '{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,0]}}',
  ),
  'a negative offset': headed({ a: entry('F32', [1], [-4, 0]) }, 4),
  'offsets the wrong way round': headed({ a: entry('F32', [1], [4, 0]) }, 4),
  'a negative shape': headed({ a: entry('F32', [-1, -1], [0, 4]) }, 4),
  'a fraction': headed({ a: entry('F32', [1.5], [0, 6]) }, 6),
  'a shape as text': headed({ a: entry('F32', ['1'], [0, 4]) }, 4),
  'three offsets': headed({ a: entry('F32', [1], [0, 4, 4]) }, 4),
  'a scalar': headed({ a: entry('F32', [], [0, 4]) }, 4),
  'an unknown type': headed({ a: entry('F31', [1], [0, 4]) }, 4),
  'a type in lower case': headed({ a: entry('f32', [1], [0, 4]) }, 4),
  'a field too many': headed({ a: { ...entry('F32', [1], [0, 4]), more: 1 } }, 4),
  'a field too few': headed({ a: { dtype: 'F32', shape: [1] } }, 4),
  'metadata of numbers': file('{"__metadata__":{"a":1}}'),
  'metadata of texts': file('{"__metadata__":{"a":"1"}}'),
  'metadata that is null': file('{"__metadata__":null}'),
  'metadata twice': file('{"__metadata__":{"a":"1"},"__metadata__":{"b":"1"}}'),
  '__proto__ as a name': file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', Buffer.alloc(4)), // prettier-ignore
  'an empty name': headed({ '': entry('F32', [1], [0, 4]) }, 4),
  'a header that is not UTF-8': file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
  'a byte order mark': file('\uFEFF{}'),
  'nested deeply': file('['.repeat(10_000)),
  'a name of 1 MB': headed({ ['x'.repeat(1 << 20)]: entry('F32', [1], [0, 4]) }, 4),
};

/** Another header for the same data: what a byte changed at random would hardly meet. */
function mutateHeader(valid: Buffer, random: RandomStream): Buffer {
  const length = Number(valid.readBigUInt64LE(0));
  const header = JSON.parse(valid.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: number[] }
  >;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const one = <T>(from: readonly T[]): T => from[random.integer(from.length)]!;
  const [tensor, other] = [header[one(names)]!, header[one(names)]!];
  const amount = one([1, 2, 3, 4, 8, -1, -4, -8, 12, 2 ** 31, 2 ** 53]);
  switch (random.integer(8)) {
    case 0:
      tensor.data_offsets[random.integer(2)]! += amount;
      break;
    case 1:
      tensor.shape[random.integer(tensor.shape.length + 1)] = Math.abs(amount) % 100;
      break;
    case 2:
      tensor.dtype = one([...Object.keys(SAFETENSORS_BYTES), 'U16', 'F8_E4M3', 'C64', 'x']);
      break;
    case 3:
      [tensor.data_offsets, other.data_offsets] = [other.data_offsets, tensor.data_offsets];
      break;
    case 4:
      [tensor.shape, other.shape] = [other.shape, tensor.shape];
      break;
    case 5:
      header[one(['', 'z', '__proto__', '__metadata__', 'é'])] = { ...tensor };
      break;
    case 6:
      delete header[one(names)];
      break;
    default:
      tensor.shape = tensor.shape.length === 0 ? [1] : tensor.shape.slice(1);
  }
  const text = JSON.stringify(header);
  return file(random.integer(4) === 0 ? text.replace(/:/, ': ') : text, valid.subarray(8 + length));
}

async function ours(bytes: Buffer): Promise<Verdict> {
  const path = join(folder.path, 'x.safetensors');
  writeFileSync(path, bytes);
  const found = await readSafetensors(path).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'SAFETENSORS_INVALID') return null;
    throw error;
  });
  if (found === null) return null;
  return [...found.tensors]
    .map(([name, { dtype, shape, bytes }]) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      return [name, dtype, shape, sha256] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function theirs(files: readonly Buffer[]): Verdict[] {
  const path = join(folder.path, 'packed');
  writeFileSync(path, packed(files));
  return verdictsOf<Verdict[]>('safetensors_verdicts.py', [path]).map(
    (verdict) => verdict && [...verdict].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Refused by us alone for a reason that is written here; undefined for a disagreement. */
function onlyOurs(bytes: Buffer, verdict: Tensors): string | undefined {
  if (verdict.some(([, dtype]) => !(dtype in SAFETENSORS_BYTES)))
    return 'a type we have no place for';
  if (/\\u[dD][89a-fA-F]/.test(bytes.toString('latin1'))) return 'half of a surrogate pair';
  if (hasKeyTwice(bytes)) return 'the format says that no key stands twice';
  if (bytes[8] !== 0x7b) return 'the format says that a header begins with {';
  return undefined;
}

/** True if a tensor, or a field of one, is named twice; the last one counts for the library. */
function hasKeyTwice(bytes: Buffer): boolean {
  const json = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString();
  const keys = (text: string) =>
    [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(
      ([, key]) => JSON.parse(`"${key}"`) as string,
    );
  const all = keys(json);
  const value = JSON.parse(json) as Record<string, object>;
  const inValue = Object.values(value).flatMap((field) => Object.keys(field));
  return all.length !== Object.keys(value).length + inValue.length;
}

async function compare(files: readonly Buffer[], named: (i: number) => string) {
  const verdicts = theirs(files);
  const seen = { both: 0, neither: 0, onlyTheirs: 0 };
  for (const [i, bytes] of files.entries()) {
    const [our, their] = [await ours(bytes), verdicts[i]!];
    const shown = `${named(i)}: ${JSON.stringify(bytes.toString('latin1').slice(0, 600))}`;
    if (our !== null) {
      expect(their, shown).toEqual(our);
      seen.both++;
    } else if (their === null) seen.neither++;
    else {
      expect(onlyOurs(bytes, their), shown).toBeDefined();
      seen.onlyTheirs++;
    }
  }
  return seen;
}

it(`agrees with safetensors of PyPI on crafted files and ${CASES} damaged ones`, async ({
  skip,
}) => {
  skipWithout(skip, ['safetensors']);
  await compare(Object.values(CRAFTED), (i) => Object.keys(CRAFTED)[i]!);

  const path = join(folder.path, 'valid.safetensors');
  await writeSafetensors(
    path,
    {
      a: { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      b: { dtype: 'int32', shape: [], data: Int32Array.of(7) },
      c: { dtype: 'bool', shape: [4, 1], data: Uint8Array.of(0, 1, 0, 1) },
    },
    { step: '3' },
  );
  const valid = readFileSync(path);
  const random = randomStream(18).stream('safetensors');
  const total = { both: 0, neither: 0, onlyTheirs: 0 };
  for (let done = 0; done < CASES; done += CASES_AT_A_TIME) {
    const files = Array.from({ length: Math.min(CASES_AT_A_TIME, CASES - done) }, (_, i) => {
      const stream = random.stream(done + i);
      return i % 2 === 0 ? mutate(valid, stream) : mutateHeader(valid, stream);
    });
    const seen = await compare(files, (i) => `case ${done + i}`);
    for (const key of ['both', 'neither', 'onlyTheirs'] as const) total[key] += seen[key];
  }
  console.log(`safetensors: ${JSON.stringify(total)} of ${CASES}`);
  expect(total.both).toBeGreaterThan(CASES / 50);
  expect(total.neither).toBeGreaterThan(CASES / 4);
});
