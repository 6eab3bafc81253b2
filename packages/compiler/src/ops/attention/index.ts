/** Attention by one kernel of the target. Only traces for a target that has it hold these ops. */
import { sizeOf } from '@eddy/tensor/spec';

import { attributes, defineOp, notSupported } from '../define/op.ts';
import { demand } from '../define/rules.ts';
import { sameShape, type ValueSpec } from '../define/value.ts';
import { attentionGradientOf, attentionOf } from './interpret.ts';
import { attentionGradientInStablehlo, attentionInStablehlo } from './stablehlo.ts';

const ofAnotherTarget = notSupported('it is put in for a target that has a kernel for it');

/**
 * softmax(q·kᵀ·scale)·v. Operands q, k, v bfloat16 [B, H, L, K]; results: the value, like q, and float32
 * [B, H, L] that the gradient takes: the logarithm of the sum of exponentials of each row of scores.
 */
export const attention = defineOp({
  operands: ['q', 'k', 'v'],
  results: ['value', 'rowSums'],
  attrs: attributes<{ scale: number }>(),
  infer: (inputs) => {
    demandAlike(inputs);
    const [q] = inputs;
    return [q, { shape: q.shape.slice(0, 3), dtype: 'float32' }];
  },
  storage: 'stored',
  elementWise: false,
  flops: ({ inputs: [q] }) => 2 * scoresFlops(q),
  interpret: ({ inputs: [q], attrs: { scale } }, inputs, { outputs }) => {
    const { value, rowSums } = attentionOf(inputs, q.shape, scale);
    return [value, rowSums].map((exact, i) => outputs[i]!.generate((at) => exact[at]!));
  },
  stablehlo: attentionInStablehlo,
  onnx: ofAnotherTarget,
  tensorflow: ofAnotherTarget,
});

/** Operands q, k, v, `attention`'s second result, its first, the gradient of that; results dq, dk, dv. */
export const attentionGradient = defineOp({
  operands: ['q', 'k', 'v', 'rowSums', 'value', 'dValue'],
  results: ['dq', 'dk', 'dv'],
  attrs: attributes<{ scale: number }>(),
  infer: ([q, k, v, rowSums, value, dValue]) => {
    demandAlike([q, k, v, value, dValue]);
    const rows = q.shape.slice(0, 3);
    demand(rowSums.dtype === 'float32' && sameShape(rowSums.shape, rows), 'one sum a row');
    return [q, k, v];
  },
  storage: 'stored',
  elementWise: false,
  // The scores that the kernel computes a second time do not count.
  flops: ({ inputs: [q] }) => 4 * scoresFlops(q),
  interpret: ({ inputs: [q], attrs: { scale } }, inputs, { outputs }) =>
    attentionGradientOf(inputs, q.shape, scale).map((exact, i) =>
      outputs[i]!.generate((at) => exact[at]!),
    ),
  stablehlo: attentionGradientInStablehlo,
  onnx: ofAnotherTarget,
  tensorflow: ofAnotherTarget,
});

function demandAlike(inputs: readonly ValueSpec[]): void {
  const { shape } = inputs[0]!;
  demand(shape.length === 4, 'operands must be [batch, heads, positions, width]');
  const alike = (x: ValueSpec) => x.dtype === 'bfloat16' && sameShape(x.shape, shape);
  demand(inputs.every(alike), 'operands must be bfloat16 and of one shape');
}

/** Of one product of [L, K] and [K, L] in each head of each example. */
function scoresFlops({ shape }: ValueSpec): number {
  return 2 * sizeOf(shape) * shape[2]!;
}
