import type { BatchBuffers } from '../../data/batch-buffers.ts';
import { trainingBatches, type TrainingBatch } from '../../data/sampler.ts';
import type { TrainerOptions } from './trainer-options.ts';

/** The batches that the options ask for, from a step on. */
export async function trainerBatches(
  { dataset, ...options }: TrainerOptions,
  from: { readonly startStep?: number; readonly buffers?: BatchBuffers } = {},
): Promise<Iterable<TrainingBatch>> {
  const { metadata, augmentation } = dataset;
  return trainingBatches({
    split: await dataset.open(options.split),
    metadata,
    random: options.random.stream('batches'),
    globalBatchSize: options.globalBatchSize,
    epochs: options.epochs,
    epochsPerIteration: options.evalInterval,
    ...(augmentation === undefined ? {} : { augmentation }),
    ...from,
  });
}
