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
        'an earlier stage of this pipeline, whose checkpoint it is; with `from`: a training of that run',
      ),
    which: z
      .enum(['last', 'best'])
      .default('last')
      .describe('of a run or a stage: the last checkpoint, or the one with the best evaluation'),
    weights: z
      .enum(['average', 'parameters'])
      .default('average')
      .describe('the averaged parameters where there are some, or the raw ones'),
    table: z
      .enum(['by-name', 'by-index', 'mean', 'reset'])
      .default('by-name')
      .describe(
        'rows of the puzzle embedding: of the identifier of the same name, of the same index, the mean row for all, or anew',
      ),
    unseen: z
      .enum(['mean', 'reset'])
      .default('mean')
      .describe(
        'what an identifier gets whose name the weights do not know: the mean row, or anew',
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
    .describe('metric of the evaluations that decides which checkpoint is best'),
  split: z
    .string()
    .min(1)
    .default('validation')
    .describe(
      'split whose evaluations decide; build.validation holds one out of the training puzzles',
    ),
  mode: z
    .enum(['max', 'min'])
    .optional()
    .describe('whether more or less of the metric is better; known for metrics that say it'),
  patience: positiveSteps
    .optional()
    .describe(
      'evaluations without improvement after which training stops; without it, all epochs are trained',
    ),
});

export const trainConfig = z
  .strictObject({
    model: partReference('model').describe('the model to train'),
    optimizer: partReference('optimizer').describe('update rule of the parameters'),
    rowOptimizer: partReference('row-optimizer')
      .optional()
      .describe('update rule of the rows of tables (the puzzle embedding)'),
    averager: partReference('averager')
      .optional()
      .describe('running average of the parameters, used for evaluation'),
    loadCheckpoint: loadCheckpointConfig
      .optional()
      .describe('weights of another run to start from; a resumed run goes on from its own'),
    allowOtherModel: z
      .boolean()
      .default(false)
      .describe(
        'start or resume from weights of another model (other heads, positions, cycles …) or other rows of the puzzle embedding',
      ),
    freeze: z
      .union([z.literal('all'), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        'parameters and tables that keep their values: names, * for any text; all: every parameter, so that only the puzzle embedding is trained',
      ),
    globalBatchSize: positiveSteps.describe('rows of one step'),
    epochs: positiveSteps.describe('passes over the groups of the training split'),
    evalInterval: positiveSteps
      .optional()
      .describe('epochs between evaluations; must divide epochs; all epochs by default'),
    maxSteps: positiveSteps
      .optional()
      .describe('end after so many steps; the learning rate follows the schedule of all epochs'),
    microBatchSize: z
      .union([z.literal('auto'), positiveSteps])
      .default('auto')
      .describe(
        'rows on the device at once; same result, less memory; auto: the fastest that fits `memory`',
      ),
    recompute: z
      .union([z.literal('auto'), z.boolean()])
      .default('auto')
      .describe(
        'throw activations away and compute them again in the backward pass; same result, far less memory, more time; auto: where it is faster than smaller micro-batches',
      ),
    memory: z
      .union([z.literal('auto'), byteSize])
      .default('auto')
      .describe(
        'what training may take on the device, as in 12GiB; auto: nearly all of a GPU, half of the RAM',
      ),
    split: z.string().default('train').describe('split to train on'),
    checkpoint: z
      .strictObject({
        every: z
          .union([z.literal('auto'), positiveSteps])
          .default('auto')
          .describe('steps between checkpoints; auto: about one a minute'),
        keep: positiveSteps.default(3).describe('newest checkpoints to keep'),
        keepEvaluated: z
          .boolean()
          .default(false)
          .describe('also keep every checkpoint that was evaluated, not only the best of them'),
      })
      .prefault({})
      .describe(
        'checkpoints besides those that every evaluation makes; the best evaluated one always stays',
      ),
    monitor: monitorConfig
      .optional()
      .describe(
        'choose the best checkpoint by a metric of the evaluations, and stop early where it no longer improves',
      ),
    logInterval: positiveSteps.default(1).describe('steps between reports of metrics'),
    nonFinite: z
      .enum(['stop', 'skip', 'rollback'])
      .default('stop')
      .describe(
        'what a step with a loss or gradient that is not finite does: stop the run; skip its update and drop the rows in work; go back to the last checkpoint and on behind the step',
      ),
    maxConsecutiveSkips: positiveSteps
      .default(10)
      .describe('with nonFinite: skip, skipped steps in a row; the next one stops the run'),
    maxRollbacks: positiveSteps
      .default(3)
      .describe('with nonFinite: rollback, rollbacks of a run; the next one stops it'),
    maxRestarts: z
      .int()
      .nonnegative()
      .default(3)
      .describe('restarts of a dead engine without progress'),
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
