/** How many steps a run has. */
import type { DatasetMetadata } from '../data/dataset.ts';
import { totalSteps } from '../data/sampler.ts';

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

/** Stretches of training that end with an evaluation; the last one may be cut short. */
export function numIterationsOf(lengths: Lengths & { readonly evalInterval: number }): number {
  const scheduled = scheduledStepsOf(lengths);
  const whole = lengths.epochs / lengths.evalInterval;
  return Math.min(whole, Math.ceil((lastStepOf(lengths) * whole) / scheduled));
}
