/** Matrix products. */
import { sizeOf } from '@eddy/tensor/spec';

import { coordinates, stridesOf } from './define/layout.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand, demandAxes } from './define/rules.ts';
import type { ValueSpec } from './define/value.ts';
import type { DotAttrs } from './dot/node.ts';
import { dotInOnnx } from './dot/onnx.ts';
import { dotInStablehlo } from './dot/stablehlo.ts';
import { dotInTensorflow } from './dot/tensorflow.ts';

/** Result axes: batch, free axes of the left operand, free axes of the right one. */
export const dot = defineOp({
  operands: ['left', 'right'],
  attrs: attributes<DotAttrs>(),
  infer: ([a, b], { batch, contract, dtype }) => {
    demand(a.dtype === b.dtype && a.dtype !== 'bool', 'operands must be numbers of one dtype');
    demand(
      dtype === a.dtype || (a.dtype === 'bfloat16' && dtype === 'float32'),
      'result has the dtype of the operands, or float32 for bfloat16',
    );
    for (const [left, right] of [batch, contract]) {
      demand(left.length === right.length, 'axes come in pairs');
      demand(
        left.every((axis, i) => a.shape[axis] === b.shape[right[i]!]),
        'paired axes must have one dim',
      );
    }
    demandAxes([...batch[0], ...contract[0]], a.shape.length);
    demandAxes([...batch[1], ...contract[1]], b.shape.length);
    const dims = (x: ValueSpec, axes: readonly number[]) => axes.map((axis) => x.shape[axis]!);
    const [left, right] = freeAxes([a, b], { batch, contract });
    return { shape: [...dims(a, batch[0]), ...dims(a, left), ...dims(b, right)], dtype };
  },
  storage: 'stored',
  elementWise: false,
  flops: ({ inputs: [a], outputs: [output], attrs: { contract } }) =>
    2 * sizeOf(output.shape) * sizeOf(contract[0].map((axis) => a.shape[axis]!)),
  interpret: ({ inputs, attrs: { batch, contract } }, [left, right], { output }) => {
    const [a, b] = inputs;
    const free = freeAxes(inputs, { batch, contract });
    const strides = [stridesOf(a.shape), stridesOf(b.shape)] as const;
    const along = (axes: readonly number[], side: 0 | 1, at: readonly number[]) =>
      axes.reduce((sum, axis, i) => sum + at[i]! * strides[side][axis]!, 0);
    const contracted = contract[0].map((axis) => a.shape[axis]!);
    const steps = Array.from({ length: sizeOf(contracted) }, (_, k) => {
      const at = coordinates(k, contracted);
      return [along(contract[0], 0, at), along(contract[1], 1, at)] as const;
    });
    const numBatch = batch[0].length;
    const numLeft = free[0].length;
    const isInt = output.dtype === 'int32';
    return output.generate((i) => {
      const at = coordinates(i, output.shape);
      const shared = at.slice(0, numBatch);
      const x = along(batch[0], 0, shared) + along(free[0], 0, at.slice(numBatch));
      const y = along(batch[1], 1, shared) + along(free[1], 1, at.slice(numBatch + numLeft));
      const sum = steps.reduce((total, [dx, dy]) => {
        const [p, q] = [left[x + dx]!, right[y + dy]!];
        return isInt ? (total + Math.imul(p, q)) | 0 : total + p * q;
      }, 0);
      return output.stored(sum);
    });
  },
  stablehlo: dotInStablehlo,
  onnx: dotInOnnx,
  tensorflow: dotInTensorflow,
});

/** Axes of each operand that are neither batch nor contracted. */
function freeAxes(
  [a, b]: readonly [ValueSpec, ValueSpec],
  { batch, contract }: Pick<DotAttrs, 'batch' | 'contract'>,
): [left: number[], right: number[]] {
  const free = (x: ValueSpec, side: 0 | 1) =>
    x.shape.flatMap((_, i) => (batch[side].includes(i) || contract[side].includes(i) ? [] : [i]));
  return [free(a, 0), free(b, 1)];
}
