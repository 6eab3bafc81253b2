/** Greyscale dilation of images: the largest sum of image and filter under the filter. */
import { backend_util, type Dilation2DAttrs } from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import type { KernelTable } from './kernel.ts';
import { withMargins } from './margins.ts';
import { firstLargest, tapsGradient, tapsOf } from './taps.ts';

type Shape3 = [number, number, number];
type Shape4 = [number, number, number, number];

function dilation(b: GraphBuilder, x: Value, filter: Value, attrs: Dilation2DAttrs) {
  const info = backend_util.computeDilation2DInfo(
    x.shape as Shape4,
    filter.shape as Shape3,
    attrs.strides,
    attrs.pad,
    'NHWC',
    attrs.dilations,
  );
  const window = [info.filterHeight, info.filterWidth];
  const strides = [info.strideHeight, info.strideWidth];
  const dilations = [info.dilationHeight, info.dilationWidth];
  const low = [0, info.padInfo.top, info.padInfo.left, 0];
  const high = x.shape.map((dim, axis) => {
    if (axis === 0 || axis === 3) return 0;
    const reach = (window[axis - 1]! - 1) * dilations[axis - 1]! + 1;
    const end = (info.outShape[axis]! - 1) * strides[axis - 1]! + reach;
    return Math.max(0, end - dim - low[axis]!);
  });
  const padded = withMargins(b, x, low, high, -Infinity);
  const places = window[0]! * window[1]!;
  const weights = b.reshape(filter, [places, filter.shape[2]!]);
  const sums = tapsOf(b, padded, info.outShape, { window, strides, dilations }).map(
    (tap, place) => {
      const weight = b.reshape(b.sliceAxis(weights, 0, place, 1), [filter.shape[2]!]);
      return b.binary('add', tap, weight);
    },
  );
  return { ...firstLargest(b, sums), places, window, strides, dilations, low };
}

/** The gradient of each place in the filter: dy where that place had the largest sum, 0 elsewhere. */
function partsOfGradient(b: GraphBuilder, dy: Value, place: Value, places: number): Value[] {
  return Array.from({ length: places }, (_, i) =>
    b.select(b.compare('eq', place, b.fillLike(place, i)), dy, b.fillLike(dy, 0)),
  );
}

export const dilationKernels: KernelTable = {
  Dilation2D: (b, { x, filter }, attrs: Dilation2DAttrs) => dilation(b, x!, filter!, attrs).largest,

  Dilation2DBackpropFilter: (b, { x, filter, dy }, attrs: Dilation2DAttrs) => {
    const { place, places } = dilation(b, x!, filter!, attrs);
    const sums = partsOfGradient(b, dy!, place, places).map((part) =>
      b.reshape(b.reduce('sum', part, [0, 1, 2]), [1, filter!.shape[2]!]),
    );
    const all = sums.length === 1 ? sums[0]! : b.emit('concatenate', sums, { axis: 0 });
    return b.reshape(all, filter!.shape);
  },

  Dilation2DBackpropInput: (b, { x, filter, dy }, attrs: Dilation2DAttrs) => {
    const { place, places, ...taps } = dilation(b, x!, filter!, attrs);
    return tapsGradient(b, partsOfGradient(b, dy!, place, places), x!.shape, taps);
  },
};
