/**
 * Depthwise convolutions: each channel by itself, without sums over channels. They are sums over the
 * places of the filter, which compilers fuse into one loop; XLA:CPU takes ten times as long for a
 * convolution in as many groups as channels (measured).
 */
import {
  backend_util,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type FusedDepthwiseConv2DAttrs,
} from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { biased } from './activation.ts';
import type { KernelTable } from './kernel.ts';
import { withMargins } from './margins.ts';
import { tapsGradient, tapsOf, type Taps } from './taps.ts';

type Shape4 = [number, number, number, number];

interface Depthwise extends Taps {
  /** Margins of the input, on every axis. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Of the result, with one multiplier: [batch, height, width, channels]. */
  readonly shape: readonly number[];
  /** Results for each channel. */
  readonly multiplier: number;
  readonly places: number;
}

function depthwise(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad, dimRoundingMode }: DepthwiseConv2dNativeAttrs,
): Depthwise {
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    strides,
    // TF.js leaves them out where they are 1.
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  const window = [info.filterHeight, info.filterWidth];
  const steps = [info.strideHeight, info.strideWidth];
  const spacing = [info.dilationHeight, info.dilationWidth];
  const before = [info.padInfo.top, info.padInfo.left];
  const sizes = [info.outHeight, info.outWidth];
  const after = window.map((size, i) => {
    const end = (sizes[i]! - 1) * steps[i]! + (size - 1) * spacing[i]! + 1;
    return Math.max(0, end - inputShape[i + 1]! - before[i]!);
  });
  return {
    window,
    strides: steps,
    dilations: spacing,
    low: [0, ...before, 0],
    high: [0, ...after, 0],
    shape: [inputShape[0]!, ...sizes, inputShape[3]!],
    multiplier: filterShape[3]!,
    places: window[0]! * window[1]!,
  };
}

/** The weights of one place of the filter: [channels, multiplier]. */
function weightsAt(b: GraphBuilder, filter: Value, { places }: Depthwise, place: number): Value {
  const perPlace = filter.shape.slice(2);
  const rows = b.reshape(filter, [places, ...perPlace]);
  return b.reshape(b.sliceAxis(rows, 0, place, 1), perPlace);
}

function convolved(b: GraphBuilder, x: Value, filter: Value, sizes: Depthwise): Value {
  const { low, high, shape, multiplier } = sizes;
  const each = [...shape, multiplier];
  const products = tapsOf(b, withMargins(b, x, low, high), shape, sizes).map((tap, place) =>
    b.binary(
      'multiply',
      b.emit('broadcastInDim', [tap], { shape: each, axes: [0, 1, 2, 3] }),
      weightsAt(b, filter, sizes, place),
    ),
  );
  const sum = products.reduce((total, product) => b.binary('add', total, product));
  return b.reshape(sum, shape.with(3, shape[3]! * multiplier));
}

/** The gradient of the result with the channels' multiples on an axis of their own. */
function split(b: GraphBuilder, dy: Value, { shape, multiplier }: Depthwise): Value {
  return b.reshape(dy, [...shape, multiplier]);
}

function filterGradient(b: GraphBuilder, x: Value, given: Value, sizes: Depthwise): Value {
  const { window, low, high, shape, multiplier } = sizes;
  const dy = split(b, given, sizes);
  const sums = tapsOf(b, withMargins(b, x, low, high), shape, sizes).map((tap) => {
    const spread = b.emit('broadcastInDim', [tap], { shape: dy.shape, axes: [0, 1, 2, 3] });
    const sum = b.reduce('sum', b.binary('multiply', spread, dy), [0, 1, 2]);
    return b.reshape(sum, [1, ...sum.shape]);
  });
  const all = sums.length === 1 ? sums[0]! : b.emit('concatenate', sums, { axis: 0 });
  return b.reshape(all, [...window, shape[3]!, multiplier]);
}

function inputGradient(
  b: GraphBuilder,
  given: Value,
  filter: Value,
  sizes: Depthwise,
  inputShape: readonly number[],
): Value {
  const dy = split(b, given, sizes);
  const parts = Array.from({ length: sizes.places }, (_, place) =>
    b.reduce('sum', b.binary('multiply', dy, weightsAt(b, filter, sizes, place)), [4]),
  );
  return tapsGradient(b, parts, inputShape, sizes);
}

export const depthwiseKernels: KernelTable = {
  DepthwiseConv2dNative: (b, { x, filter }, attrs: DepthwiseConv2dNativeAttrs) =>
    convolved(b, x!, filter!, depthwise(x!.shape, filter!.shape, attrs)),

  DepthwiseConv2dNativeBackpropFilter: (
    b,
    { x, dy },
    attrs: DepthwiseConv2dNativeBackpropFilterAttrs,
  ) => {
    const sizes = depthwise(x!.shape, attrs.filterShape, attrs as never);
    return filterGradient(b, x!, dy!, sizes);
  },

  DepthwiseConv2dNativeBackpropInput: (
    b,
    { dy, filter },
    attrs: DepthwiseConv2dNativeBackpropInputAttrs,
  ) => {
    const sizes = depthwise(attrs.inputShape, filter!.shape, attrs as never);
    return inputGradient(b, dy!, filter!, sizes, attrs.inputShape);
  },

  FusedDepthwiseConv2D: (b, inputs, attrs: FusedDepthwiseConv2DAttrs) => {
    const { x, filter } = inputs;
    const y = convolved(b, x!, filter!, depthwise(x!.shape, filter!.shape, attrs));
    return biased(b, y, inputs, attrs, true);
  },
};
