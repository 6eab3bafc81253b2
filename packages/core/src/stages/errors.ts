/** Errors of the built-in stages. */
import { EddyError } from '@eddy/tensor/errors';

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

export function monitorUnmeasured(stage: string): EddyError {
  return new EddyError({
    code: 'MONITOR_UNMEASURED',
    message: `stage ${stage} has a monitor, and no stage evaluates its checkpoints`,
    at: `${stage}.monitor`,
    expected: `a stage evaluate behind ${stage}`,
    received: 'none',
    fix: 'add a stage evaluate: {} to the pipeline, or leave the monitor out',
    exitCode: 2,
  });
}

export function monitorSplitMissing(facts: {
  readonly stage: string;
  readonly split: string;
  readonly present: readonly string[];
}): EddyError {
  const { stage, split, present } = facts;
  return new EddyError({
    code: 'MONITOR_SPLIT_MISSING',
    message: `${stage}.monitor watches the split ${split}, which the data will not have`,
    at: `${stage}.monitor.split`,
    expected: `one of ${present.join(', ')}`,
    received: split,
    fix:
      split === 'validation'
        ? 'set build.validation=0.1, which holds a tenth of the training puzzles out as that split'
        : `name one of these splits: ${stage}.monitor.split=${present.find((name) => name !== 'train') ?? present[0]}`,
    exitCode: 2,
  });
}
