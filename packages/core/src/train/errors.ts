/** Errors of training and evaluation. */
import { formatBytes } from '../config/byte-size.ts';
import { nearest } from '../config/nearest.ts';
import type { Devices } from '../engine/devices.ts';
import { EddyError } from '@eddy/tensor/errors';
import type { NonFiniteCounts } from './non-finite.ts';

export function rowOptimizerMissing(tables: readonly string[]): EddyError {
  return new EddyError({
    code: 'ROW_OPTIMIZER_MISSING',
    message: 'the model has a table of rows and no row optimizer trains it',
    at: 'train.rowOptimizer',
    expected: `a row optimizer for ${tables.join(', ')}`,
    received: 'none',
    fix: 'add `rowOptimizer: { use: sign-sgd }` to train, or turn the table off in the model',
    exitCode: 2,
  });
}

export function modelMissing(stage: string): EddyError {
  return new EddyError({
    code: 'MODEL_MISSING',
    message: 'a checkpoint on disk does not say which model reads it',
    at: `${stage}.model`,
    expected: 'the model that made the checkpoint',
    received: 'no model here, none in the pipeline and none in the checkpoint',
    fix: 'name it: `model: { use: trm, … }` with the options it was trained with',
    exitCode: 2,
  });
}

export function parameterUnused(names: readonly string[]): EddyError {
  return new EddyError({
    code: 'PARAMETER_UNUSED',
    message: 'the loss does not depend on every parameter of the model',
    at: names.join(', '),
    expected: 'a gradient for every parameter and table',
    received: 'none for those named',
    fix: 'use them in `Model.step`, or move them to `buffers`',
  });
}

/** @param facts.choices  for the option that is at fault, the largest first */
export function batchNotDivisible(
  facts: Devices & { option: string; rows: number; choices: readonly number[] },
): EddyError {
  const { option, rows, devices, hosts = 1, fewerDevices = false, choices } = facts;
  const ofHosts = hosts === 1 ? '' : ` (${devices / hosts} on each of ${hosts} hosts)`;
  const above = choices.findLast((choice) => choice > rows);
  const below = choices.find((choice) => choice < rows);
  const sizes = [below, above].filter((choice) => choice !== undefined).join(' or ');
  return new EddyError({
    code: 'BATCH_NOT_DIVISIBLE',
    message: 'the rows of a batch cannot be shared equally by the devices',
    at: `train.${option}`,
    expected: fewerDevices
      ? `a multiple of the run's ${hosts} hosts`
      : `a multiple of the engine's ${devices} devices${ofHosts}`,
    received: String(rows),
    fix: `train.${option}=${sizes}; or another number of ${hosts === 1 ? '' : 'hosts or '}engine.devices`,
    exitCode: 2,
  });
}

export function microBatchSizeInvalid(microBatchSize: number, globalBatchSize: number): EddyError {
  return new EddyError({
    code: 'MICRO_BATCH_SIZE_INVALID',
    message: 'the global batch cannot be cut into equal micro-batches of this size',
    at: 'train.microBatchSize',
    expected: `a divisor of globalBatchSize ${globalBatchSize}`,
    received: String(microBatchSize),
    fix: 'choose a divisor, or `microBatchSize: auto`',
    exitCode: 2,
  });
}

export function memoryTooSmall(facts: {
  readonly microBatchSize: number;
  readonly recompute: boolean;
  readonly memory: string;
  readonly memoryBytes: number;
  readonly limitBytes: number;
  readonly bytesInUse: number;
}): EddyError {
  const { microBatchSize, recompute, memory, memoryBytes, limitBytes, bytesInUse } = facts;
  const rows = microBatchSize === 1 ? 'one row' : `micro-batches of ${microBatchSize} rows`;
  const fixes = [
    ...(microBatchSize > 1 ? ['`microBatchSize: auto` or a smaller one'] : []),
    ...(recompute ? [] : ['`recompute: auto`']),
    ...(memory === 'auto' ? [] : ['a larger `memory`']),
    'a smaller model (hiddenSize, numLayers, lCycles)',
    'a device with more memory',
  ];
  return new EddyError({
    code: 'MEMORY_TOO_SMALL',
    message: `a training step in ${rows} does not fit the memory`,
    at: memory === 'auto' ? 'train.microBatchSize' : 'train.memory',
    expected: `at most ${formatBytes(limitBytes)}, of which the engine holds ${formatBytes(bytesInUse)}`,
    received: `${formatBytes(memoryBytes)}${recompute ? ', activations computed again' : ''}`,
    fix: fixes.join('; or '),
    exitCode: 2,
  });
}

