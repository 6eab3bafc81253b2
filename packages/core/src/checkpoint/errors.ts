/** Errors about checkpoints and the files in them. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

import { EddyError, shellWord } from '@eddy/tensor/errors';
import { nearest } from '../config/nearest.ts';
import { systemErrorText } from '../files/system-error.ts';
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
    fix: `write the file again, or copy it again from where it came from; nothing was read from it`,
  });
}

export function checkpointWriteFailed(facts: {
  path: string;
  neededBytes: number;
  freeBytes: number | null;
  cause: unknown;
}): EddyError {
  const reason = systemErrorText(facts.cause);
  return new EddyError({
    code: 'CHECKPOINT_WRITE_FAILED',
    message: 'the checkpoint could not be written; earlier ones are untouched',
    at: facts.path,
    expected: `${facts.neededBytes} bytes to write`,
    received: `${reason}; ${facts.freeBytes ?? 'unknown'} bytes free`,
    fix: `free space or make the folder writable, then resume the run: \`pipeline resume ${shellWord(runOf(facts.path))}\``,
    cause: facts.cause,
  });
}

/** The folder of the run that a checkpoint is, or would be, in. */
function runOf(path: string): string {
  const at = path.lastIndexOf(`${sep}checkpoints${sep}`);
  return at === -1 ? 'RUN' : path.slice(0, at);
}

export function checkpointDamaged(facts: {
  file: string;
  expected: string;
  received: string;
  cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_DAMAGED',
    message: 'a file of the checkpoint is damaged: it differs from what was written',
    at: facts.file,
    expected: facts.expected,
    received: facts.received,
    fix: `delete this checkpoint, \`rm -r ${shellWord(dirname(facts.file))}\`; commands that are given the run then use the last good one before it`,
    cause: facts.cause,
  });
}

export function checkpointNotFound(path: string, exists: boolean): EddyError {
  return new EddyError({
    code: 'CHECKPOINT_NOT_FOUND',
    message: 'there is no checkpoint here',
    at: path,
    expected: 'the folder of a checkpoint, or of a run that has saved one',
    received: exists ? 'a folder or file without a checkpoint' : 'nothing',
    fix: placeFix(path),
    exitCode: 2,
  });
}

/** A folder that is meant, where one of nearly that name or one below is there. */
function placeFix(path: string): string {
  if (existsSync(join(path, 'config.yml'))) {
    return `the run has not saved a checkpoint; train it from the start: \`pipeline resume ${shellWord(path)}\``;
  }
  const beside = foldersIn(dirname(path)).filter((name) => name !== basename(path));
  const near = nearest(basename(path), beside);
  if (near !== undefined) return `did you mean ${join(dirname(path), near)}?`;
  const run = foldersIn(path).findLast((name) => existsSync(join(path, name, 'manifest.json')));
  return run === undefined
    ? 'name the folder of a run that has saved one (`pipeline runs FOLDER` lists runs), such as runs/NAME-TIME'
    : `name a run in it, such as ${join(path, run)}`;
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // there is no such folder either
  }
}

export function bestUnknown(folder: string, step: number | undefined): EddyError {
  return new EddyError({
    code: 'BEST_UNKNOWN',
    message:
      step === undefined
        ? 'no best checkpoint is recorded here: no checkpoint was evaluated, or its metric has no known direction'
        : `the best checkpoint, that of step ${step}, no longer exists`,
    at: folder,
    expected: 'checkpoints that a stage evaluate of their run has evaluated',
    received: step === undefined ? 'no record of the best one' : `no checkpoint of step ${step}`,
    fix: 'use the last checkpoint: `--which last`, in a pipeline which: last or checkpoints: last',
    exitCode: 2,
  });
}

export function bestNotOfRun(path: string): EddyError {
  return new EddyError({
    code: 'BEST_UNKNOWN',
    message: 'this is a single checkpoint, so there is no best one to choose',
    at: path,
    expected: 'the folder of a run, or of its checkpoints',
    received: 'one checkpoint or file',
    fix: `name the run, ${dirname(dirname(path))}, or use this one: \`--which last\` (in a pipeline which: last)`,
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
    fix: `restore the folder from a copy; or delete the damaged checkpoints, \`rm -r ${shellWord(facts.folder)}\`, and train from the start`,
    cause: facts.cause,
  });
}

export function modelDiffers(facts: {
  path: string;
  differences: readonly ModelDifference[];
  /** The option that allows it, as text: `--allow-other-model` in backticks. */
  override: string;
}): EddyError {
  const { path, differences, override } = facts;
  const names = differences.map(({ name }) => name).join(', ');
  return new EddyError({
    code: 'MODEL_DIFFERS',
    message: `these weights were trained in a different model: ${names}`,
    at: path,
    expected: sideText(differences, 'expected'),
    received: sideText(differences, 'received'),
    fix: `set ${sideText(differences, 'received')} in the pipeline, or allow the other model: ${override}`,
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
    message: `${count} rows of the puzzle embedding belong to identifiers that differ from those of the data`,
    at: path,
    expected: `row ${row}: ${expected}`,
    received: `row ${row}: ${received}`,
    fix: `use the data that the weights were trained on, or allow other rows: ${override}`,
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
    fix: `name one of these: \`--stage ${facts.known.at(-1)}\` (in a pipeline loadCheckpoint.stage)`,
    exitCode: 2,
  });
}
