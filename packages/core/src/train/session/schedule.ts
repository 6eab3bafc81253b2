/** How many steps a run has. */
import type { DatasetMetadata } from '../../contracts/dataset.ts';
import { iterationWithoutBatch, splitMissing } from '../../data/errors.ts';
import { totalSteps } from '../../data/sampler.ts';

interface Lengths {
  readonly epochs: number;
  readonly globalBatchSize: number;
  readonly maxSteps?: number | undefined;
  readonly split: string;
  readonly dataset: { readonly metadata: DatasetMetadata };
}

/** Steps that the learning rate's schedule is laid out for. */
export function scheduledStepsOf(lengths: Lengths): number {
  const { epochs, globalBatchSize, split, dataset } = lengths;
  return totalSteps({ epochs, metadata: dataset.metadata, globalBatchSize, split });
}

/** The last step that this run may do; the data may end a few steps earlier. */
export function lastStepOf(lengths: Lengths): number {
  return Math.min(scheduledStepsOf(lengths), lengths.maxSteps ?? Number.POSITIVE_INFINITY);
}

/**
 * Returns the steps that a run will have done, as a plan and the screen say it. Where every puzzle has one example an
 * iteration has floor(epochs · groups / globalBatchSize) of them: its incomplete batch is dropped. Elsewhere the
 * draws decide, and this is the most.
 */
export function expectedStepsOf(lengths: Lengths & { readonly evalInterval: number }): number {
  const { epochs, evalInterval, globalBatchSize, split, dataset } = lengths;
  const sizes = dataset.metadata.splits[split];
  const most = lastStepOf(lengths);
  if (sizes?.meanPuzzleExamples !== 1) return most;
  const stepsIn = (some: number) => Math.floor((some * sizes.numGroups) / globalBatchSize);
  const whole = Math.floor(epochs / evalInterval) * stepsIn(evalInterval);
  return Math.min(most, whole + stepsIn(epochs % evalInterval));
}

/** Stretches of training that end with an evaluation; the last one may be cut short. */
export function numIterationsOf(lengths: Lengths & { readonly evalInterval: number }): number {
  const scheduled = scheduledStepsOf(lengths);
  const whole = lengths.epochs / lengths.evalInterval;
  return Math.min(whole, Math.ceil((lastStepOf(lengths) * whole) / scheduled));
}

/**
 * Finds before anything is compiled what the sizes of the split tell.
 *
 * @throws SPLIT_MISSING; ITERATION_WITHOUT_BATCH
 */
export function requireSteps(
  lengths: Lengths & {
    readonly evalInterval: number;
    readonly dataset: { readonly folder: string };
  },
): void {
  const { split, dataset, globalBatchSize, evalInterval } = lengths;
  const { splits } = dataset.metadata;
  const sizes = splits[split];
  if (sizes === undefined) throw splitMissing(dataset.folder, split, Object.keys(splits));
  // An epoch has each example once at most.
  const isTooFew = evalInterval * sizes.numExamples < globalBatchSize;
  if (!isTooFew && scheduledStepsOf(lengths) > 0) return;
  const { numGroups } = sizes;
  throw iterationWithoutBatch({
    split,
    numGroups,
    globalBatchSize,
    epochsPerIteration: evalInterval,
  });
}
