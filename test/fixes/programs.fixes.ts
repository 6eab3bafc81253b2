/** What authors of models, optimizers and programs meet, mostly while their code is traced. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import { trace } from '@eddy/compiler';
import { exportOnnx } from '@eddy/compiler/onnx';
import { randomStream } from '@eddy/core';
import { eagerEngine } from '@eddy/core/testing';
import { repeat, type Program } from '@eddy/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect } from 'vitest';

import { runTraining, toyTraining, type ToyRun } from '../../packages/core/src/testing/toy-training.ts'; // prettier-ignore
import type { TrainerOptions } from '../../packages/core/src/train/session/trainer-options.ts';
import { joinParameters } from '../../packages/models/src/kit/requirements.ts';
import trm from '../../packages/models/src/trm/trm.plugin.ts';
import { followFixes, program, type FixCase } from './fix-case.ts';
import type { Place } from './place.ts';

const X = { shape: [2, 3], dtype: 'float32' } as const;

function of(run: (x: tf.Tensor) => tf.Tensor): Program {
  return {
    name: 'mine',
    state: {},
    inputs: { x: X },
    run: (_state, { x }) => ({ state: {}, outputs: { y: run(x!) } }),
  };
}

/** Code that cannot be traced, and the same as the fix says. */
const traced = (facts: {
  readonly code: string;
  readonly when: string;
  readonly wrong: (x: tf.Tensor) => tf.Tensor;
  readonly says: string | RegExp;
  readonly right: (x: tf.Tensor) => tf.Tensor;
}): FixCase =>
  program({
    code: facts.code,
    when: facts.when,
    raise: () => trace(of(facts.wrong)),
    says: facts.says,
    followed: () => trace(of(facts.right)),
  });

beforeEach(() => void tf.setBackend('cpu'));

const stream = randomStream(1);
let leaked: tf.Tensor | undefined;

const cases: FixCase[] = [
  traced({
    code: 'TRACE_VALUE_READ',
    when: 'code branches on a value',
    wrong: (x) => (x.dataSync()[0]! > 0 ? x : tf.neg(x)),
    says: 'use tf.where instead of branching on it',
    right: (x) => tf.where(tf.greater(x, 0), x, tf.neg(x)),
  }),
  program({
    code: 'TRACE_NOT_DETERMINISTIC',
    when: 'code draws random numbers',
    raise: () => trace(of((x) => tf.mul(x, stream.uniform()))),
    says: 'draw random numbers on the host (RandomStream) and pass them',
    followed: () =>
      trace({
        name: 'mine',
        state: {},
        inputs: { x: X, noise: X },
        run: (_state, { x, noise }) => ({ state: {}, outputs: { y: tf.mul(x!, noise!) } }),
      }),
  }),
  program({
    code: 'TRACE_FOREIGN_TENSOR',
    when: 'a tensor was made before the program',
    raise: () => {
      const outside = tf.ones([2, 3]);
      return trace(of((x) => tf.add(x, outside)));
    },
    says: 'make the tensor inside the program',
    followed: () => trace(of((x) => tf.add(x, tf.ones([2, 3])))),
  }),
  traced({
    code: 'TRACE_DISPOSED_TENSOR',
    when: 'a tensor leaves tf.tidy by another way than its result',
    wrong: (x) => {
      let inner: tf.Tensor | undefined;
      tf.tidy(() => void (inner = tf.exp(x)));
      return inner!;
    },
    says: 'return it, or call tf.keep on it',
    right: (x) => tf.tidy(() => tf.exp(x)),
  }),
  traced({
    code: 'TRACE_SHAPE_MISMATCH',
    when: 'a tensor is reshaped to another size',
    wrong: (x) => tf.reshape(x, [7]),
    says: 'print the shapes of the operands before this line: they are known while tracing',
    right: (x) => tf.reshape(x, [x.shape[0]! * x.shape[1]!]),
  }),
  program({
    code: 'TRACE_UNSUPPORTED_OP',
    when: 'the size of a result follows from values',
    raise: () => trace(of((x) => tf.unique(x).values)),
    says: 'use engine cpu, which has this kernel',
    // That engine runs it op by op, without tracing.
    followed: () =>
      expect([...tf.unique(tf.tensor1d([1, 1, 2])).values.dataSync()]).toEqual([1, 2]),
  }),
  traced({
    code: 'TRACE_UNSUPPORTED_DTYPE',
    when: 'complex numbers are given to an operation that takes none',
    wrong: (x) => tf.relu(tf.complex(x, x)),
    says: 'take the parts with tf.real and tf.imag',
    right: (x) => tf.relu(tf.real(tf.complex(x, x))),
  }),
  traced({
    code: 'TRACE_REPEAT_STATE',
    when: 'the body of a loop returns nothing for a tensor of its state',
    wrong: (x) => repeat(3, [x], () => [])[0]!,
    says: 'return one tensor for each tensor of the state',
    right: (x) => repeat(3, [x], ([state]) => [tf.tanh(state!)])[0]!,
  }),
  traced({
    code: 'TRACE_ESCAPED_TENSOR',
    when: 'a tensor leaves the body of a loop by another way than its result',
    wrong: (x) => {
      repeat(3, [x], ([state]) => [(leaked = tf.keep(tf.exp(state!)))]);
      return tf.add(x, leaked!);
    },
    says: 'return the tensor from the body',
    right: (x) => tf.add(x, repeat(3, [x], ([state]) => [tf.exp(state!)])[0]!),
  }),
  program({
    code: 'TRACE_RESULT_MISMATCH',
    when: 'a program returns its state in another shape',
    raise: () => trace(stateful([3, 2])),
    says: 'return the tensor that `Program.state` declares',
    followed: () => trace(stateful([2, 3])),
  }),
  program({
    code: 'MODEL_PART_INVALID',
    when: 'two parts of a model have parameters of one name',
    raise: () => joinParameters({ network: PARAMETER('weight'), readout: PARAMETER('weight') }),
    says: 'rename one of the two, for example with the name of its part before it',
    followed: () =>
      joinParameters({ network: PARAMETER('weight'), readout: PARAMETER('readoutWeight') }),
  }),
  program({
    code: 'MODEL_CONFIG_INVALID',
    when: 'a model is made in a program, with the model has more heads than channels',
    raise: () => madeWith({ hiddenSize: 4, numHeads: 8 }),
    says: /^numHeads: \d+$/,
    followed: (_place, fix) =>
      madeWith({ hiddenSize: 4, numHeads: Number(/numHeads: (\d+)/.exec(fix)![1]) }),
  }),
  training({
    code: 'BATCH_NOT_DIVISIBLE',
    when: 'the devices of an engine cannot share a batch',
    options: { globalBatchSize: 4 },
    devices: 3,
    says: /`train\.globalBatchSize=\d+`/,
    followed: (fix) => ({ globalBatchSize: numberIn(fix), microBatchSize: 'auto' }),
  }),
  program({
    code: 'PARAMETER_UNUSED',
    when: 'a model has a parameter that its step does not read',
    raise: (place) => result(place, withUnused('parameters')),
    says: 'move them from parameters to buffers',
    followed: (place) => result(place, withUnused('buffers')),
  }),
  program({
    code: 'ONNX_UNSUPPORTED_OP',
    when: 'a model adds up rows by ids',
    raise: () => toOnnx(byIds),
    says: 'write the model without it',
    followed: () => toOnnx((x) => tf.add(x, 1)),
  }),
];

