import * as tf from '@tensorflow/tfjs-core';

import type { HostTensor } from '@eddy/tensor';

import { float, floats, forward, int, ints, known, slope, smooth, type OpCase } from './op-case.ts';

type Images = tf.Tensor4D;
type Volumes = tf.Tensor5D;

/** No two alike: where the largest is is then not a matter of order. */
function distinct(shape: readonly number[]): HostTensor {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 37) % count) / count - 0.4);
  return { shape, dtype: 'float32', data };
}

const image = distinct([2, 5, 6, 3]);
const volume = distinct([1, 4, 5, 3, 2]);

const WAYS = [
  ['valid', 2, 2, 'valid'],
  ['windows that overlap', 3, 1, 'valid'],
  ['a row left over', [2, 3], 2, 'valid'],
] as const;

const MARGINS = [
  ['same', 3, 2],
  ['same, no strides', [2, 3], 1],
] as const;

const complex = (re: tf.Tensor, im: tf.Tensor) => tf.complex(re, im);
const partsOf = (z: tf.Tensor) => [tf.real(z), tf.imag(z)];

/** Pooling, dilation, order, and the Fourier transform. */
export const windowCases: readonly OpCase[] = [
  ...WAYS.flatMap(([name, size, strides, pad]) => [
    smooth('maxPool', name, [image], (x) => tf.maxPool(x as Images, size as number, strides, pad)),
    smooth('avgPool', name, [image], (x) => tf.avgPool(x as Images, size as number, strides, pad)),
  ]),
  ...MARGINS.flatMap(([name, size, strides]) => [
    smooth('maxPool', name, [image], (x) =>
      tf.maxPool(x as Images, size as number, strides, 'same'),
    ),
    // TF.js's cpu gradient divides by the whole window at the margins too.
    slope('avgPool', name, [image], (x) =>
      tf.avgPool(x as Images, size as number, strides, 'same'),
    ),
  ]),
  forward('maxPool', 'int32', [ints([1, 4, 4, 2], 31)], (x) =>
    tf.maxPool(x as Images, 2, 2, 'valid'),
  ),
  forward('pool', 'dilated', [image], (x) => tf.pool(x as Images, [2, 2], 'max', 'valid', [2, 2])),
  smooth('maxPool3d', 'valid', [volume], (x) => tf.maxPool3d(x as Volumes, 2, 1, 'valid')),
  smooth('maxPool3d', 'same, strides', [volume], (x) => tf.maxPool3d(x as Volumes, 2, 2, 'same')),
  smooth('avgPool3d', 'valid', [volume], (x) => tf.avgPool3d(x as Volumes, 2, 1, 'valid')),
  slope('maxPool3d', 'same, windows apart', [volume], (x) =>
    tf.maxPool3d(x as Volumes, [1, 3, 1], [4, 2, 1], 'same'),
  ),
  slope('avgPool3d', 'same, windows apart', [volume], (x) =>
    tf.avgPool3d(x as Volumes, [1, 3, 1], [4, 2, 1], 'same'),
  ),
  // TF.js counts the windows of both axes by the height and its stride.
  forward('maxPool', 'a number of margins, oblong', [image], (x) =>
    tf.maxPool(x as Images, [2, 4], [3, 1], 1),
  ),
  slope('avgPool3d', 'same, strides', [volume], (x) => tf.avgPool3d(x as Volumes, 2, 2, 'same')),
  ...[false, true].map((includeBatch) =>
    forward(
      'maxPoolWithArgmax',
      `places ${includeBatch ? 'in all images' : 'in each image'}`,
      [image],
      (x) => {
        const { result, indexes } = tf.maxPoolWithArgmax(
          x as Images,
          [2, 3],
          2,
          'valid',
          includeBatch,
        );
        return [result!, indexes!];
      },
    ),
  ),
  smooth('localResponseNormalization', 'a radius of 2', [floats([1, 2, 2, 6])], (x) =>
    tf.localResponseNormalization(x as Images, 2, 1.5, 0.7, 0.6),
  ),
  smooth('dilation2d', 'valid', [image, distinct([2, 2, 3])], (x, k) =>
    tf.dilation2d(x as Images, k as tf.Tensor3D, 1, 'valid'),
  ),
  smooth('dilation2d', 'same, strides and dilations', [image, distinct([2, 3, 3])], (x, k) =>
    tf.dilation2d(x as Images, k as tf.Tensor3D, [2, 1], 'same', [2, 1]),
  ),
  ...[1, 3].map((k) =>
    forward('topk', `the first ${k}, equal ones`, [float(2, 5, 5, -1, 5, 0)], (x) => {
      const { values, indices } = tf.topk(x, k);
      return [values, indices];
    }),
  ),
  forward('topk', 'rows of int32', [ints([3, 7], 5)], (x) => {
    const { values, indices } = tf.topk(x, 4);
    return [values, indices];
  }),
  forward('topk', 'both zeros', [float(-0, 0, -1, -0)], (x) => tf.topk(x, 3).indices),
  forward('bitwiseAnd', 'int32', [int(12, -1, 7, 255), int(10, 6, -8, 51)], (a, b) =>
    tf.bitwiseAnd(a, b),
  ),
  ...[8, 6].flatMap((size) => [
    forward('fft', `${size} numbers`, [floats([2, size]), floats([2, size], -1, 3)], (re, im) =>
      partsOf(tf.fft(complex(re, im))),
    ),
    forward('ifft', `${size} numbers`, [floats([2, size]), floats([2, size], -1, 3)], (re, im) =>
      partsOf(tf.ifft(complex(re, im))),
    ),
    forward('rfft', `${size} numbers`, [floats([2, size])], (x) => partsOf(tf.rfft(x))),
    forward('irfft', `${size} numbers`, [floats([size]), floats([size], -1, 3)], (re, im) =>
      tf.irfft(complex(re, im)),
    ),
  ]),
  forward('signal.stft', 'frames', [floats([32])], (x) =>
    partsOf(tf.signal.stft(x as tf.Tensor1D, 8, 4, 8)),
  ),
  forward('abs', 'complex', [floats([5]), floats([5], -1, 3)], (re, im) => tf.abs(complex(re, im))),
  forward('mul', 'complex', [floats([4]), floats([4], -1, 3)], (re, im) =>
    partsOf(tf.mul(complex(re, im), complex(im, re))),
  ),
  known(
    'complex',
    'rows in another order',
    [float(1, 2, 3), float(4, 5, 6)],
    (re, im) => tf.imag(tf.gather(complex(re, im), tf.tensor1d([2, 0, 2], 'int32'))),
    float(6, 4, 6),
  ),
  known(
    'complex',
    'a list of one',
    [float(1, 2, 3), float(4, 5, 6)],
    (re, im) => tf.imag(tf.split(complex(re, im), 1)[0]!),
    float(4, 5, 6),
  ),
  forward('complex', 'sums and rows', [floats([2, 3]), floats([2, 3], -1, 3)], (re, im) => {
    const z = complex(re, im);
    return partsOf(tf.concat([tf.add(z, z), tf.reshape(z, [2, 3])], 1));
  }),
];
