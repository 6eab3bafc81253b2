import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { HostTree } from '@eddy/tensor/spec';
import { sharedFolder } from '../testing/fresh-folder.ts';
import { readHostTree, readSafetensors, writeSafetensors } from './safetensors.ts';

const folder = sharedFolder();

const tree: HostTree = {
  b: { shape: [2], dtype: 'int32', data: Int32Array.of(1, -2) },
  '10': { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  'a/w': { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1.5, -2.25, 0, 3e-39) },
  '2': { shape: [], dtype: 'float32', data: Float32Array.of(7) },
  é: { shape: [0, 3], dtype: 'float32', data: new Float32Array(0) },
};

// safetensors 0.8.0 of PyPI, `safetensors.numpy.save` of the same tensors with metadata {'k': 'v "q"'}.
const REFERENCE_FILE =
  '38010000000000007b225f5f6d657461646174615f5f223a7b226b223a2276205c22715c22227d2c2232223a7b226474' +
  '797065223a22463332222c227368617065223a5b5d2c22646174615f6f666673657473223a5b302c345d7d2c22612f77' +
  '223a7b226474797065223a22463332222c227368617065223a5b322c325d2c22646174615f6f666673657473223a5b34' +
  '2c32305d7d2c22c3a9223a7b226474797065223a22463332222c227368617065223a5b302c335d2c22646174615f6f66' +
  '6673657473223a5b32302c32305d7d2c2262223a7b226474797065223a22493332222c227368617065223a5b325d2c22' +
  '646174615f6f666673657473223a5b32302c32385d7d2c223130223a7b226474797065223a22424f4f4c222c22736861' +
  '7065223a5b335d2c22646174615f6f666673657473223a5b32382c33315d7d7d0000e0400000c03f000010c000000000' +
  'c8aa200001000000feffffff010001';

function fileOf(header: string, data: Uint8Array = new Uint8Array(0)): string {
  const prefix = Buffer.alloc(8);
  const json = Buffer.from(header);
  prefix.writeBigUInt64LE(BigInt(json.length));
  const path = join(folder.path, 'crafted.safetensors');
  writeFileSync(path, Buffer.concat([prefix, json, data]));
  return path;
}

