import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { HostTree } from '@eddy/tensor';
import { sharedFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { readTorchFile } from './read-torch-file.ts';
import { writeTorchFile } from './write-torch-file.ts';

const folder = sharedFolder();

const tree: HostTree = {
  'model.w': { shape: [2, 3], dtype: 'float32', data: Float32Array.of(1, -2, 3e-39, NaN, 5, 6) },
  'model.start': {
    shape: [4],
    dtype: 'float32',
    // Halfway between two bfloat16, twice: to the even one. Then just above halfway, and NaN.
    data: Float32Array.of(1.00390625, 1.01171875, 1.0039064, NaN),
  },
  steps: { shape: [], dtype: 'int32', data: Int32Array.of(-7) },
  halted: { shape: [2], dtype: 'bool', data: Uint8Array.of(1, 0) },
  none: { shape: [0, 3], dtype: 'float32', data: new Float32Array(0) },
};

it('writes what the reader reads, buffers rounded to bfloat16', async () => {
  const path = join(folder.path, 'step_7');
  await writeTorchFile(path, tree, { bfloat16: (name) => name === 'model.start' });
  const { tensors } = await readTorchFile(path);
  const read = [...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape]);
  expect(read).toEqual([
    ['model.w', 'F32', [2, 3]],
    ['model.start', 'BF16', [4]],
    ['steps', 'I32', []],
    ['halted', 'BOOL', [2]],
    ['none', 'F32', [0, 3]],
  ]);
  const bytesOf = (name: string) => tensors.get(name)!.bytes.buffer;
  expect(new Float32Array(bytesOf('model.w'))).toEqual(tree['model.w']!.data);
  expect([...new Uint16Array(bytesOf('model.start'))]).toEqual([0x3f80, 0x3f82, 0x3f81, 0x7fc0]);
  expect(new Int32Array(bytesOf('steps'))).toEqual(Int32Array.of(-7));
});

it('lets the data of every tensor begin at a multiple of 64', async () => {
  const path = join(folder.path, 'aligned');
  await writeTorchFile(path, tree);
  const bytes = readFileSync(path);
  const weight = Buffer.from((tree['model.w']!.data as Float32Array).buffer);
  expect(bytes.indexOf(weight) % 64).toBe(0);
  await expect(writeTorchFile(path, tree)).rejects.toThrow('EEXIST');
});
