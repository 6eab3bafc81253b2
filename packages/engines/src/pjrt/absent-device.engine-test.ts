/** XLA's CUDA plugin compiles for a GPU that is not here. Needs `pipeline engines install cuda13-compiler`. */
import type { Program } from '@eddy/tensor';
import { matMul, type Tensor2D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { findCudaPlugin } from '@eddy/installer';
import { testCacheFolder } from '../testing/test-engines.ts';
import cudaPlugin from '../xla-cuda.plugin.ts';

const absence = 'no CUDA plugin: pipeline engines install cuda13-compiler';
const plugin = await findCudaPlugin(testCacheFolder(), { compilerOnly: true });

const SIDE = 1024;
const square = { shape: [SIDE, SIDE], dtype: 'float32' } as const;
/** Between its two products lies one matrix. */
const twoProducts: Program = {
  name: 'two-products',
  state: { w: square },
  inputs: { x: square },
  run: ({ w }, { x }) => {
    const inner = matMul(x as Tensor2D, w as Tensor2D);
    return { state: {}, outputs: { y: matMul(inner, w as Tensor2D) } };
  },
};

describe('a GPU that is not here', () => {
  const create = () =>
    cudaPlugin.create(
      cudaPlugin.config.parse({ target: 'rtx-4080', precision: 'float32', memoryFraction: 0.5 }),
      { cacheFolder: testCacheFolder() },
    );
  let engine: Awaited<ReturnType<typeof create>>;
  beforeAll(async () => {
    if (plugin !== null) engine = await create();
  });
  beforeEach(({ skip }) => {
    skip(plugin === null, absence);
  });
  afterAll(async () => {
    if (plugin !== null) await engine.dispose();
  });

  it('compiles, and says what the program would take', async () => {
    const { stats } = await engine.compile(twoProducts);
    const bytes = 4 * SIDE * SIDE;
    expect(stats).toMatchObject({ argumentBytes: 2 * bytes, outputBytes: bytes });
    expect(stats.temporaryBytes).toBeGreaterThanOrEqual(bytes);
  });

  it('has the memory of that GPU, as far as the engine may take it', async () => {
    expect(engine.info).toMatchObject({ isAbsent: true, devices: 1 });
    expect(engine.info.description).toContain('NVIDIA GeForce RTX 4080, which is not present');
    expect(await engine.memory()).toEqual({ bytesInUse: 0, limitBytes: 8 * 2 ** 30 });
  });

  it('takes no tensors', async () => {
    await expect(engine.upload({})).rejects.toMatchObject({ code: 'DEVICE_ABSENT' });
  });
});
