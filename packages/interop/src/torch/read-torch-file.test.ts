import { describe, expect, it } from 'vitest';

import {
  global,
  orderedDict,
  pickleOf,
  stateDict,
  tensor,
  torchFileOf,
  tuple,
} from '../testing/crafted-files.ts';
import { SIX, WEIGHT } from '../testing/small-state-dict.ts';
import { torchFolder } from '../testing/torch-folder.ts';

const { readBytes } = torchFolder();

describe('readTorchFile', () => {
  it('names a file that Git LFS left out', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n';
    await expect(readBytes(Buffer.from(pointer))).rejects.toMatchObject({
      code: 'GIT_LFS_POINTER',
      facts: { expected: 'the file itself, 7 bytes' },
    });
  });

  it('reads a state dict in its order', async () => {
    const halves = Uint16Array.of(0x3f80, 0xc000);
    const bias = { storage: 'BFloat16Storage', key: '1', numElements: 2, shape: [2], strides: [1] };
    const pickle = stateDict({ weight: tensor(WEIGHT), bias: tensor(bias) });
    const { tensors } = await readBytes(
      torchFileOf(pickle, { 0: SIX, 1: Buffer.from(halves.buffer) }),
    );
    expect([...tensors.keys()]).toEqual(['weight', 'bias']);
    const weight = tensors.get('weight')!;
    expect([weight.dtype, weight.shape]).toEqual(['F32', [2, 3]]);
    expect(new Float32Array(weight.bytes.buffer)).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    expect(tensors.get('bias')!.dtype).toBe('BF16');
    expect(new Uint16Array(tensors.get('bias')!.bytes.buffer)).toEqual(halves);
  });

  it.each([
    ['a transpose', { shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
    ['a part', { shape: [2], strides: [1], offset: 3 }, [3, 4]],
    ['a column', { shape: [2, 1], strides: [3, 7], offset: 1 }, [1, 4]],
    ['a spread row', { shape: [2, 2], strides: [0, 1] }, [0, 1, 0, 1]],
    ['a scalar', { shape: [], strides: [], offset: 5 }, [5]],
    ['nothing', { shape: [0, 4], strides: [4, 1], offset: 6 }, []],
  ])('makes %s contiguous', async (_name, view, expected) => {
    const pickle = stateDict({ x: tensor({ ...WEIGHT, ...view }) });
    const { tensors } = await readBytes(torchFileOf(pickle, { 0: SIX }));
    expect(tensors.get('x')!.shape).toEqual(view.shape);
    expect([...new Float32Array(tensors.get('x')!.bytes.buffer)]).toEqual(expected);
  });

  it('reads two names of one storage, and a Parameter as its data', async () => {
    const parameter = pickleOf(
      global('torch._utils', '_rebuild_parameter'),
      tuple(tensor(WEIGHT), pickleOf('NEWTRUE'), orderedDict()),
      'REDUCE',
    );
    const pickle = stateDict({ a: parameter, b: tensor(WEIGHT) });
    const { tensors } = await readBytes(torchFileOf(pickle, { 0: SIX }));
    expect(tensors.get('a')).toEqual(tensors.get('b'));
  });
});
