/** Errors about checkpoints and the files in them. */
import { EddyError } from '@eddy/tensor/errors';
import { sideText, type ModelDifference } from './model-identity.ts';

export function safetensorsInvalid(facts: {
  file: string;
  offset: number;
  message: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'SAFETENSORS_INVALID',
    message: facts.message,
    at: `${facts.file}, byte ${facts.offset}`,
    expected: facts.expected,
    received: facts.received,
    fix: 'write or copy the file again; nothing was read from it',
  });
}

export function checkpointWriteFailed(facts: {
  path: string;
  neededBytes: number;
  freeBytes: number | null;
  cause: unknown;
}): EddyError {
  const reason = facts.cause instanceof Error ? facts.cause.message : String(facts.cause);
  return new EddyError({
    code: 'CHECKPOINT_WRITE_FAILED',
    message: 'the checkpoint could not be written; earlier ones are untouched',
    at: facts.path,
    expected: `${facts.neededBytes} bytes to write`,
    received: `${reason}; ${facts.freeBytes ?? 'unknown'} bytes free`,
    fix: 'free space or mend the folder, then resume the run',
    cause: facts.cause,
  });
}

export function checkpointDamaged(facts: {
  file: string;
  expected: string;
  received: string;
  cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_DAMAGED',
    message: 'a file of the checkpoint is not what was written',
    at: facts.file,
    expected: facts.expected,
    received: facts.received,
    fix: 'delete this checkpoint; resuming takes the last good one before it',
    cause: facts.cause,
  });
}

export function checkpointNotFound(path: string, exists: boolean): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_NOT_FOUND',
    message: 'there is no checkpoint here',
    at: path,
    expected: 'the folder of a checkpoint, or of a run that has saved one',
    received: exists ? 'a folder or file without one' : 'nothing',
    fix: 'name a folder such as runs/NAME-TIME or runs/NAME-TIME/checkpoints/step-00000100',
    exitCode: 2,
  });
}

export function bestUnknown(folder: string, step: number | undefined): EddyError {
  return new EddyError({
    code: 'BEST_UNKNOWN',
    message:
      step === undefined
        ? 'no best checkpoint is recorded here: none was evaluated, or by no metric of which it is known what is better'
        : `the best checkpoint, that of step ${step}, is not there any more`,
    at: folder,
    expected: 'checkpoints that a stage evaluate of their run has measured',
    received: step === undefined ? 'no record of the best one' : `no checkpoint of step ${step}`,
    fix: 'take the last checkpoint: without --which best, or in a pipeline without which: best and checkpoints: best',
    exitCode: 2,
  });
}

export function bestNotOfRun(path: string): EddyError {
  return new EddyError({
    code: 'BEST_UNKNOWN',
    message: 'this is one checkpoint, not a run to take the best one of',
    at: path,
    expected: 'the folder of a run, or of its checkpoints',
    received: 'one checkpoint or file',
    fix: 'leave out --which best (in a pipeline: which: best), or name the run',
    exitCode: 2,
  });
}

export function checkpointNoneGood(facts: {
  folder: string;
  damaged: readonly string[];
  cause: unknown;
}): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_NONE_GOOD',
    message: 'every checkpoint of the run is damaged',
    at: facts.folder,
    expected: 'at least one checkpoint whose files match their sha256',
    received: `damaged: ${facts.damaged.join(', ')}`,
    fix: 'restore the folder from a copy, or start a new run',
    cause: facts.cause,
  });
}

export function modelDiffers(facts: {
  path: string;
  differences: readonly ModelDifference[];
  /** What allows it: `train.allowOtherModel=true`. */
  override: string;
}): EddyError {
  const { path, differences, override } = facts;
  const names = differences.map(({ name }) => name).join(', ');
  return new EddyError({
    code: 'MODEL_DIFFERS',
    message: `these weights were trained in another model: ${names}`,
    at: path,
    expected: sideText(differences, 'expected'),
    received: sideText(differences, 'received'),
    fix: `set ${sideText(differences, 'received')} in the pipeline, or allow the other model with ${override}`,
    exitCode: 2,
  });
}

export function identifiersDiffer(facts: {
  path: string;
  /** The first row that differs. */
  row: number;
  /** How many do. */
  count: number;
  expected: string;
  received: string;
  override: string;
}): EddyError {
  const { path, row, count, expected, received, override } = facts;
  return new EddyError({
    code: 'IDENTIFIERS_DIFFER',
    message: `${count} rows of the puzzle embedding belong to other identifiers than the data has`,
    at: path,
    expected: `row ${row}: ${expected}`,
    received: `row ${row}: ${received}`,
    fix: `use the data that the weights were trained on, or allow other rows with ${override}`,
    exitCode: 2,
  });
}

export function trainingUnknown(facts: {
  path: string;
  stage: string;
  known: readonly string[];
}): EddyError {
  return new EddyError({
    code: 'TRAINING_UNKNOWN',
    message: `no training ${facts.stage} has saved a checkpoint here`,
    at: facts.path,
    expected: `one of ${facts.known.join(', ')}`,
    received: facts.stage,
    fix: `name one of these by --stage, or leave it out for the last: ${facts.known.at(-1)}`,
    exitCode: 2,
  });
}
