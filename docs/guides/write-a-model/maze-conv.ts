import { definePlugin } from '@eddy/core';
import {
  ActModel,
  count,
  cycles,
  Heads,
  InputEmbedding,
  NO_HALTING,
  recurrentNetwork,
  rmsNorm,
  supervisionOptions,
  weight,
} from '@eddy/models/kit';
import {
  add,
  concat,
  conv2d,
  relu,
  reshape,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { z } from 'zod';

const config = z.strictObject({
  hiddenSize: count(4_096).default(32).describe('channels of a cell'),
  iterations: count(64).default(4).describe('convolutions of one supervision step'),
  haltMaxSteps: supervisionOptions.haltMaxSteps,
  loss: supervisionOptions.loss,
});

export default definePlugin({
  kind: 'model',
  name: 'maze-conv',
  apiVersion: 1,
  summary: 'one 3×3 convolution, applied again and again to the cells of a grid',
  config,
  needs: ['dataset'],
  create: ({ hiddenSize, iterations, haltMaxSteps, loss }, { dataset }) => {
    const { rows, cols } = dataset.grid;
    // Latents are [cells, batch, channels]; a convolution wants [batch, rows, columns, channels].
    const toGrid = (x: Tensor): Tensor4D =>
      transpose(reshape(x, [rows, cols, -1, hiddenSize]), [2, 0, 1, 3]);
    const toCells = (x: Tensor): Tensor =>
      reshape(transpose(x, [1, 2, 0, 3]), [rows * cols, -1, hiddenSize]);
    return new ActModel({
      dataset,
      hiddenSize,
      embedding: new InputEmbedding({ hiddenSize, dataset }),
      network: recurrentNetwork({
        parameters: {
          filter: weight([3, 3, 2 * hiddenSize, hiddenSize], 9 * 2 * hiddenSize),
        },
        latents: { cells: {} },
        answer: 'cells',
        recur({ filter }, x, latents) {
          const input = toGrid(x);
          const update = (z: Tensor) => {
            const seen = concat([toGrid(z), input], 3);
            const change = relu(conv2d(seen, filter as Tensor4D, 1, 'same'));
            return rmsNorm(add(z, toCells(change)), 2, 1e-5);
          };
          return cycles(1, latents, ({ cells }, again) => ({
            cells: again(iterations, cells, update),
          }));
        },
      }),
      readout: new Heads({
        hiddenSize,
        vocabSize: dataset.vocabSize,
        prefixLength: 0,
        halts: false,
      }),
      supervision: { haltMaxSteps, haltExplorationProbability: 0, loss, halting: NO_HALTING },
    });
  },
});
