import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { randomStream } from '@eddy/core';
import { type EddyError } from '@eddy/tensor/errors';
import { freshFolder } from '@eddy/core/testing';
import { npyHeader, parseHeaderText } from './npy-header.ts';
import { npyByteRows, npyIntegers, openNpy } from './read-npy.ts';
import { NpyWriter } from './write-npy.ts';

const folder = freshFolder();

const { signal } = new AbortController();

async function fileOf(...parts: readonly Uint8Array[]): Promise<string> {
  const file = path.join(folder.path, 'a.npy');
  await writeFile(file, Buffer.concat(parts));
  return file;
}

/** What a reader of datasets does with a file. */
async function readAll(file: string): Promise<number[][]> {
  const npy = await openNpy(file);
  if (npy.shape.length !== 2) return [[...(await npyIntegers(npy, signal))]];
  const rows: number[][] = [];
  for await (const row of npyByteRows(npy, signal)) rows.push([...row]);
  return rows;
}

function header(dtype: 'uint8' | 'int32' | 'int64', ...shape: number[]): Buffer {
  return npyHeader({ dtype, shape });
}

describe('reading', () => {
  it.each([
    ['uint8', Buffer.from(Uint8Array.of(1, 2, 3, 255, 0, 6))],
    ['int32', Buffer.from(Int32Array.of(1, 2, 3, 255, 0, 6).buffer)],
    ['int64', Buffer.from(BigInt64Array.of(1n, 2n, 3n, 255n, 0n, 6n).buffer)],
  ] as const)('takes %s', async (dtype, values) => {
    expect(await readAll(await fileOf(header(dtype, 2, 3), values))).toEqual([
      [1, 2, 3],
      [255, 0, 6],
    ]);
    expect(await readAll(await fileOf(header(dtype, 6), values))).toEqual([[1, 2, 3, 255, 0, 6]]);
  });

  it('takes version 2, other orders of keys and spaces', async () => {
    const text = Buffer.from(`{'shape': (2,),'fortran_order':False, 'descr':'|u1'}\n`);
    const prefix = Buffer.from('\x93NUMPY\x02\x00\0\0\0\0', 'latin1');
    prefix.writeUInt32LE(text.length, 8);
    expect(await readAll(await fileOf(prefix, text, Uint8Array.of(7, 8)))).toEqual([[7, 8]]);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    [
      'version 1.235, which NumPy has not',
      Buffer.concat([
        Buffer.from('\x93NUMPY\x01\xeb', 'latin1'),
        header('uint8', 1).subarray(8),
        Buffer.of(1),
      ]),
    ],
    ['another kind of file', Buffer.from('PK\x03\x04 and so on and on')],
    ['a claim of 10^15 values', header('int64', 1e15)],
    ['a shape whose product is no number', header('int64', 9e15, 9e15)],
    ['too few values', Buffer.concat([header('uint8', 4), Uint8Array.of(1, 2, 3)])],
    ['too many values', Buffer.concat([header('uint8', 2), Uint8Array.of(1, 2, 3)])],
    ['a value that is no byte', Buffer.concat([header('int32', 1, 1), Buffer.from([0, 1, 0, 0])])],
    [
      'a value beyond int32',
      Buffer.concat([header('int64', 1), Buffer.from(BigInt64Array.of(2n ** 40n).buffer)]),
    ],
    [
      'Fortran order',
      Buffer.from(
        npyHeader({ dtype: 'uint8', shape: [2, 2] })
          .toString('latin1')
          .replace('False', 'True '),
        'latin1',
      ),
    ],
    ['floats', Buffer.from(header('int32', 1).toString('latin1').replace('<i4', '<f4'), 'latin1')],
  ])('refuses %s', async (_, bytes) => {
    const file = await fileOf(bytes);
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'NPY_INVALID',
      facts: { at: file },
    });
  });

  it('refuses a header of a gigabyte before it reads it', async () => {
    const bytes = Buffer.from('\x93NUMPY\x02\x00\0\0\0\x40 and no more', 'latin1');
    await expect(readAll(await fileOf(bytes))).rejects.toMatchObject({ code: 'NPY_INVALID' });
  });

  it('ends thousands of damaged files with values or NPY_INVALID', async () => {
    const random = randomStream(0);
    const whole = Buffer.concat([header('int32', 3, 2), Buffer.from(new Int32Array(6).buffer)]);
    let refused = 0;
    for (let i = 0; i < 2000; i++) {
      const damaged = Buffer.from(whole.subarray(0, 1 + random.integer(whole.length)));
      for (let n = random.integer(4); n >= 0; n--) {
        damaged[random.integer(damaged.length)] = random.integer(256);
      }
      try {
        await readAll(await fileOf(damaged));
      } catch (error) {
        expect((error as EddyError).code).toBe('NPY_INVALID');
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

describe('writing', () => {
  it('writes what it reads, more than one piece of it', async () => {
    const file = path.join(folder.path, 'big.npy');
    const writer = await NpyWriter.open(file, 'int32');
    const values = Int32Array.from({ length: 300_000 }, (_, i) => i * 7 - 1_000_000);
    await writer.write(values.subarray(0, 11));
    await writer.write(values.subarray(11));
    await writer.close();
    expect(await npyIntegers(await openNpy(file), signal)).toEqual(values);
  });

  it('pads its header as NumPy does', async () => {
    const file = path.join(folder.path, 'rows.npy');
    const writer = await NpyWriter.open(file, 'uint8', [3]);
    await writer.write([1, 2, 3, 4, 5, 6]);
    await writer.close();
    const bytes = await readFile(file);
    expect(bytes.subarray(0, 128)).toEqual(
      Buffer.concat([
        Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'),
        Buffer.from("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)),
        Buffer.from('\n'),
      ]),
    );
    expect([...bytes.subarray(128)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(parseHeaderText(bytes.toString('latin1', 10, 128))).toEqual({
      dtype: 'uint8',
      shape: [2, 3],
    });
  });
});
