import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { randomStream } from '@eddy/core';
import { bfloat16, composite, type HostTree, type Program } from '@eddy/tensor';
import { describe, expect, it } from 'vitest';

import { flopsOf } from '../graph/flops.ts';
import { interpret } from '../interpreter/interpret.ts';
import { optimise } from '../passes/optimise.ts';
import { lower } from '../stablehlo/lower.ts';
import type { Composites } from '../trace/capture/composites.ts';
import { trace } from '../trace/trace.ts';
import { CUDNN_ATTENTION } from './cudnn-attention.ts';

const [H, B, L, K] = [2, 3, 5, 8];
const scale = 1 / Math.sqrt(K);

/** Forward and backward, as the layers of the models ask for them. */
function attend(width: number): Program {
  const spec = { shape: [H, B, L, width], dtype: 'float32' } as const;
  return {
    name: 'attend',
    state: {},
    inputs: { q: spec, k: spec, v: spec, d: spec },
    run: (_state, { q, k, v, d }) => {
      const p = (a: tf.Tensor, b: tf.Tensor) =>
        tf.softmax(tf.mul(tf.matMul(a, b, false, true), scale));
      const [value] = composite('attention', { scale }, [q!, k!, v!], ([a, b, c]) => [
        tf.matMul(p(a!, b!), c!),
      ]);
      const [dq, dk, dv] = composite(
        'attentionGradient',
        { scale },
        [q!, k!, v!, d!],
        ([a, b, c, dValue]) => {
          const weights = p(a!, b!);
          const scaled = tf.mul(tf.matMul(dValue!, c!, false, true), weights);
          const ds = tf.mul(tf.sub(scaled, tf.mul(tf.sum(scaled, 3, true), weights)), scale);
          return [
            tf.matMul(ds, b!),
            tf.matMul(ds, a!, true, false),
            tf.matMul(weights, dValue!, true, false),
          ];
        },
      );
      return { state: {}, outputs: { value: value!, dq: dq!, dk: dk!, dv: dv! } };
    },
  };
}

const graphFor = (composites: Composites, width = K) =>
  optimise(trace(attend(width), { composites }), {
    precision: 'bf16-mixed',
    products: 'any',
  });
const opsOf = (graph: ReturnType<typeof graphFor>) => graph.graph.nodes.map(({ op }) => op);

describe('attention by cuDNN', () => {
  it('computes what the composite says, within bfloat16', () => {
    const random = randomStream(0).stream('attention');
    const inputs: HostTree = Object.fromEntries(
      ['q', 'k', 'v', 'd'].map((name) => [
        name,
        {
          shape: [H, B, L, K],
          dtype: 'float32' as const,
          data: Float32Array.from({ length: H * B * L * K }, () => 4 * random.uniform() - 2),
        },
      ]),
    );
    const expected = interpret(graphFor({}), {}, inputs).outputs;
    const received = interpret(graphFor(CUDNN_ATTENTION), {}, inputs).outputs;
    for (const [name, { data }] of Object.entries(expected)) {
      const largest = Math.max(...Array.from(data, Math.abs));
      const off = Math.max(...Array.from(data, (x, i) => Math.abs(x - received[name]!.data[i]!)));
      expect(off / largest, name).toBeLessThan(0.02);
      expect(largest).toBeGreaterThan(0.1);
    }
  });

  it('is one kernel forward, one backward, and the forward one is not run again', () => {
    const ops = opsOf(graphFor(CUDNN_ATTENTION));
    expect(ops.filter((op) => op.startsWith('attention'))).toEqual([
      'attention',
      'attentionGradient',
    ]);
    expect(ops).not.toContain('dot');
  });

  it('takes a marked product as it is stored, and has it computed once', () => {
    const program: Program = {
      name: 'projected',
      state: {},
      inputs: {
        x: { shape: [B * L, H * K], dtype: 'float32' },
        w: { shape: [H * K, H * K], dtype: 'float32' },
      },
      run: (_state, { x, w }) => {
        const product = bfloat16(tf.matMul(bfloat16(tf.exp(x!)), bfloat16(tf.exp(w!))));
        const q = tf.transpose(tf.reshape(product, [B, L, H, K]), [2, 0, 1, 3]);
        const [y] = composite('attention', { scale }, [q, q, q], ([a]) => [a!]);
        return { state: {}, outputs: { y: y!, sum: tf.sum(product) } };
      },
    };
    const { graph } = optimise(trace(program, { composites: CUDNN_ATTENTION }), {
      precision: 'bf16-mixed',
      products: 'any',
    });
    const dots = graph.nodes.filter(({ op }) => op === 'dot');
    expect(dots.map(({ outputs }) => outputs[0]!.dtype)).toEqual(['bfloat16']);
    expect(graph.nodes.filter(({ op }) => op === 'convert')).toHaveLength(4);
  });

  it('counts the products that the composite counts', () => {
    expect(flopsOf(graphFor(CUDNN_ATTENTION).graph)).toBe(flopsOf(graphFor({}).graph));
    expect(flopsOf(graphFor({}).graph)).toBe(6 * 2 * H * B * L * L * K);
  });

  it('leaves heads of a width that cuDNN does not take to the compiler', () => {
    expect(opsOf(graphFor(CUDNN_ATTENTION, 12))).not.toContain('attention');
  });

  it("is written as XLA's custom calls", () => {
    const { text } = lower(graphFor(CUDNN_ATTENTION));
    const calls = text.split('\n').filter((line) => line.includes('custom_call'));
    expect(calls.map((line) => line.replace(/backend_config = "([^"\\]|\\.)*"/, '…'))).toEqual([
      expect.stringMatching(
        /^%\d+:3 = stablehlo\.custom_call @__cudnn\$fmhaSoftmax\(%\d+, %\d+, %\d+\) \{…, operand_layouts = \[(dense<\[3, 1, 0, 2\]> : tensor<4xindex>, ){2}dense<\[3, 1, 0, 2\]> : tensor<4xindex>\], result_layouts = \[dense<\[3, 1, 0, 2\]> : tensor<4xindex>, dense<\[2, 1, 0\]> : tensor<3xindex>, dense<\[0\]> : tensor<1xindex>\], api_version = 2 : i32\} : \((tensor<3x2x5x8xbf16>, ){2}tensor<3x2x5x8xbf16>\) -> \(tensor<3x2x5x8xbf16>, tensor<3x2x5xf32>, tensor<0xui8>\)$/,
      ),
      expect.stringMatching(
        /^%\d+:4 = stablehlo\.custom_call @__cudnn\$fmhaSoftmaxBackward\(%\d+, %\d+, %\d+, %\d+#1, %\d+, %\d+#0\)/,
      ),
    ]);
    const [forward, backward] = calls.map(
      (line) =>
        JSON.parse(JSON.parse(/backend_config = ("(?:[^"\\]|\\.)*")/.exec(line)![1]!) as string)
          .cudnn_fmha_backend_config as Record<string, unknown>,
    );
    expect(forward).toMatchObject({
      fmha_scale: scale,
      mask_type: 'NO_MASK',
      is_flash_attention: true,
      intermediate_tensor_shape: { element_type: 'BF16', dimensions: ['3', '2', '5', '5'] },
    });
    expect(forward).toHaveProperty('bmm2_dot_dimension_numbers');
    expect(backward).toHaveProperty('bmm2_grad_gemm2_dot_dimension_numbers');
  });
});
