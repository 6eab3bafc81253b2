/** Options of stage `train`. */
import { z } from 'zod';

import { byteSize } from '../config/byte-size.ts';
import { partReference } from '../plugin/part-reference.ts';

const positiveSteps = z.int().positive();

const loadCheckpointConfig = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .optional()
      .describe('folder of a run or of a checkpoint, or a .safetensors file'),
    stage: z
      .string()
      .min(1)
      .optional()
      .describe(
        'an earlier training stage of this pipeline; with `from`: a training stage of that run',
      ),
    which: z
      .enum(['last', 'best'])
      .default('last')
      .describe(
        'which checkpoint of a run or a stage: the last one, or the one with the best evaluation',
      ),
    weights: z
      .enum(['average', 'parameters'])
      .default('average')
      .describe('averaged weights, if there are any, or raw weights'),
    table: z
      .enum(['by-name', 'by-index', 'mean', 'reset'])
      .default('by-name')
      .describe(
        'source of the rows of the puzzle embedding: the identifier of the same name, the same index, the mean row for all, or new initial values',
      ),
    unseen: z
      .enum(['mean', 'reset'])
      .default('mean')
      .describe(
        'row of an identifier whose name the weights do not have: the mean row, or new initial values',
      ),
  })
  .superRefine(({ from, stage }, context) => {
    if (from !== undefined || stage !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: [],
      input: {},
      message: 'expected from: FOLDER, or stage: NAME of an earlier training of this pipeline',
    });
  });

const monitorConfig = z.strictObject({
  metric: z
    .string()
    .min(1)
    .default('exact_accuracy')
    .describe('metric that decides which checkpoint is best'),
  split: z
    .string()
    .min(1)
    .default('validation')
    .describe('split whose evaluations decide; build.validation creates one from training puzzles'),
  mode: z
    .enum(['max', 'min'])
    .optional()
    .describe(
      'max if a larger value is better, min if a smaller one is; needed only for metrics that do not declare it',
    ),
  patience: positiveSteps
    .optional()
    .describe(
      'number of evaluations without improvement after which training stops; without it, all epochs are trained',
    ),
});

export const trainConfig = z
  .strictObject({
    model: partReference('model').describe('the model to train'),
    optimizer: partReference('optimizer').describe('optimizer of the parameters'),
    rowOptimizer: partReference('row-optimizer')
      .optional()
      .describe('optimizer of the rows of tables (the puzzle embedding)'),
    averager: partReference('averager')
      .optional()
      .describe('running average of the parameters, used for evaluation'),
    loadCheckpoint: loadCheckpointConfig
      .optional()
      .describe('weights to start from; ignored when the run is resumed'),
    allowOtherModel: z
      .boolean()
      .default(false)
      .describe(
        'allow starting or resuming from weights of a model with other options (heads, positions, cycles …) or other rows of the puzzle embedding',
      ),
    freeze: z
      .union([z.literal('all'), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        'parameters and tables that are not trained: names, with * for any text; all: every parameter, so that only the puzzle embedding is trained',
      ),
    globalBatchSize: positiveSteps.describe('rows of one training step, over all devices'),
    epochs: positiveSteps.describe('number of passes over the groups of the training split'),
    evalInterval: positiveSteps
      .optional()
      .describe('epochs between evaluations, a divisor of epochs; by default all epochs'),
    maxSteps: positiveSteps
      .optional()
      .describe(
        'number of steps after which to stop; the learning rate still follows the schedule for all epochs',
      ),
    microBatchSize: z
      .union([z.literal('auto'), positiveSteps])
      .default('auto')
      .describe(
        'rows on the device at once; smaller values need less memory and give the same result; auto: the fastest that fits `memory`',
      ),
    recompute: z
      .union([z.literal('auto'), z.boolean()])
      .default('auto')
      .describe(
        'recompute activations in the backward pass; same result, far less memory, more time; auto: if it is faster than smaller micro-batches',
      ),
    memory: z
      .union([z.literal('auto'), byteSize])
      .default('auto')
      .describe(
        'memory that training may use on the device, as in 12GiB; auto: nearly all of a GPU, half of the RAM',
      ),
    split: z.string().default('train').describe('split to train on'),
    checkpoint: z
      .strictObject({
        every: z
          .union([z.literal('auto'), positiveSteps])
          .default('auto')
          .describe('steps between checkpoints; auto: about one a minute'),
        keep: positiveSteps.default(3).describe('number of newest checkpoints to keep'),
        keepEvaluated: z
          .boolean()
          .default(false)
          .describe('also keep every checkpoint that was evaluated, not only the best of them'),
      })
      .prefault({})
      .describe(
        'checkpoints in addition to those that every evaluation makes; the best evaluated one is always kept',
      ),
    monitor: monitorConfig
      .optional()
      .describe(
        'choose the best checkpoint by a metric of the evaluations, and optionally stop early',
      ),
    logInterval: positiveSteps.default(1).describe('steps between reports of metrics'),
    nonFinite: z
      .enum(['stop', 'skip', 'rollback'])
      .default('stop')
      .describe(
        'what to do when the loss or a gradient is not finite: stop the run; skip the update and drop the rows of the batch; or restore the last checkpoint and skip the step',
      ),
    maxConsecutiveSkips: positiveSteps
      .default(10)
      .describe(
        'with nonFinite: skip, the number of skipped steps in a row that is allowed; one more stops the run',
      ),
    maxRollbacks: positiveSteps
      .default(3)
      .describe(
        'with nonFinite: rollback, the number of rollbacks that a run is allowed; one more stops it',
      ),
    maxRestarts: z
      .int()
      .nonnegative()
      .default(3)
      .describe('number of engine restarts without progress that is allowed'),
  })
  .superRefine(({ epochs, evalInterval, globalBatchSize, microBatchSize }, context) => {
    if (evalInterval !== undefined && epochs % evalInterval !== 0) {
      context.addIssue({
        code: 'custom',
        path: ['evalInterval'],
        input: evalInterval,
        message: `expected a divisor of epochs ${epochs}`,
      });
    }
    if (microBatchSize !== 'auto' && globalBatchSize % microBatchSize !== 0) {
      context.addIssue({
        code: 'custom',
        path: ['microBatchSize'],
        input: microBatchSize,
        message: `expected a divisor of globalBatchSize ${globalBatchSize}`,
      });
    }
  });

export type TrainConfig = z.output<typeof trainConfig>;
export type MonitorConfig = z.output<typeof monitorConfig>;
export type LoadCheckpointConfig = z.output<typeof loadCheckpointConfig>;