/** ONNX's operator has no meaning for ids outside of the rows. */
const byIds = (x: tf.Tensor) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1], 'int32'), 2);

function toOnnx(run: (x: tf.Tensor) => tf.Tensor): Uint8Array {
  return exportOnnx(of(run), { weights: {}, outputs: { y: 'y' }, metadata: {} });
}

const PARAMETER = (name: string) => ({
  [name]: { shape: [2], init: { kind: 'constant', value: 0 } as const },
});

function stateful(shape: number[]): Program {
  return {
    name: 'mine',
    state: { weights: X },
    inputs: {},
    run: () => ({ state: { weights: tf.zeros(shape) }, outputs: {} }),
  };
}

function madeWith(options: object): unknown {
  const dataset = { vocabSize: 6, seqLen: 16, grid: { rows: 4, cols: 4 }, task: 'sudoku', numPuzzleIdentifiers: 1 }; // prettier-ignore
  const config = trm.config.parse({ ...options, puzzleEmbeddingDim: 0 });
  return trm.create(config, { dataset, datasetShape: dataset } as never);
}

const numberIn = (fix: string) => Number(/=(\d+)`/.exec(fix)![1]);

/** A training of the toy model that is refused, and one with what the fix says. */
function training(facts: {
  readonly code: string;
  readonly when: string;
  readonly options: Partial<TrainerOptions>;
  readonly devices?: number;
  readonly says: RegExp;
  readonly followed: (fix: string) => Partial<TrainerOptions>;
}): FixCase {
  const { code, when, options, devices = 1, says, followed } = facts;
  return program({
    code,
    when,
    raise: (place) => result(place, options, devices),
    says,
    followed: (place, fix) => result(place, { ...options, ...followed(fix) }),
  });
}

async function result(
  place: Place,
  options: Partial<TrainerOptions>,
  devices = 1,
): Promise<ToyRun> {
  const engine = () => ({ ...eagerEngine(), info: { ...eagerEngine().info, devices } });
  const run = await runTraining(toyTraining({ folder: place.folder, ...options }), { engine });
  if (run.error !== undefined) throw run.error as Error;
  return run;
}

function withUnused(where: 'parameters' | 'buffers'): Partial<TrainerOptions> {
  const { parts } = toyTraining({ folder: '' });
  const { model } = parts;
  return {
    parts: { ...parts, model: { ...model, [where]: { ...model[where], ...PARAMETER('spare') } } },
  };
}

followFixes('programs', cases);
