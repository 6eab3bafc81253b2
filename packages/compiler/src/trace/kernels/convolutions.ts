/** Convolutions and their gradients, over images and volumes. */
import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
  type FusedConv2DAttrs,
} from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { biased } from './activation.ts';
import type { KernelTable } from './kernel.ts';

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];

/** What a convolution does on each axis of space, and where it finds it. */
interface Space {
  readonly input: readonly number[];
  readonly window: readonly number[];
  readonly output: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros before the input. */
  readonly low: readonly number[];
  readonly channelsLast: boolean;
}

function imageSpace(info: backend_util.Conv2DInfo): Space {
  return {
    input: [info.inHeight, info.inWidth],
    window: [info.filterHeight, info.filterWidth],
    output: [info.outHeight, info.outWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    low: [info.padInfo.top, info.padInfo.left],
    channelsLast: info.dataFormat === 'channelsLast',
  };
}

function volumeSpace(info: backend_util.Conv3DInfo): Space {
  return {
    input: [info.inDepth, info.inHeight, info.inWidth],
    window: [info.filterDepth, info.filterHeight, info.filterWidth],
    output: [info.outDepth, info.outHeight, info.outWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    low: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    channelsLast: info.dataFormat === 'channelsLast',
  };
}

const spread = (size: number, dilation: number) => (size - 1) * dilation + 1;
const ones = (list: readonly number[]) => list.map(() => 1);

/** Channels last, as the graph's convolution has them. */
function inward(b: GraphBuilder, x: Value, { channelsLast, strides }: Space): Value {
  const spatial = strides.map((_, axis) => axis + 2);
  return channelsLast ? x : b.transpose(x, [0, ...spatial, 1]);
}

function outward(b: GraphBuilder, y: Value, { channelsLast, strides }: Space): Value {
  const spatial = strides.map((_, axis) => axis + 1);
  return channelsLast ? y : b.transpose(y, [0, strides.length + 1, ...spatial]);
}

function convolved(b: GraphBuilder, x: Value, kernel: Value, space: Space): Value {
  const { input, window, output, strides, dilations, low } = space;
  const high = input.map(
    (dim, i) => (output[i]! - 1) * strides[i]! + spread(window[i]!, dilations[i]!) - dim - low[i]!,
  );
  const y = b.emit('convolution', [inward(b, x, space), kernel], {
    strides,
    low,
    high,
    inputDilation: ones(strides),
    kernelDilation: dilations,
  });
  return outward(b, y, space);
}

/** The kernel, turned around, over the gradient with zeros between its elements where strides were. */
function inputGradient(b: GraphBuilder, dy: Value, kernel: Value, space: Space): Value {
  const { input, window, output, strides, dilations } = space;
  const reach = window.map((size, i) => spread(size, dilations[i]!));
  const low = reach.map((size, i) => size - 1 - space.low[i]!);
  const high = input.map(
    (dim, i) => dim + reach[i]! - 1 - low[i]! - spread(output[i]!, strides[i]!),
  );
  const turned = b.emit('reverse', [kernel], { axes: strides.map((_, axis) => axis) });
  const dx = b.emit('convolution', [inward(b, dy, space), turned], {
    strides: ones(strides),
    low,
    high,
    inputDilation: strides,
    kernelDilation: dilations,
  });
  return outward(b, dx, space);
}

/**
 * The gradient over the input, with batches as features: each place of the kernel saw the input at one
 * offset. `x` is [outer, …, features], `dy` is [..., features, outputs].
 */
function kernelGradient(b: GraphBuilder, x: Value, dy: Value, space: Space): Value {
  const { input, window, output, strides, dilations, low } = space;
  const high = input.map(
    (dim, i) => (window[i]! - 1) * dilations[i]! + spread(output[i]!, strides[i]!) - dim - low[i]!,
  );
  return b.emit('convolution', [x, dy], {
    strides: dilations,
    low,
    high,
    inputDilation: ones(strides),
    kernelDilation: strides,
  });
}

/** Kernel of the input's gradient: outputs and features change places. */
function swapped(b: GraphBuilder, kernel: Value): Value {
  const ndim = kernel.shape.length;
  const spatial = Array.from({ length: ndim - 2 }, (_, axis) => axis);
  return b.transpose(kernel, [...spatial, ndim - 1, ndim - 2]);
}

function filterGradient(b: GraphBuilder, given: Value, dy: Value, space: Space): Value {
  const x = inward(b, given, space);
  const ndim = x.shape.length;
  const spatial = Array.from({ length: ndim - 2 }, (_, axis) => axis + 1);
  const features = b.transpose(x, [ndim - 1, ...spatial, 0]);
  const windows = b.transpose(inward(b, dy, space), [...spatial, 0, ndim - 1]);
  const gradient = kernelGradient(b, features, windows, space);
  return b.transpose(gradient, [...spatial, 0, ndim - 1]);
}

interface Attrs2D {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function space2D(xShape: readonly number[], filterShape: readonly number[], attrs: Attrs2D): Space {
  return imageSpace(
    backend_util.computeConv2DInfo(
      xShape as Shape4,
      filterShape as Shape4,
      attrs.strides,
      attrs.dilations ?? 1,
      attrs.pad,
      attrs.dimRoundingMode,
      false,
      backend_util.convertConv2DDataFormat(attrs.dataFormat ?? 'NHWC'),
    ),
  );
}

interface Attrs3D {
  readonly strides: [number, number, number] | number;
  readonly pad: 'valid' | 'same';
  readonly dilations?: [number, number, number] | number;
}

function space3D(xShape: readonly number[], filterShape: readonly number[], attrs: Attrs3D): Space {
  return volumeSpace(
    backend_util.computeConv3DInfo(
      xShape as Shape5,
      filterShape as Shape5,
      attrs.strides,
      attrs.dilations ?? 1,
      attrs.pad,
    ),
  );
}

export const convolutionKernels: KernelTable = {
  Conv2D: (b, { x, filter }, attrs: Conv2DAttrs) =>
    convolved(b, x!, filter!, space2D(x!.shape, filter!.shape, attrs)),

  Conv2DBackpropFilter: (b, { x, dy }, attrs: Conv2DBackpropFilterAttrs) =>
    filterGradient(b, x!, dy!, space2D(x!.shape, attrs.filterShape, attrs)),

  Conv2DBackpropInput: (b, { dy, filter }, attrs: Conv2DBackpropInputAttrs) => {
    const space = space2D(attrs.inputShape, filter!.shape, attrs);
    return inputGradient(b, dy!, swapped(b, filter!), space);
  },

  Conv3D: (b, { x, filter }, attrs: Conv3DAttrs) =>
    convolved(b, x!, filter!, space3D(x!.shape, filter!.shape, attrs)),

  Conv3DBackpropFilterV2: (b, { x, dy }, attrs: Conv3DBackpropFilterV2Attrs) =>
    filterGradient(b, x!, dy!, space3D(x!.shape, attrs.filterShape, attrs)),

  Conv3DBackpropInputV2: (b, { dy, filter }, attrs: Conv3DBackpropInputV2Attrs) => {
    const space = space3D(attrs.inputShape, filter!.shape, attrs);
    return inputGradient(b, dy!, swapped(b, filter!), space);
  },

  FusedConv2D: (b, inputs, attrs: FusedConv2DAttrs) => {
    const { x, filter } = inputs;
    const space = space2D(x!.shape, filter!.shape, attrs);
    const y = convolved(b, x!, filter!, space);
    return biased(b, y, inputs, attrs, space.channelsLast);
  },
};
