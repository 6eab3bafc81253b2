import * as tf from '@tensorflow/tfjs-core';

import { floats, forward, smooth, type OpCase } from './op-case.ts';

type Images = tf.Tensor4D;
type Volumes = tf.Tensor5D;
type Padding = Parameters<typeof tf.conv2d>[3];

const image = floats([2, 5, 6, 3], -1, 1);
const filter = floats([3, 2, 3, 4], -1, 1);
const depthwise = floats([3, 2, 3, 2], -1, 1);
const volume = floats([1, 4, 5, 3, 2], -1, 1);
const cube = floats([2, 3, 2, 2, 3], -1, 1);

const EXPLICIT: Padding = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

/** Strides and margins, each with rows and columns that are left over. */
const WAYS: readonly (readonly [string, [number, number], Padding])[] = [
  ['valid', [1, 1], 'valid'],
  ['same', [1, 1], 'same'],
  ['valid, strides', [2, 3], 'valid'],
  ['same, strides', [2, 2], 'same'],
  ['margins given', [2, 1], EXPLICIT],
];

export const convolutionCases: readonly OpCase[] = [
  smooth('conv1d', 'same', [floats([2, 7, 3]), floats([3, 3, 2], -1, 1)], (x, k) =>
    tf.conv1d(x as tf.Tensor3D, k as tf.Tensor3D, 2, 'same'),
  ),
  forward('conv1d', 'dilated', [floats([1, 9, 2]), floats([3, 2, 2], -1, 1)], (x, k) =>
    tf.conv1d(x as tf.Tensor3D, k as tf.Tensor3D, 1, 'valid', 'NWC', 3),
  ),
  ...WAYS.map(([name, strides, pad]) =>
    smooth('conv2d', name, [image, filter], (x, k) =>
      tf.conv2d(x as Images, k as Images, strides, pad),
    ),
  ),
  smooth('conv2d', 'channels first', [floats([2, 3, 5, 4], -1, 1), filter], (x, k) =>
    tf.conv2d(x as Images, k as Images, 2, 'same', 'NCHW'),
  ),
  smooth('conv2d', 'a kernel of one pixel', [image, floats([1, 1, 3, 2])], (x, k) =>
    tf.conv2d(x as Images, k as Images, 2, 'valid'),
  ),
  smooth('conv2d', 'a margin for all sides', [image, filter], (x, k) =>
    tf.conv2d(x as Images, k as Images, 2, 1, 'NHWC', 1, 'floor'),
  ),
  ...(['valid', 'same'] as const).map((pad) =>
    forward('conv2d', `dilated, ${pad}`, [image, filter], (x, k) =>
      tf.conv2d(x as Images, k as Images, 1, pad, 'NHWC', [2, 3]),
    ),
  ),
  smooth('conv2dTranspose', 'same, strides', [floats([2, 3, 3, 4], -1, 1), filter], (y, k) =>
    tf.conv2dTranspose(y as Images, k as Images, [2, 5, 6, 3], 2, 'same'),
  ),
  smooth('conv2dTranspose', 'valid', [floats([1, 2, 3, 4], -1, 1), filter], (y, k) =>
    tf.conv2dTranspose(y as Images, k as Images, [1, 4, 4, 3], 1, 'valid'),
  ),
  smooth('depthwiseConv2d', 'same', [image, depthwise], (x, k) =>
    tf.depthwiseConv2d(x as Images, k as Images, 1, 'same'),
  ),
  smooth('depthwiseConv2d', 'valid, strides', [image, depthwise], (x, k) =>
    tf.depthwiseConv2d(x as Images, k as Images, 2, 'valid'),
  ),
  smooth(
    'depthwiseConv2d',
    'same, one window larger than the image',
    [floats([1, 1, 2, 2]), floats([4, 5, 2, 2], -1, 1)],
    (x, k) => tf.depthwiseConv2d(x as Images, k as Images, 7, 'same'),
  ),
  forward('depthwiseConv2d', 'dilated', [image, depthwise], (x, k) =>
    tf.depthwiseConv2d(x as Images, k as Images, 1, 'same', 'NHWC', 2),
  ),
  smooth('separableConv2d', 'same', [image, depthwise, floats([1, 1, 6, 2])], (x, k, p) =>
    tf.separableConv2d(x as Images, k as Images, p as Images, 1, 'same'),
  ),
  ...(['valid', 'same'] as const).flatMap((pad) => [
    smooth('conv3d', pad, [volume, cube], (x, k) => tf.conv3d(x as Volumes, k as Volumes, 1, pad)),
    smooth('conv3d', `${pad}, strides`, [volume, cube], (x, k) =>
      tf.conv3d(x as Volumes, k as Volumes, [1, 2, 1], pad),
    ),
  ]),
  forward('conv3d', 'dilated', [volume, cube], (x, k) =>
    tf.conv3d(x as Volumes, k as Volumes, 1, 'same', 'NDHWC', [2, 1, 2]),
  ),
  forward('conv3dTranspose', 'same', [floats([1, 2, 3, 3, 3], -1, 1), cube], (y, k) =>
    tf.conv3dTranspose(y as Volumes, k as Volumes, [1, 4, 5, 3, 2], [2, 2, 1], 'same'),
  ),
  ...(['relu', 'relu6', 'elu', 'sigmoid', 'linear'] as const).map((activation) =>
    forward('fused.conv2d', `bias and ${activation}`, [image, filter, floats([4])], (x, k, bias) =>
      tf.fused.conv2d({
        x: x as Images,
        filter: k as Images,
        strides: 1,
        pad: 'same',
        bias,
        activation,
      }),
    ),
  ),
  forward(
    'fused.conv2d',
    'prelu',
    [image, filter, floats([4]), floats([4], 0.1, 0.4)],
    (x, k, bias, alpha) =>
      tf.fused.conv2d({
        x: x as Images,
        filter: k as Images,
        strides: 2,
        pad: 'valid',
        bias,
        activation: 'prelu',
        preluActivationWeights: alpha,
      }),
  ),
  forward(
    'fused.conv2d',
    'channels first',
    [floats([2, 3, 5, 4]), filter, floats([4])],
    (x, k, bias) =>
      tf.fused.conv2d({
        x: x as Images,
        filter: k as Images,
        strides: 1,
        pad: 'valid',
        dataFormat: 'NCHW',
        bias,
        activation: 'leakyrelu',
        leakyreluAlpha: 0.3,
      }),
  ),
  smooth('fused.conv2d', 'gradient', [image, filter, floats([4])], (x, k, bias) =>
    tf.fused.conv2d({
      x: x as Images,
      filter: k as Images,
      strides: 1,
      pad: 'same',
      bias,
      activation: 'elu',
    }),
  ),
  forward('fused.depthwiseConv2d', 'bias and relu', [image, depthwise, floats([6])], (x, k, bias) =>
    tf.fused.depthwiseConv2d({
      x: x as Images,
      filter: k as Images,
      strides: 1,
      pad: 'same',
      bias,
      activation: 'relu',
    }),
  ),
];
