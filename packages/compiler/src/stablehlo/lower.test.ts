import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { bfloat16, recomputable, recomputing, repeat, type Program } from '@eddy/tensor';
import { describe, expect, it } from 'vitest';

import { optimise } from '../passes/optimise.ts';
import { trace } from '../trace/trace.ts';
import { lower } from './lower.ts';
import { floatLiteral } from '../ops/define/stablehlo-text.ts';

const step: Program = {
  name: 'gradient-step',
  state: {
    weights: { shape: [2, 2], dtype: 'float32' },
    unused: { shape: [3], dtype: 'float32' },
    count: { shape: [], dtype: 'int32' },
  },
  inputs: { x: { shape: [4, 2], dtype: 'float32' } },
  run: ({ weights, count }, { x }) => {
    const product = tf.matMul(x!, weights!);
    const [turned] = repeat(3, [product], ([y]) => [tf.matMul(y!, weights!)]);
    return {
      state: { weights: tf.sub(weights!, 0.5), count: tf.add(count!, tf.scalar(1, 'int32')) },
      outputs: { total: tf.sum(tf.sigmoid(turned!)) },
    };
  },
};

describe('literals', () => {
  const textOf = (...shape: number[]) => {
    const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 3 === 0);
    const run: Program['run'] = (_state, { x }) => ({
      state: {},
      outputs: { y: tf.logicalAnd(x!, tf.tensor(values, shape, 'bool')) },
    });
    const inputs = { x: { shape, dtype: 'bool' } } as const;
    return lower(optimise(trace({ name: 'p', state: {}, inputs, run }), { precision: 'float32' }))
      .text;
  };

  it('of bool are nested as their shape says', () => {
    expect(textOf(4)).toContain('dense<[true, false, false, true]> : tensor<4xi1>');
    expect(textOf(2, 1, 2)).toContain(
      'dense<[[[true, false]], [[false, true]]]> : tensor<2x1x2xi1>',
    );
  });
});

describe('lower', () => {
  const lowered = lower(optimise(trace(step), { precision: 'float32' }));

  it('writes one module', () => {
    expect(lowered.text).toMatchInlineSnapshot(`
      "module @gradient_step {
      func.func public @main(%arg0: tensor<2x2xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<3xf32>, %arg2: tensor<i32> {tf.aliasing_output = 1 : i32}, %arg3: tensor<4x2xf32>) -> (tensor<2x2xf32>, tensor<i32>, tensor<f32>) {
      %0 = stablehlo.dot_general %arg3, %arg0, contracting_dims = [1] x [0] : (tensor<4x2xf32>, tensor<2x2xf32>) -> tensor<4x2xf32>
      %1 = stablehlo.constant dense<0> : tensor<i32>
      %5:3 = stablehlo.while(%2 = %1, %3 = %0, %4 = %arg0) : tensor<i32>, tensor<4x2xf32>, tensor<2x2xf32>
      cond {
      %6 = stablehlo.constant dense<3> : tensor<i32>
      %7 = stablehlo.compare LT, %2, %6, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %7 : tensor<i1>
      } do {
      %8 = stablehlo.dot_general %3, %4, contracting_dims = [1] x [0] : (tensor<4x2xf32>, tensor<2x2xf32>) -> tensor<4x2xf32>
      %9 = stablehlo.constant dense<1> : tensor<i32>
      %10 = stablehlo.add %2, %9 : tensor<i32>
      stablehlo.return %10, %8, %4 : tensor<i32>, tensor<4x2xf32>, tensor<2x2xf32>
      }
      %11 = stablehlo.constant dense<5.0e-1> : tensor<f32>
      %12 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x2xf32>
      %13 = stablehlo.subtract %arg0, %12 : tensor<2x2xf32>
      %14 = stablehlo.constant dense<1> : tensor<i32>
      %15 = stablehlo.add %arg2, %14 : tensor<i32>
      %17 = stablehlo.constant dense<0.5> : tensor<f32>
      %16 = stablehlo.broadcast_in_dim %17, dims = [] : (tensor<f32>) -> tensor<4x2xf32>
      %18 = stablehlo.multiply %5#1, %16 : tensor<4x2xf32>
      %19 = stablehlo.tanh %18 : tensor<4x2xf32>
      %20 = stablehlo.multiply %19, %16 : tensor<4x2xf32>
      %21 = stablehlo.add %20, %16 : tensor<4x2xf32>
      %22 = stablehlo.constant dense<0.0> : tensor<f32>
      %23 = stablehlo.reduce(%21 init: %22) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x2xf32>, tensor<f32>) -> tensor<f32>
      return %13, %15, %23 : tensor<2x2xf32>, tensor<i32>, tensor<f32>
      }
      }
      "
    `);
  });

  it('keeps unused arguments and donates state that comes back', () => {
    expect(lowered.arguments.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'state weights',
      'state unused',
      'state count',
      'input x',
    ]);
    expect(lowered.results.map(({ name, donor }) => [name, donor])).toEqual([
      ['weights', 0],
      ['count', 2],
      ['total', undefined],
    ]);
  });

  it('counts multiply-adds of matrix products, loops multiplied out', () => {
    expect(lowered.flops).toBe(2 * (4 * 2 * 2) * (1 + 3));
  });
});

