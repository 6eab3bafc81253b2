/** Matrix products. */
import type { BatchMatMulAttrs, _FusedMatMulAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '@eddy/tensor';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { broadcastShape } from '../../ops/define/rules.ts';

import { activated } from './activation.ts';
import { asNumber, type KernelTable } from './kernel.ts';

/** a·b over the last two axes; leading axes are a batch, spread to a common shape. */
function matMul(
  b: GraphBuilder,
  left: Value,
  right: Value,
  { transposeA, transposeB }: BatchMatMulAttrs,
): Value {
  const batchLeft = left.shape.slice(0, -2);
  const batchRight = right.shape.slice(0, -2);
  const matrixRight = right.shape.slice(-2);
  if (sizeOf(batchRight) === 1 && batchLeft.length >= batchRight.length) {
    // One matrix on the right: the batch is just more rows, so no batched dot is needed.
    const contractLeft = left.shape.length - (transposeA ? 2 : 1);
    return b.emit('dot', [left, b.reshape(right, matrixRight)], {
      batch: [[], []],
      contract: [[contractLeft], [transposeB ? 1 : 0]],
      dtype: left.dtype,
    });
  }
  const batch = broadcastShape(batchLeft, batchRight);
  const axes = batch.map((_, axis) => axis);
  return b.emit(
    'dot',
    [
      b.broadcast(left, [...batch, ...left.shape.slice(-2)]),
      b.broadcast(right, [...batch, ...matrixRight]),
    ],
    {
      batch: [axes, axes],
      contract: [[batch.length + (transposeA ? 0 : 1)], [batch.length + (transposeB ? 1 : 0)]],
      dtype: left.dtype,
    },
  );
}

export const matMulKernels: KernelTable = {
  BatchMatMul: (b, inputs, attrs: BatchMatMulAttrs) =>
    matMul(b, asNumber(b, inputs['a']!), asNumber(b, inputs['b']!), attrs),

  _FusedMatMul: (b, inputs, attrs: _FusedMatMulAttrs) => {
    const { a, b: right, bias, preluActivationWeights: alpha } = inputs;
    const product = matMul(b, a!, right!, attrs);
    const x = bias === undefined ? product : b.binary('add', product, bias);
    return activated(b, x, attrs, alpha);
  },
};
