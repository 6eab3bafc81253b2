/** `tf.einsum` as one product. */
import { backend_util, type EinsumAttrs } from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { numericDType, listed, type Kernel } from './kernel.ts';

/** A value with a letter of the equation for each axis, as a number; those of the result come first. */
interface Term {
  readonly value: Value;
  readonly axes: readonly number[];
}

/** Adds up the axes that nothing else names. */
function summed(b: GraphBuilder, { value, axes }: Term, isNeeded: (axis: number) => boolean): Term {
  const dropped = axes.flatMap((axis, i) => (isNeeded(axis) ? [] : [i]));
  return { value: b.reduce('sum', value, dropped), axes: axes.filter(isNeeded) };
}

function product(b: GraphBuilder, left: Term, right: Term, isResult: (axis: number) => boolean) {
  const shared = left.axes.filter((axis) => right.axes.includes(axis));
  const batch = shared.filter(isResult);
  const contract = shared.filter((axis) => !isResult(axis));
  const places = ({ axes }: Term, wanted: readonly number[]) =>
    wanted.map((axis) => axes.indexOf(axis));
  const value = b.emit('dot', [left.value, right.value], {
    batch: [places(left, batch), places(right, batch)],
    contract: [places(left, contract), places(right, contract)],
    dtype: left.value.dtype,
  });
  const free = ({ axes }: Term) => axes.filter((axis) => !shared.includes(axis));
  return { value, axes: [...batch, ...free(left), ...free(right)] };
}

export const einsum: Kernel = (b, inputs, { equation }: EinsumAttrs) => {
  const values = listed(inputs);
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(
    equation,
    values.length,
  );
  backend_util.checkEinsumDimSizes(allDims.length, idDims, values as never);
  const isResult = (axis: number) => axis < allDims.length - summedDims.length;
  const dtype = numericDType(...values);
  const terms = values.map((value, i): Term => {
    const isNeeded = (axis: number) =>
      isResult(axis) || idDims.some((axes, other) => other !== i && axes.includes(axis));
    return summed(b, { value: b.convert(value, dtype), axes: idDims[i]! }, isNeeded);
  });
  const { value, axes } = terms.reduce((left, right) => product(b, left, right, isResult));
  const order = axes.map((_, axis) => axes.indexOf(axis));
  return b.transpose(value, order);
};
