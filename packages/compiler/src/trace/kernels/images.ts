/** Kernels that resample images: [batch, height, width, channels]. */
import {
  backend_util,
  type CropAndResizeAttrs,
  type ResizeBilinearAttrs,
  type ResizeNearestNeighborAttrs,
  type RotateWithOffsetAttrs,
} from '@tensorflow/tfjs-core';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { literal } from '../capture/constants.ts';
import { alongAxis } from './indexing.ts';
import { asFloat, type Kernel, type KernelTable } from './kernel.ts';
import { insideImage, pixelsAt, type Positions } from './pixels.ts';
import { transform } from './transform-image.ts';

const [HEIGHT, WIDTH] = [1, 2] as const;

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Where each of `to` pixels on an axis lies among the `from` pixels that they are made of. */
function sources(
  { alignCorners, halfPixelCenters }: ResizeAttrs,
  from: number,
  to: number,
  halfPixel: (at: number, ratio: number) => number,
): number[] {
  const corners = alignCorners && to > 1 ? 1 : 0;
  const ratio = (from - corners) / (to - corners);
  return Array.from({ length: to }, (_, i) => (halfPixelCenters ? halfPixel(i, ratio) : ratio * i));
}

/** A pixel between its two neighbours, `fraction` of the way from the lower to the upper. */
interface Neighbours {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly fraction: readonly number[];
}

function neighbours(attrs: ResizeAttrs, from: number, to: number): Neighbours {
  const at = sources(attrs, from, to, (i, ratio) => ratio * (i + 0.5) - 0.5);
  const lower = at.map((x) => Math.max(0, Math.floor(x)));
  const upper = at.map((x) => Math.min(from - 1, Math.ceil(x)));
  return { lower, upper, fraction: at.map((x, i) => x - lower[i]!) };
}

function nearest(attrs: ResizeAttrs, from: number, to: number): number[] {
  const round = attrs.alignCorners ? Math.round : Math.floor;
  return sources(attrs, from, to, (i, ratio) => ratio * (i + 0.5)).map((x) =>
    Math.max(0, Math.min(from - 1, round(x))),
  );
}

/** A literal vector, spread along one axis of `shape`. */
function alongShape(
  b: GraphBuilder,
  vector: readonly number[],
  shape: readonly number[],
  axis: number,
): Value {
  const value = literal(b, vector, [vector.length], 'float32');
  return b.emit('broadcastInDim', [value], { shape, axes: [axis] });
}

function interpolated(b: GraphBuilder, x: Value, axis: number, size: number, attrs: ResizeAttrs) {
  const { lower, upper, fraction } = neighbours(attrs, x.shape[axis]!, size);
  const take = (ids: readonly number[]) => alongAxis(b, x, literal(b, ids, [size], 'int32'), axis);
  const below = take(lower);
  const step = b.binary('subtract', take(upper), below);
  const part = alongShape(b, fraction, below.shape, axis);
  return b.binary('add', below, b.binary('multiply', step, part));
}

/**
 * The gradient of a resampling along an axis: dx[j] = Σᵢ weight[j, i]·dy[i].
 *
 * `weights` adds up matrices of [from, to] of which column i is `share[i]` at row `row[i]`.
 */
function spreadBack(
  b: GraphBuilder,
  dy: Value,
  axis: number,
  from: number,
  weights: readonly (readonly [row: readonly number[], share: readonly number[]])[],
): Value {
  const shape = [from, dy.shape[axis]!];
  const rows = b.emit('iota', [], { shape, dtype: 'int32', axis: 0 });
  const matrix = weights
    .map(([row, share]) => {
      const ids = literal(b, row, [row.length], 'int32');
      const here = b.compare('eq', rows, b.broadcast(ids, shape));
      const shares = b.broadcast(literal(b, share, [share.length], 'float32'), shape);
      return b.select(here, shares, b.fill(0, shape));
    })
    .reduce((sum, part) => b.binary('add', sum, part));
  const product = b.emit('dot', [matrix, dy], {
    batch: [[], []],
    contract: [[1], [axis]],
    dtype: 'float32',
  });
  // The new axis comes first: back to its place.
  const others = dy.shape.map((_, i) => i).filter((i) => i !== axis);
  const order = [axis, ...others];
  return b.transpose(
    product,
    dy.shape.map((_, i) => order.indexOf(i)),
  );
}

const resizeBilinear: Kernel = (b, { images }, { size, ...attrs }: ResizeBilinearAttrs) => {
  const rows = interpolated(b, asFloat(b, images!), HEIGHT, size[0], attrs);
  return interpolated(b, rows, WIDTH, size[1], attrs);
};

const resizeBilinearGradient: Kernel = (b, { images, dy }, attrs: ResizeBilinearAttrs) =>
  [HEIGHT, WIDTH].reduce((gradient, axis) => {
    const from = images!.shape[axis]!;
    const { lower, upper, fraction } = neighbours(attrs, from, gradient.shape[axis]!);
    return spreadBack(b, gradient, axis, from, [
      [lower, fraction.map((x) => 1 - x)],
      [upper, fraction],
    ]);
  }, dy!);

const resizeNearest: Kernel = (b, { images }, { size, ...attrs }: ResizeNearestNeighborAttrs) =>
  [HEIGHT, WIDTH].reduce((value, axis, i) => {
    const ids = nearest(attrs, value.shape[axis]!, size[i]!);
    return alongAxis(b, value, literal(b, ids, [ids.length], 'int32'), axis);
  }, images!);