describe('writeSafetensors', () => {
  it('writes the bytes of the reference implementation', async () => {
    const path = join(folder.path, 'written.safetensors');
    const written = await writeSafetensors(path, tree, { k: 'v "q"' });
    const bytes = readFileSync(path);
    expect(bytes.toString('hex')).toBe(REFERENCE_FILE);
    expect(written).toEqual({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it('refuses to overwrite', async () => {
    const path = join(folder.path, 'once.safetensors');
    await writeSafetensors(path, tree);
    await expect(writeSafetensors(path, tree)).rejects.toThrow('EEXIST');
  });
});

describe('readSafetensors', () => {
  it('reads the file of the reference implementation', async () => {
    const path = join(folder.path, 'reference.safetensors');
    writeFileSync(path, Buffer.from(REFERENCE_FILE, 'hex'));
    expect(await readHostTree(path)).toEqual(tree);
    expect([...(await readSafetensors(path)).metadata]).toEqual([['k', 'v "q"']]);
  });

  it.each([
    ['F64', Float64Array.of(1.1, -0), 'float32', [Math.fround(1.1), -0]],
    [
      'F16',
      Uint16Array.of(0x3c00, 0x8001, 0x7c00, 0x3555),
      'float32',
      [1, -(2 ** -24), Infinity, 0.333251953125],
    ],
    ['BF16', Uint16Array.of(0x3f80, 0xc049, 0x7f80), 'float32', [1, -3.140625, Infinity]],
    ['I64', BigInt64Array.of(-5n, 2n ** 31n - 1n), 'int32', [-5, 2 ** 31 - 1]],
    ['I16', Int16Array.of(-300, 7), 'int32', [-300, 7]],
    ['I8', Int8Array.of(-128, 127), 'int32', [-128, 127]],
    ['U8', Uint8Array.of(0, 255), 'int32', [0, 255]],
    ['BOOL', Uint8Array.of(0, 1), 'bool', [0, 1]],
  ] as const)('%s', async (dtype, data, hostDType, values) => {
    const offsets = [0, data.byteLength];
    const header = { x: { dtype, shape: [data.length], data_offsets: offsets } };
    const read = await readHostTree(fileOf(JSON.stringify(header), new Uint8Array(data.buffer)));
    expect(read['x']!.dtype).toBe(hostDType);
    expect([...read['x']!.data]).toEqual(values);
  });

  const one = (fields: object) =>
    JSON.stringify({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } });
  const F32 = (shape: number[], begin: number, end: number) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  it.each([
    ['not JSON', '{"x":', 4, 'byte 8'],
    ['not an object', '[]', 0, 'byte 8'],
    ['leading space', ` ${one({})}`, 4, 'byte 8'],
    ['not UTF-8', Buffer.from([0x7b, 0xff]).toString('latin1'), 0, 'byte 8'],
    [
      'a key twice',
      '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0078":1}',
      4,
      'byte 62',
    ],
    ['half a surrogate pair', '{"__metadata__":{"\\ud800":"a"}}', 0, 'byte 25'],
    ['an exponent', one({}).replace('[1]', '[1e0]'), 4, 'byte 37'],
    ['a negative size', one({ shape: [-1] }), 4, 'byte 37'],
    ['a fraction', one({ shape: [1.5] }), 4, 'byte 37'],
    ['unknown dtype', one({ dtype: 'F8_E4M3' }), 4, 'byte 8'],
    ['inherited dtype', one({ dtype: 'toString' }), 4, 'byte 8'],
    ['shape against size', one({ shape: [2] }), 4, 'byte'],
    [
      'overflow hidden by a zero',
      one({ shape: [2 ** 40, 2 ** 40, 0], data_offsets: [0, 0] }),
      0,
      'byte',
    ],
    ['a hole', JSON.stringify({ a: F32([1], 0, 4), b: F32([1], 8, 12) }), 12, 'byte'],
    ['an overlap', JSON.stringify({ a: F32([2], 0, 8), b: F32([2], 4, 12) }), 12, 'byte'],
    ['end before begin', JSON.stringify({ a: F32([1], 4, 0) }), 4, 'byte'],
    ['bytes too many', one({}), 5, 'byte'],
    ['bytes too few', one({}), 3, 'byte'],
    ['metadata that is no string', '{"__metadata__":{"a":1}}', 0, 'byte 8'],
  ])('refuses %s', async (_name, header, dataBytes, at) => {
    const path = fileOf(header, new Uint8Array(dataBytes));
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code: 'SAFETENSORS_INVALID',
      facts: { at: expect.stringContaining(`crafted.safetensors, ${at}`) as string },
    });
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['shorter than the length', Buffer.alloc(7)],
    ['header beyond the file', Buffer.from('0900000000000000' + '7b7d', 'hex')],
    ['header of 2⁶⁴−1 bytes', Buffer.from('ffffffffffffffff' + '7b7d', 'hex')],
    ['header over 100 MB', Buffer.from('01e1f50500000000' + '7b7d', 'hex')],
  ])('refuses a file that is %s', async (_name, bytes) => {
    const path = join(folder.path, 'short.safetensors');
    writeFileSync(path, bytes);
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'SAFETENSORS_INVALID' });
  });

  it('refuses an I64 that does not fit in int32', async () => {
    const header = '{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}';
    const path = fileOf(header, new Uint8Array(BigInt64Array.of(2n ** 31n).buffer));
    await expect(readHostTree(path)).rejects.toMatchObject({ code: 'SAFETENSORS_INVALID' });
  });

  it('reads back any tree, bit for bit', async () => {
    const tensor = fc.oneof(
      fc.float32Array().map((data) => ({ shape: [data.length], dtype: 'float32' as const, data })),
      fc.int32Array().map((data) => ({ shape: [1, data.length], dtype: 'int32' as const, data })),
      fc
        .uint8Array({ max: 1 })
        .map((data) => ({ shape: [data.length, 1], dtype: 'bool' as const, data })),
    );
    const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__metadata__');
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, tensor), async (any) => {
        const path = join(folder.path, `any-${count++}.safetensors`);
        await writeSafetensors(path, any);
        const read = await readHostTree(path);
        expect(Object.keys(read).sort()).toEqual(Object.keys(any).sort());
        for (const [key, { data, ...spec }] of Object.entries(any)) {
          expect(read[key]).toMatchObject(spec);
          expect(Buffer.from(read[key]!.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
