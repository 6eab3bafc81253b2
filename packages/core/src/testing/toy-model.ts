/** A recurrent model of a few parameters with every part of the contract in use. For tests. */
import {
  add,
  argMax,
  cast,
  equal,
  expandDims,
  greaterEqual,
  logicalAnd,
  logicalNot,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  oneHot,
  reshape,
  slice,
  sum,
  tanh,
  where,
  zerosLike,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

import { type TensorTree, recomputable } from '@eddy/tensor';
import type { Model, StepArguments } from '../contracts/model.ts';
import { zeros } from '@eddy/tensor/spec';

/**
 * Predicts the first label of an example from the mean of its tokens' embeddings, a table row and a
 * latent that it carries over `maxSteps` steps.
 */
export function toyModel(options: {
  readonly vocabSize: number;
  readonly seqLen: number;
  readonly hiddenSize?: number;
  readonly identifiers?: number;
  readonly maxSteps?: number;
}): Model {
  const { vocabSize, seqLen, hiddenSize = 8, identifiers = 3, maxSteps = 2 } = options;
  const normal = { kind: 'truncated-normal', std: 0.5 } as const;
  const int32 = (shape: number[]) => ({ shape, dtype: 'int32' as const });
  const carrySpecs = (batchSize: number) => ({
    z: { shape: [batchSize, hiddenSize], dtype: 'float32' as const },
    steps: int32([batchSize]),
    halted: { shape: [batchSize], dtype: 'bool' as const },
    inputs: int32([batchSize, seqLen]),
    labels: int32([batchSize, seqLen]),
    puzzleIdentifiers: int32([batchSize]),
  });

  return {
    parameters: {
      embed: { shape: [vocabSize, hiddenSize], init: normal },
      head: { shape: [hiddenSize, vocabSize], init: normal },
      bias: { shape: [vocabSize], init: { kind: 'constant', value: 0 } },
    },
    buffers: { start: { shape: [hiddenSize], init: normal } },
    tables: {
      puzzles: { rows: identifiers, dim: hiddenSize, init: { kind: 'constant', value: 0 } },
    },
    metrics: { count: 'count', exact_accuracy: 'per-halted', lm_loss: 'per-row' },
    maxSteps,
    outputs: ['preds', 'q_halt_logits'],
    carryBatchAxis: { z: 0, steps: 0, halted: 0, inputs: 0, labels: 0, puzzleIdentifiers: 0 },
    carry: carrySpecs,
    initialCarry: (batchSize) => {
      const specs = carrySpecs(batchSize);
      return {
        ...Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, zeros(spec)])),
        halted: { ...specs.halted, data: new Uint8Array(batchSize).fill(1) },
      };
    },
    noise: (batchSize, random) => {
      const data = new Float32Array(batchSize);
      random.normals(data);
      return { jitter: { shape: [batchSize], dtype: 'float32', data } };
    },
    noiseSpecs: (batchSize) => ({ jitter: { shape: [batchSize], dtype: 'float32' } }),

    admit(carry, batch, buffers): TensorTree {
      const halted = carry['halted']!;
      const fresh = (old: Tensor, row: Tensor): Tensor =>
        where(reshape(halted, [-1, ...Array<number>(old.rank - 1).fill(1)]), row, old);
      const start = add(zerosLike(carry['z']!), buffers['start']!);
      return {
        z: fresh(carry['z']!, start),
        steps: fresh(carry['steps']!, zerosLike(carry['steps']!)),
        halted,
        inputs: fresh(carry['inputs']!, batch.inputs),
        labels: fresh(carry['labels']!, batch.labels),
        puzzleIdentifiers: fresh(carry['puzzleIdentifiers']!, batch.puzzleIdentifiers),
      };
    },

    rowIds: (carry) => ({ puzzles: carry['puzzleIdentifiers']! }),

    step({ parameters, rows, carry, noise, training }: StepArguments) {
      const tokens = cast(oneHot(carry['inputs'] as Tensor1D, vocabSize), 'float32');
      const embedded = reshape(matMul(reshape(tokens, [-1, vocabSize]), parameters['embed']!), [
        -1,
        seqLen,
        hiddenSize,
      ]);
      const jitter = training ? mul(0.01, expandDims(noise['jitter']!, 1)) : 0;
      const preactivation = add(add(add(carry['z']!, mean(embedded, 1)), rows['puzzles']!), jitter);
      const z = recomputable(preactivation, {}, (x) => tanh(x));
      const logits = add(matMul(z, parameters['head']!), parameters['bias']!);
      const label = reshape(slice(carry['labels']!, [0, 0], [-1, 1]), [-1]);
      const target = cast(oneHot(label as Tensor1D, vocabSize), 'float32');
      const lossOfRow = neg(sum(mul(target, logSoftmax(logits)), 1));
      const steps = add(carry['steps']!, 1);
      const halted = greaterEqual(steps, maxSteps);
      // A row without labels is padding.
      const labelled = greaterEqual(label, 0);
      const correct = logicalAnd(equal(argMax(logits, 1), label), labelled);
      const total = (rowsOf: Tensor) => sum<Scalar>(cast(rowsOf, 'float32'));
      return {
        loss: sum<Scalar>(lossOfRow),
        metrics: {
          count: total(logicalAnd(halted, labelled)),
          exact_accuracy: total(logicalAnd(halted, correct)),
          lm_loss: sum<Scalar>(lossOfRow),
        },
        carry: { ...carry, z, steps: cast(steps, 'int32'), halted },
        outputs: {
          preds: mul(
            expandDims(argMax(logits, 1), 1),
            cast(greaterEqual(carry['inputs']!, 0), 'int32'),
          ),
          q_halt_logits: cast(logicalNot(halted), 'float32'),
        },
      };
    },
  };
}
