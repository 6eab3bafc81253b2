import { bfloat16, type HostTree, type Program } from '@eddy/tensor';
import { sharedFolder } from '@eddy/core/testing';
import { matMul, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { HostedEngine } from '../process/hosted-engine.ts';
import { hasFastBfloat16 } from '@eddy/installer';
import { runOnTfjs } from '@eddy/compiler/testing';
import { testXlaEngine } from '../testing/test-engines.ts';

const LAYOUTS = [
  ['x·y', [33, 17], [17, 70], false, false],
  ['xᵀ·y', [17, 33], [17, 70], true, false],
  ['x·yᵀ', [33, 17], [70, 17], false, true],
  ['xᵀ·yᵀ', [17, 33], [70, 17], true, true],
  ['x·y of batches', [3, 2, 33, 17], [3, 2, 17, 70], false, false],
  ['xᵀ·yᵀ of batches', [6, 17, 33], [6, 70, 17], true, true],
  ['rows of many matrices', [4, 5, 17], [17, 70], false, false],
  ['empty rows', [0, 17], [17, 70], false, false],
] as const;

function product(
  x: readonly number[],
  y: readonly number[],
  transposeX: boolean,
  transposeY: boolean,
  { dtype, isRounded }: { readonly dtype: 'bfloat16' | 'float32'; readonly isRounded: boolean },
): Program {
  const operand = (value: Tensor) => (dtype === 'bfloat16' ? bfloat16(value) : value);
  return {
    name: 'product',
    state: {},
    inputs: { x: { shape: [...x], dtype: 'float32' }, y: { shape: [...y], dtype: 'float32' } },
    run: (_state, inputs) => {
      const z = matMul(operand(inputs['x']!), operand(inputs['y']!), transposeX, transposeY);
      return { state: {}, outputs: { z: isRounded ? bfloat16(z) : z } };
    },
  };
}

/** Small whole numbers: products and sums of them are exact in bfloat16, too. */
function wholeNumbers(program: Program): HostTree {
  return Object.fromEntries(
    Object.entries(program.inputs).map(([name, spec]) => {
      const size = spec.shape.reduce((product, dim) => product * dim, 1);
      const data = Float32Array.from({ length: size }, (_, i) => ((i * 7) % 5) - 2);
      return [name, { ...spec, data }];
    }),
  );
}

describe.each([
  ['bfloat16', 'onednn'],
  ['bfloat16', 'compiler'],
  ['float32', 'onednn'],
  ['float32', 'compiler'],
] as const)('products of %s by %s', (dtype, products) => {
  let engine: HostedEngine;
  const folder = sharedFolder();
  beforeEach(({ skip }) => {
    if (products === 'compiler') return;
    skip(process.arch !== 'x64', 'the plugin has oneDNN in its build for x86-64 only');
    skip(dtype === 'bfloat16' && !hasFastBfloat16(), 'this processor has no bfloat16 products');
  });
  beforeAll(async () => {
    engine = await testXlaEngine({
      precision: dtype === 'bfloat16' ? 'bf16-mixed' : 'float32',
      products,
      cacheFolder: folder.path,
    });
  });
  afterAll(async () => {
    await engine.dispose();
  });

  it.each(LAYOUTS)('%s', async (_name, x, y, transposeX, transposeY) => {
    for (const isRounded of [false, true]) {
      const program = product(x, y, transposeX, transposeY, { dtype, isRounded });
      const inputs = wholeNumbers(program);
      const expected = await runOnTfjs('cpu', program, {}, inputs);
      const executable = await engine.compile(program);
      const outputs = await executable.run(await engine.upload({}), inputs, { fetch: ['z'] });
      expect(outputs['z']!.data).toEqual(expected.outputs['z']!.data);
    }
  });

  it('are kept compiled where the plugin can write them', async () => {
    const program = product([4, 4], [4, 4], false, false, { dtype, isRounded: false });
    await engine.compile(program);
    const { stats } = await engine.compile(program);
    expect(stats.cached).toBe(products === 'compiler');
  });
});