describe('literals', () => {
  it.each([
    [1, '1.0e+0'],
    [-0, '-0.0'],
    [1e-5, '1.0e-5'],
    [Math.fround(0.1), '1.0000000149011612e-1'],
    [NaN, '0x7FC00000'],
    [-Infinity, '0xFF800000'],
  ])('%d is %s', (value, text) => {
    expect(floatLiteral(value)).toBe(text);
  });
});

describe('barriers', () => {
  const program: Program = {
    name: 'stored',
    state: {},
    inputs: { x: { shape: [2], dtype: 'float32' } },
    run: (_state, { x }) => ({ state: {}, outputs: { y: bfloat16(tf.exp(x!)) } }),
  };
  const traced = optimise(trace(program), { precision: 'float32' });

  it('are left out by default', () => {
    const { text, takesTrue } = lower(traced);
    expect(text).not.toContain('stablehlo.if');
    expect(takesTrue).toBe(false);
  });

  it('pass through a conditional that depends on one more argument', () => {
    const { text, takesTrue } = lower(traced, { barriers: 'branch' });
    expect(takesTrue).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "module @stored {
      func.func public @main(%arg0: tensor<2xf32>, %true: tensor<i1>) -> (tensor<2xf32>) {
      %0 = stablehlo.exponential %arg0 : tensor<2xf32>
      %1 = "stablehlo.if"(%true) ({
      stablehlo.return %0 : tensor<2xf32>
      }, {
      %2 = stablehlo.constant dense<0.0> : tensor<f32>
      %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<2xf32>
      stablehlo.return %3 : tensor<2xf32>
      }) : (tensor<i1>) -> tensor<2xf32>
      return %1 : tensor<2xf32>
      }
      }
      "
    `);
  });

  it('ask for no argument where there are none', () => {
    const traced = optimise(trace(step), { precision: 'float32' });
    expect(lower(traced, { barriers: 'branch' }).takesTrue).toBe(false);
  });
});

describe('matrix products', () => {
  const program: Program = {
    name: 'product',
    state: {},
    inputs: { x: { shape: [2, 3], dtype: 'float32' }, y: { shape: [2, 4], dtype: 'float32' } },
    run: (_state, { x, y }) => ({
      state: {},
      outputs: { z: tf.matMul(bfloat16(x!), bfloat16(y!), true) },
    }),
  };

  it('are the compiler’s by default', () => {
    const lowered = lower(optimise(trace(program), { precision: 'bf16-mixed' }));
    expect(lowered.text).toContain('stablehlo.dot_general %0, %1, contracting_dims = [0] x [0]');
    expect(lowered.serializable).toBe(true);
  });

  it('are calls of oneDNN in the dtypes that it is to multiply', () => {
    const lowered = lower(optimise(trace(program), { precision: 'bf16-mixed' }), {
      libraryProducts: ['bfloat16'],
    });
    expect(lowered.text).toContain(
      '%2 = stablehlo.custom_call @"__onednn$matmul"(%0, %1) {backend_config = ' +
        String.raw`"{\"onednn_matmul_config\":{\"transpose_a\":true,\"transpose_b\":false}}", api_version = 1 : i32}`.replaceAll(
          '\\\\',
          '\\',
        ) +
        ' : (tensor<2x3xbf16>, tensor<2x4xbf16>) -> tensor<3x4xf32>',
    );
    expect(lowered.serializable).toBe(false);
    const float32 = optimise(trace(program), { precision: 'float32' });
    const compilers = lower(float32, { libraryProducts: ['bfloat16'] });
    expect(compilers.text).not.toContain('onednn');
    expect(compilers.serializable).toBe(true);
    const librarys = lower(float32, { libraryProducts: ['float32'] });
    expect(librarys.text).toContain(': (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>');
    expect(librarys.serializable).toBe(false);
  });
});

describe('fences', () => {
  const program: Program = {
    name: 'again',
    state: {},
    inputs: { x: { shape: [2], dtype: 'float32' } },
    run: (_state, { x }) => {
      const piece = (v: tf.Tensor) => recomputable(v, {}, (input) => tf.exp(input));
      const gradient = recomputing(() => tf.grad((v: tf.Tensor) => tf.sum(piece(v)))(x!));
      return { state: {}, outputs: { gradient } };
    },
  };
  const traced = optimise(trace(program), { precision: 'float32' });

  it('are barriers that no pass of the compiler may look through', () => {
    const { text, takesTrue } = lower(traced);
    expect(takesTrue).toBe(false);
    expect(text).toMatch(
      /%(\d+):2 = stablehlo.optimization_barrier %arg0, %\d+ : tensor<2xf32>, tensor<2xf32>\n%\d+ = stablehlo.exponential %\1#0/,
    );
  });

  it('pass through one conditional where the compiler drops barriers early', () => {
    const { text, takesTrue } = lower(traced, { barriers: 'branch' });
    expect(takesTrue).toBe(true);
    expect(text).toMatch(/%\d+:2 = "stablehlo.if"\(%true\) \(\{/);
    expect(text).toMatch(/\}\) : \(tensor<i1>\) -> \(tensor<2xf32>, tensor<2xf32>\)/);
  });
});