const resizeNearestGradient: Kernel = (b, { images, dy }, attrs: ResizeNearestNeighborAttrs) =>
  [HEIGHT, WIDTH].reduce((gradient, axis) => {
    const from = images!.shape[axis]!;
    const ids = nearest(attrs, from, gradient.shape[axis]!);
    return spreadBack(b, gradient, axis, from, [[ids, ids.map(() => 1)]]);
  }, dy!);

/** Positions on one axis of each box's crop, float32 [boxes, size]. */
function cropPositions(
  b: GraphBuilder,
  boxes: Value,
  axis: 0 | 1,
  size: number,
  dim: number,
): Value {
  const shape = [boxes.shape[0]!, size];
  const [start, end] = [axis, axis + 2].map((at) => b.sliceAxis(boxes, 1, at, 1));
  const scaled = (x: Value, factor: number) => b.binary('multiply', x, b.fillLike(x, factor));
  if (size === 1) {
    return scaled(scaled(b.binary('add', start!, end!), dim - 1), 0.5);
  }
  const step = scaled(scaled(b.binary('subtract', end!, start!), dim - 1), 1 / (size - 1));
  const counts = b.emit('iota', [], { shape, dtype: 'float32', axis: 1 });
  return b.binary('add', scaled(start!, dim - 1), b.binary('multiply', counts, step));
}

const cropAndResize: Kernel = (
  b,
  { image, boxes, boxInd },
  { cropSize: [height, width], method, extrapolationValue }: CropAndResizeAttrs,
) => {
  const [batch, imageHeight, imageWidth, channels] = image!.shape as [
    number,
    number,
    number,
    number,
  ];
  const count = boxes!.shape[0]!;
  const grid = [count, height, width];
  const spread = (x: Value, axes: readonly number[]) =>
    b.emit('broadcastInDim', [x], { shape: grid, axes });
  const at: Positions = {
    image: spread(b.convert(boxInd!, 'int32'), [0]),
    y: spread(cropPositions(b, boxes!, 0, height, imageHeight), [0, 1]),
    x: spread(cropPositions(b, boxes!, 1, width, imageWidth), [0, 2]),
  };
  const inside = insideImage(b, at, image!);
  const pixels = asFloat(b, image!);
  const floor = (x: Value) => b.emit('floor', [x]);
  const read = (y: Value, x: Value) => pixelsAt(b, pixels, { ...at, y, x });
  const value = () => {
    if (method === 'nearest') {
      const half = (x: Value) => floor(b.binary('add', x, b.fillLike(x, 0.5)));
      return read(half(at.y), half(at.x));
    }
    const [top, left] = [floor(at.y), floor(at.x)];
    const [bottom, right] = [b.emit('ceil', [at.y]), b.emit('ceil', [at.x])];
    const between = (x: Value, y: Value, position: Value, start: Value) => {
      const part = b.reshape(b.binary('subtract', position, start), [...grid, 1]);
      return b.binary('add', x, b.binary('multiply', b.binary('subtract', y, x), part));
    };
    return between(
      between(read(top, left), read(top, right), at.x, left),
      between(read(bottom, left), read(bottom, right), at.x, left),
      at.y,
      top,
    );
  };
  const known = b.compare('lt', at.image, b.fill(batch, grid, 'int32'));
  const outer = b.select(known, b.fill(extrapolationValue, grid), b.fill(0, grid));
  const shape = [...grid, channels];
  const perChannel = (x: Value) => b.emit('broadcastInDim', [x], { shape, axes: [0, 1, 2] });
  return b.select(perChannel(b.binary('and', inside, known)), value(), perChannel(outer));
};

/** The angle is known: so is the pixel that each pixel comes from. */
const rotateWithOffset: Kernel = (
  b,
  { image },
  { radians, fillValue, center }: RotateWithOffsetAttrs,
) => {
  const [, height, width, channels] = image!.shape as [number, number, number, number];
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const ids: number[] = [];
  const inside: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - centerX, y - centerY];
      const fromX = Math.round(dx * cos - dy * sin + centerX);
      const fromY = Math.round(dx * sin + dy * cos + centerY);
      const isInside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
      inside.push(isInside ? 1 : 0);
      ids.push(isInside ? fromY * width + fromX : 0);
    }
  }
  const pixels = height * width;
  const flat = b.reshape(image!, [image!.shape[0]!, pixels, channels]);
  const taken = alongAxis(b, flat, literal(b, ids, [pixels], 'int32'), 1);
  const fills = Array.from({ length: channels }, (_, channel) =>
    typeof fillValue === 'number' ? fillValue : channel === 3 ? 255 : fillValue[channel]!,
  );
  const fill = b.broadcast(literal(b, fills, [channels], hostDType(image!.dtype)), taken.shape);
  const mask = b.emit('broadcastInDim', [literal(b, inside, [pixels], 'bool')], {
    shape: taken.shape,
    axes: [1],
  });
  return b.reshape(b.select(mask, taken, fill), image!.shape);
};

export const imageKernels: KernelTable = {
  CropAndResize: cropAndResize,
  FlipLeftRight: (b, { image }) => b.emit('reverse', [image!], { axes: [WIDTH] }),
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: resizeBilinearGradient,
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: resizeNearestGradient,
  RotateWithOffset: rotateWithOffset,
  Transform: transform,
};
