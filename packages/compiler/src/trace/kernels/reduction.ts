/** Reductions, scans and what is composed of them. */
import {
  util,
  type AllAttrs,
  type ArgMaxAttrs,
  type CumsumAttrs,
  type LogSoftmaxAttrs,
  type MaxAttrs,
  type SoftmaxAttrs,
  type SumAttrs,
} from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { Reduction } from '../../ops/index.ts';

import { asFloat, asNumber, type Kernel, type KernelTable } from './kernel.ts';

const axesOf = (x: Value, axis: number | number[]) => util.parseAxisParam(axis, [...x.shape]);

const reduction =
  (kind: Reduction): Kernel =>
  (b, { x }, { axis, keepDims }: SumAttrs) => {
    const operand = kind === 'and' || kind === 'or' ? x! : asNumber(b, x!);
    return b.reduce(kind, operand, axesOf(x!, axis), keepDims);
  };

function mean(b: GraphBuilder, x: Value, axes: readonly number[], keepDims: boolean): Value {
  const sum = b.reduce('sum', asFloat(b, x), axes, keepDims);
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return b.binary('divide', sum, b.fillLike(sum, count));
}

/**
 * Index of the first extreme element: the least index at which x equals its extreme. NaN counts as
 * extreme, as in NumPy and PyTorch (TF.js's cpu kernel skips it).
 */
const argExtreme =
  (kind: 'max' | 'min'): Kernel =>
  (b, { x }, { axis }: ArgMaxAttrs) => {
    const [at] = axesOf(x!, axis);
    const operand = asNumber(b, x!);
    const extreme = b.reduce(kind, operand, [at!], true);
    const isExtreme = b.compare('eq', operand, extreme);
    const found =
      operand.dtype === 'float32'
        ? b.binary('or', isExtreme, b.compare('ne', operand, operand))
        : isExtreme;
    const indices = b.emit('iota', [], { shape: x!.shape, dtype: 'int32', axis: at! });
    const past = b.fill(x!.shape[at!]!, x!.shape, 'int32');
    return b.reduce('min', b.select(found, indices, past), [at!]);
  };

/** Moves elements along an axis by `offset`, filling with `fill`. */
function shift(b: GraphBuilder, x: Value, axis: number, offset: number, fill: number): Value {
  const kept = b.sliceAxis(x, axis, 0, Math.max(0, x.shape[axis]! - offset));
  const moved = Math.min(offset, x.shape[axis]!);
  return b.emit('pad', [kept, b.scalar(fill, x.dtype as 'float32' | 'int32')], {
    low: x.shape.map((_, i) => (i === axis ? moved : 0)),
    high: x.shape.map(() => 0),
  });
}

/** Running sum or product in ⌈log₂ n⌉ shifted steps (Hillis and Steele). */
const scan =
  (op: 'add' | 'multiply'): Kernel =>
  (b, { x }, { axis, exclusive, reverse }: CumsumAttrs) => {
    const [at] = axesOf(x!, axis);
    const identity = op === 'add' ? 0 : 1;
    const turn = (value: Value) => (reverse ? b.emit('reverse', [value], { axes: [at!] }) : value);
    let result = turn(asNumber(b, x!));
    if (exclusive) result = shift(b, result, at!, 1, identity);
    for (let offset = 1; offset < x!.shape[at!]!; offset *= 2) {
      result = b.binary(op, result, shift(b, result, at!, offset, identity));
    }
    return turn(result);
  };

function shifted(b: GraphBuilder, x: Value, axes: readonly number[]): Value {
  return b.binary('subtract', x, b.reduce('max', x, axes, true));
}

export const reductionKernels: KernelTable = {
  All: (b, { x }, { axis, keepDims }: AllAttrs) => b.reduce('and', x!, axesOf(x!, axis), keepDims),
  Any: (b, { x }, { axis, keepDims }: AllAttrs) => b.reduce('or', x!, axesOf(x!, axis), keepDims),
  ArgMax: argExtreme('max'),
  ArgMin: argExtreme('min'),
  Cumprod: scan('multiply'),
  Cumsum: scan('add'),
  LogSoftmax: (b, { logits }, { axis }: LogSoftmaxAttrs) => {
    const axes = axesOf(logits!, axis);
    const x = shifted(b, logits!, axes);
    const sum = b.reduce('sum', b.emit('exponential', [x]), axes, true);
    return b.binary('subtract', x, b.emit('log', [sum]));
  },
  Max: (b, { x }, { reductionIndices, keepDims }: MaxAttrs) =>
    b.reduce('max', asNumber(b, x!), axesOf(x!, reductionIndices), keepDims),
  Mean: (b, { x }, { axis, keepDims }: SumAttrs) => mean(b, x!, axesOf(x!, axis), keepDims),
  Min: reduction('min'),
  Prod: reduction('product'),
  Softmax: (b, { logits }, { dim }: SoftmaxAttrs) => {
    const axes = axesOf(logits!, dim);
    const e = b.emit('exponential', [shifted(b, logits!, axes)]);
    return b.binary('divide', e, b.reduce('sum', e, axes, true));
  },
  Sum: reduction('sum'),
};
