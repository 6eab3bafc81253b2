import * as tf from '@tensorflow/tfjs-core';

import type { HostTensor } from '@eddy/tensor';

import { float, floats, forward, int, ints, known, slope, smooth, type OpCase } from './op-case.ts';

type Images = tf.Tensor4D;

const image = floats([2, 3, 4, 2]);
const square = floats([2, 3, 3, 2]);

/** To another size, with corners aligned, with half pixels: TF.js's cpu gradient knows the first two. */
const RESIZES = [
  ['larger', [5, 7], false, false],
  ['smaller', [2, 2], false, false],
  ['one row', [1, 4], true, false],
  ['corners aligned', [5, 7], true, false],
] as const;

const HALF_PIXELS = [
  ['half pixels, larger', [6, 8]],
  ['half pixels, smaller', [2, 3]],
] as const;

const boxes: HostTensor = {
  ...float(0, 0, 1, 1, 0.1, 0.2, 0.83, 0.71, -0.4, 0.1, 0.7, 1.3),
  shape: [3, 4],
};

/** One map for all images: turned, moved, with a little perspective. */
const maps: HostTensor = { ...float(0.9, 0.2, -0.57, -0.13, 1.1, 0.4, 0.01, 0.02), shape: [1, 8] };
const shift: HostTensor = { ...float(1, 0, -6.3, 0, 1, 7.2, 0, 0), shape: [1, 8] };
const one = floats([1, 4, 5, 2]);

export const imageCases: readonly OpCase[] = [
  ...RESIZES.flatMap(([name, size, alignCorners, halfPixels]) => [
    // TF.js's cpu gradient of the bilinear resize returns height and width swapped.
    slope('image.resizeBilinear', name, [image], (x) =>
      tf.image.resizeBilinear(x as Images, [...size], alignCorners, halfPixels),
    ),
    smooth('image.resizeBilinear', `${name}, square`, [square], (x) =>
      tf.image.resizeBilinear(x as Images, [...size], alignCorners, halfPixels),
    ),
    // And that of the other reads the first image for each.
    slope('image.resizeNearestNeighbor', name, [image], (x) =>
      tf.image.resizeNearestNeighbor(x as Images, [...size], alignCorners, halfPixels),
    ),
    smooth('image.resizeNearestNeighbor', `${name}, one image`, [floats([1, 3, 4, 2])], (x) =>
      tf.image.resizeNearestNeighbor(x as Images, [...size], alignCorners, halfPixels),
    ),
  ]),
  ...HALF_PIXELS.flatMap(([name, size]) => [
    slope('image.resizeBilinear', name, [image], (x) =>
      tf.image.resizeBilinear(x as Images, [...size], false, true),
    ),
    slope('image.resizeNearestNeighbor', name, [image], (x) =>
      tf.image.resizeNearestNeighbor(x as Images, [...size], false, true),
    ),
  ]),
  forward('image.resizeNearestNeighbor', 'int32', [ints([1, 3, 4, 2], 31)], (x) =>
    tf.image.resizeNearestNeighbor(x as Images, [5, 3]),
  ),
  ...(['bilinear', 'nearest'] as const).map((method) =>
    forward(
      'image.cropAndResize',
      `${method}, boxes that reach outside`,
      [image, boxes, int(1, 0, 1)],
      (x, at, ids) =>
        tf.image.cropAndResize(
          x as Images,
          at as tf.Tensor2D,
          ids as tf.Tensor1D,
          [3, 5],
          method,
          -7,
        ),
    ),
  ),
  forward(
    'image.cropAndResize',
    'one pixel of each box',
    [image, boxes, int(1, 0, 1)],
    (x, at, ids) =>
      tf.image.cropAndResize(x as Images, at as tf.Tensor2D, ids as tf.Tensor1D, [1, 1]),
  ),
  forward(
    'image.cropAndResize',
    'an image that is not there',
    [image, boxes, int(1, 2, 0)],
    (x, at, ids) =>
      tf.image.cropAndResize(x as Images, at as tf.Tensor2D, ids as tf.Tensor1D, [2, 2]),
  ),
  ...(['nearest', 'bilinear'] as const).flatMap((interpolation) =>
    (['constant', 'reflect', 'wrap', 'nearest'] as const).flatMap((fill) => [
      forward('image.transform', `${interpolation}, ${fill}`, [one, maps], (x, map) =>
        tf.image.transform(x as Images, map as tf.Tensor2D, interpolation, fill, 0.5, [6, 7]),
      ),
      forward('image.transform', `${interpolation}, ${fill}, far outside`, [one, shift], (x, map) =>
        tf.image.transform(x as Images, map as tf.Tensor2D, interpolation, fill, 0.5),
      ),
    ]),
  ),
  known(
    'image.transform',
    'two images',
    [
      { ...float(1, 2, 3, 4), shape: [2, 1, 2, 1] },
      { ...float(-1, 0, 1, 0, 1, 0, 0, 0), shape: [1, 8] },
    ],
    (x, map) => tf.image.transform(x as Images, map as tf.Tensor2D),
    { ...float(2, 1, 4, 3), shape: [2, 1, 2, 1] },
  ),
  forward('image.flipLeftRight', 'batch', [image], (x) => tf.image.flipLeftRight(x as Images)),
  forward('image.rotateWithOffset', 'one fill value', [image], (x) =>
    tf.image.rotateWithOffset(x as Images, 0.7, 0.25),
  ),
  forward('image.rotateWithOffset', 'a fill value for each channel', [floats([1, 4, 5, 3])], (x) =>
    tf.image.rotateWithOffset(x as Images, -1.9, [0.1, 0.2, 0.3], [0.3, 0.6]),
  ),
];
