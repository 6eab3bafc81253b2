/** Errors about datasets on disk and in batches. */
import { dirname } from 'node:path';

import { nearest } from '../config/nearest.ts';
import { EddyError, shellWord } from '@eddy/tensor/errors';
import { formatBytes } from '../config/byte-size.ts';
import { leakageText } from './leakage.ts';
import type { LeakageReport } from '../contracts/events.ts';

export function iterationWithoutBatch(facts: {
  readonly split: string;
  readonly numGroups: number;
  readonly globalBatchSize: number;
  readonly epochsPerIteration: number;
}): EddyError {
  const { split, numGroups, globalBatchSize, epochsPerIteration } = facts;
  return new EddyError({
    code: 'ITERATION_WITHOUT_BATCH',
    message: 'the epochs between two evaluations do not fill one batch',
    at: `split ${split}`,
    expected: `at least ${globalBatchSize} examples (globalBatchSize) in an iteration`,
    received: `${epochsPerIteration} epochs of ${numGroups} groups`,
    fix: `take a batch that they fill, \`train.globalBatchSize=${epochsPerIteration * numGroups}\`, or raise train.evalInterval`,
    exitCode: 2,
  });
}

/** For a file that could not be read: a refusal of the system says nothing about what is in it. */
export function unreadableDataset(file: string, error: unknown): unknown {
  const { syscall, code } = Object(error) as NodeJS.ErrnoException;
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
  return syscall === undefined || isMissing ? datasetDamaged(file, 'unreadable', error) : error;
}

export function datasetDamaged(file: string, problem: string, cause?: unknown): EddyError {
  return new EddyError({
    code: 'DATASET_DAMAGED',
    message: 'a dataset file does not match its metadata',
    at: file,
    received: problem,
    fix: `delete the folder of the dataset and run the pipeline again, which rebuilds it: \`rm -r ${shellWord(dirname(file))}\``,
    cause,
  });
}

export function splitMissing(folder: string, split: string, present: readonly string[]): EddyError {
  return new EddyError({
    code: 'SPLIT_MISSING',
    message: `the dataset has no split "${split}"`,
    at: folder,
    expected: `one of ${present.join(', ')}`,
    received: split,
    fix: splitFix(split, present),
  });
}

function splitFix(split: string, present: readonly string[]): string {
  const near = nearest(split, present);
  return near === undefined
    ? `name a split that the dataset has: ${present.join(', ')}; or give the dataset a source for ${split}`
    : `did you mean ${near}?`;
}

export function exampleRefused(facts: {
  readonly split: string;
  readonly example: number;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'EXAMPLE_REFUSED',
    message: 'a dataset plugin produced an example that does not match its own description',
    at: `split ${facts.split}, example ${facts.example}`,
    expected: facts.expected,
    received: facts.received,
    fix: 'correct the dataset plugin: the examples of its groups() must have the seqLen and the vocabSize of its describe()',
  });
}

export function datasetTooLarge(facts: {
  readonly folder: string;
  readonly examples: number;
  readonly bytes: number;
  readonly freeBytes: number;
}): EddyError {
  return new EddyError({
    code: 'DATASET_TOO_LARGE',
    message: 'the disk has too little free space for the dataset; nothing was built',
    at: facts.folder,
    expected: `${formatBytes(facts.bytes)} for ${facts.examples} examples`,
    received: `${formatBytes(facts.freeBytes)} free`,
    fix: 'ask for fewer examples or versions (train, numVersions), free space, or name a cache folder on another disk: `export EDDY_CACHE=FOLDER`',
    exitCode: 2,
  });
}

export function datasetEmpty(split: string): EddyError {
  return new EddyError({
    code: 'DATASET_EMPTY',
    message: `the split "${split}" has no example`,
    expected: 'at least one example',
    received: 'none',
    fix: 'admit more examples (`build.dataset.minDifficulty=null`), or add examples to its source',
  });
}

export function severalPuzzlesAGroup(
  split: string,
  numPuzzles: number,
  numGroups: number,
): EddyError {
  return new EddyError({
    code: 'SEVERAL_PUZZLES_A_GROUP',
    message: 'this augmentation makes versions of tasks, but the dataset is already augmented',
    at: `split ${split}`,
    expected: 'one puzzle in each group',
    received: `${numPuzzles} puzzles in ${numGroups} groups`,
    fix: 'remove the stage that augments, `~augment`, or build from the original tasks',
    exitCode: 2,
  });
}

export function leakageFound(report: LeakageReport): EddyError {
  return new EddyError({
    code: 'LEAKAGE_FOUND',
    message: leakageText(report),
    expected: 'no test example, nor a copy that a symmetry makes of it, in the training split',
    received: `${report.leakedExamples} of ${report.examples}`,
    fix: 'drop such groups from training: `build.leakage.action=drop`; or only report them: `build.leakage.action=report`',
  });
}

export function validationExists(folder: string): EddyError {
  return new EddyError({
    code: 'VALIDATION_EXISTS',
    message: 'the dataset already has a split validation, which build.validation would create',
    at: folder,
    expected: 'a single split validation',
    received: 'two',
    fix: 'remove the option: `~build.validation`',
    exitCode: 2,
  });
}

export function validationEmpty(facts: {
  readonly part: number;
  /** Of the training split. */
  readonly examples: number;
  readonly splits: readonly string[];
}): EddyError {
  const { part, examples, splits } = facts;
  const hasTrain = splits.includes('train');
  return new EddyError({
    code: 'VALIDATION_EMPTY',
    message: hasTrain
      ? 'no part of the training puzzles can be held out for validation'
      : 'the dataset has no split train to hold validation puzzles out of',
    at: 'build.validation',
    expected: hasTrain
      ? 'several training puzzles that no symmetry of the task maps to one another'
      : 'a split train',
    received: hasTrain ? `${part} of ${examples} examples` : splits.join(', '),
    fix: hasTrain
      ? 'remove the option, `~build.validation`, or give the dataset more training puzzles'
      : 'remove the option: `~build.validation`',
    exitCode: 2,
  });
}

export function leakageTasksDiffer(facts: {
  readonly name: string;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'LEAKAGE_TASKS_DIFFER',
    message: `build.leakage.against names ${facts.name}, which contains a different kind of puzzle`,
    expected: facts.expected,
    received: facts.received,
    fix: 'name datasets of the same kind and size of puzzle',
    exitCode: 2,
  });
}