export function nonFinite(facts: {
  step: number;
  tensor: string;
  loss: number;
  gradNorm: number;
  lastGood: string | undefined;
  counts: NonFiniteCounts;
}): EddyError {
  return new EddyError({
    code: 'NON_FINITE',
    message: `${facts.tensor} is not finite in step ${facts.step}${earlierText(facts.counts)}`,
    at: `step ${facts.step}, ${facts.tensor}`,
    expected: 'finite loss and gradients',
    received: `loss ${facts.loss}, gradient norm ${facts.gradNorm}`,
    fix: `lower the learning rate or lengthen the warm-up; ${lastGoodText(facts.lastGood)}`,
  });
}

export function stateNotFinite(facts: {
  step: number;
  tensor: string;
  lastGood: string | undefined;
}): EddyError {
  return new EddyError({
    code: 'STATE_NOT_FINITE',
    message: `${facts.tensor} is not finite after step ${facts.step}; no checkpoint was made of it`,
    at: `step ${facts.step}, ${facts.tensor}`,
    expected: 'finite values in the whole state',
    received: 'NaN or infinity',
    fix: `lower the learning rate or lengthen the warm-up; ${lastGoodText(facts.lastGood)}`,
  });
}

export function checkpointMismatch(facts: {
  path: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_MISMATCH',
    message: 'the checkpoint does not fit the model and optimizer of this run',
    at: facts.path,
    expected: facts.expected,
    received: facts.received,
    fix: 'resume with the configuration that made it, or start a new run',
    exitCode: 2,
  });
}

/** @param differences  one text for each tensor that differs */
export function weightsMismatch(path: string, differences: readonly string[]): EddyError {
  const shown = differences.slice(0, 12).join('; ');
  const more = differences.length > 12 ? `; and ${differences.length - 12} more` : '';
  const onlyTables = differences.every((difference) => difference.startsWith('tables/'));
  return new EddyError({
    code: 'WEIGHTS_MISMATCH',
    message: 'the weights to start from do not fit the model of this run',
    at: path,
    expected: 'the tensors of this model, with its shapes',
    received: shown + more,
    fix: onlyTables
      ? 'take a model with the same width, or `table: reset`'
      : 'give the model the options of the run that made the weights',
    exitCode: 2,
  });
}

export function averageAlphasInvalid(facts: {
  count: number;
  given: readonly number[];
  sum: number;
}): EddyError {
  return new EddyError({
    code: 'AVERAGE_ALPHAS_INVALID',
    message: 'the weights of the average do not fit its checkpoints',
    at: facts.given.join(', '),
    expected: `${facts.count} numbers with a sum of 1, one for each checkpoint`,
    received: `${facts.given.length} numbers with a sum of ${facts.sum}`,
    fix: 'correct them, or leave them out for equal shares',
    exitCode: 2,
  });
}

export function runStopped(facts: { stage: string; step: number; folder: string }): EddyError {
  return new EddyError({
    code: 'RUN_STOPPED',
    message: `stopped as asked in stage ${facts.stage} after step ${facts.step}; the state is saved`,
    at: facts.folder,
    fix: `pipeline resume ${facts.folder}`,
    exitCode: 75,
  });
}

export function freezeUnmatched(pattern: string, names: readonly string[]): EddyError {
  const near = nearest(pattern, names);
  return new EddyError({
    code: 'FREEZE_UNMATCHED',
    message: 'train.freeze names nothing that the model has',
    at: 'train.freeze',
    expected: `names or patterns among ${names.join(', ')}`,
    received: pattern,
    fix: near === undefined ? 'correct the pattern' : `did you mean ${near}?`,
    exitCode: 2,
  });
}

export function nothingToTrain(tables: readonly string[]): EddyError {
  return new EddyError({
    code: 'NOTHING_TO_TRAIN',
    message: 'every parameter and table of the model is frozen',
    at: 'train.freeze',
    expected: 'a parameter or a table that is trained',
    received: tables.length === 0 ? 'a model without tables, all frozen' : 'all frozen',
    fix:
      tables.length === 0
        ? 'freeze less; `all` is for models with a puzzle embedding'
        : 'freeze less, or nothing',
    exitCode: 2,
  });
}

function earlierText({ consecutiveSkips, rollbacks }: NonFiniteCounts): string {
  if (consecutiveSkips > 0) return `, after ${consecutiveSkips} skipped steps in a row`;
  return rollbacks > 0 ? `, after ${rollbacks} rollbacks` : '';
}

function lastGoodText(path: string | undefined): string {
  return path === undefined ? 'no checkpoint was made yet' : `the last good checkpoint is ${path}`;
}
