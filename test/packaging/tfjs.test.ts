/** `@eddy/tfjs` registers all of tfjs-core's gradients and chained operations, with the tfjs-core that runs. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import { expect, it } from 'vitest';

const dist = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core'));

it('registers a gradient for each that tfjs-core has', () => {
  const values: unknown[] = Object.values(tf);
  const kernels = values.filter((value) => typeof value === 'string');
  const registered = kernels.filter((name) => (tf.getGradient(name) as unknown) !== undefined);
  const modules = readdirSync(join(dist, 'gradients')).filter((file) => file.endsWith('_grad.js'));
  // One module may serve two kernels; each has at least one.
  expect(registered.length).toBeGreaterThanOrEqual(modules.length - 1);
  expect(registered).toEqual(
    expect.arrayContaining(['Conv2D', 'MaxPool3D', 'LRN', 'Cumsum', 'Elu']),
  );
});

it('gives the gradient of a convolution, by helpers that tfjs-core does not export', () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const filter = tf.tensor4d([5, 6, 7, 8], [2, 2, 1, 1]);
  const [dx, dfilter] = tf.grads((a, b) =>
    tf.sum(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'valid')),
  )([x, filter]);
  expect([...dx!.dataSync()]).toEqual([5, 6, 7, 8]);
  expect([...dfilter!.dataSync()]).toEqual([1, 2, 3, 4]);
});

it('chains operations', () => {
  const y = tf.tensor1d([1, 2]).add(1).square();
  expect([...y.dataSync()]).toEqual([4, 9]);
});

it('runs one copy of tfjs-core', () => {
  expect(tf.scalar(1).square()).toBeInstanceOf(tf.Tensor);
  expect(tf.engine().registryFactory).toHaveProperty('cpu');
});
