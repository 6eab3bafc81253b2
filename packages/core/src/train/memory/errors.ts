/** Errors of cutting a step so that it fits the devices. */
import { EddyError } from '@eddy/tensor/errors';
import { formatBytes } from '../../config/byte-size.ts';
import type { Devices } from '../../engine/devices.ts';

/** @param facts.choices  for the option that is at fault, the largest first */
export function batchNotDivisible(
  facts: Devices & { option: string; rows: number; choices: readonly number[] },
): EddyError {
  const { option, rows, devices, hosts = 1, fewerDevices = false, choices } = facts;
  const ofHosts = hosts === 1 ? '' : ` (${devices / hosts} on each of ${hosts} hosts)`;
  const above = choices.findLast((choice) => choice > rows);
  const below = choices.find((choice) => choice < rows);
  const sizes = [below, above]
    .filter((choice) => choice !== undefined)
    .map((choice) => `\`train.${option}=${choice}\``)
    .join(' or ');
  return new EddyError({
    code: 'BATCH_NOT_DIVISIBLE',
    message: 'the rows of a batch cannot be shared equally by the devices',
    at: `train.${option}`,
    expected: fewerDevices
      ? `a multiple of the run's ${hosts} hosts`
      : `a multiple of the engine's ${devices} devices${ofHosts}`,
    received: String(rows),
    fix: `choose a multiple: ${sizes}; or change the number of ${hosts === 1 ? '' : 'hosts or '}engine.devices`,
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
    ...(microBatchSize > 1 ? ['`train.microBatchSize=auto` or a smaller one'] : []),
    ...(recompute ? [] : ['`train.recompute=auto`']),
    ...(memory === 'auto' ? [] : ['all memory that is available: `train.memory=auto`']),
    'a smaller model (hiddenSize, numLayers, lCycles)',
    'a device with more memory',
  ];
  return new EddyError({
    code: 'MEMORY_TOO_SMALL',
    message: `a training step in ${rows} does not fit into memory`,
    at: memory === 'auto' ? 'train.microBatchSize' : 'train.memory',
    expected: `at most ${formatBytes(limitBytes)}, of which the engine holds ${formatBytes(bytesInUse)}`,
    received: `${formatBytes(memoryBytes)}${recompute ? ', with recomputed activations' : ''}`,
    fix: fixes.join('; or '),
    exitCode: 2,
  });
}
