/** Errors about where data comes from. */
import { EddyError } from '@eddy/tensor/errors';

export function csvRowInvalid(facts: {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'CSV_ROW_INVALID',
    message: 'a row of the data file is malformed',
    at: `${facts.file}:${facts.line}`,
    expected: facts.expected,
    received: facts.received,
    fix: 'mend or delete this row; nothing was built',
  });
}

export function csvHeaderInvalid(file: string, received: string): EddyError {
  return new EddyError({
    code: 'CSV_HEADER_INVALID',
    message: 'the first line of the data file does not name its columns',
    at: `${file}:1`,
    expected:
      'a column question (or puzzle, quizzes) and a column answer (or solution, solutions); rating may be missing',
    received,
    fix: 'write a first line like question,answer or source,question,answer,rating, as text in UTF-8',
  });
}

/** @param kind  what the path is instead: a folder, a device … */
export function dataFileUnusable(file: string, kind: string): EddyError {
  return new EddyError({
    code: 'DATA_FILE_MISSING',
    message: 'this is no file to read data from',
    at: file,
    expected: 'a file',
    received: kind,
    fix: 'name a file; what a pipe or a device gives must be written to one first',
    exitCode: 2,
  });
}

export function ratingsMissing(minDifficulty: number): EddyError {
  return new EddyError({
    code: 'RATING_MISSING',
    message: 'minDifficulty is set, and a puzzle of the source has no rating',
    at: 'build.dataset.minDifficulty',
    expected: `a rating of each puzzle, to compare with ${minDifficulty}`,
    received: 'none',
    fix: 'remove minDifficulty, or add a column rating to the file',
    exitCode: 2,
  });
}

export function dataFileMissing(file: string, tried: readonly string[]): EddyError {
  return new EddyError({
    code: 'DATA_FILE_MISSING',
    message: 'there is no such data file',
    at: tried.join(', '),
    expected: 'a file',
    received: file,
    fix: 'check the path: it starts at the folder of the pipeline file, or at the working folder',
    exitCode: 2,
  });
}

export function dataNotCached(repo: string, file: string, cached: string): EddyError {
  return new EddyError({
    code: 'DATA_NOT_CACHED',
    message: `${repo} ${file} would have to be downloaded, and offline is set`,
    at: cached,
    fix: 'run once without --offline, or name local files: build.dataset.source.csv.train=FILE',
  });
}

export function downloadFailed(facts: {
  readonly repo: string;
  readonly file: string;
  readonly hubUrl: string;
  /** Through which it was asked. */
  readonly proxy: string | undefined;
  readonly received: string;
  readonly cause?: unknown;
}): EddyError {
  const network =
    facts.proxy === undefined
      ? 'check the network (behind a proxy, set HTTPS_PROXY)'
      : 'check the proxy (HTTPS_PROXY, NO_PROXY)';
  return new EddyError({
    code: 'DOWNLOAD_FAILED',
    message: `${facts.repo} ${facts.file} could not be downloaded`,
    at: facts.proxy === undefined ? facts.hubUrl : `${facts.hubUrl}, through the proxy ${facts.proxy}`, // prettier-ignore
    received: facts.received,
    fix: `${network}, the repository and the revision, name a mirror (HF_ENDPOINT=URL or build.dataset.source.hub.hubUrl=URL), or local files: build.dataset.source.csv.train=FILE`,
    cause: facts.cause,
  });
}

export function hubEndpointInvalid(received: string): EddyError {
  return new EddyError({
    code: 'HUB_ENDPOINT_INVALID',
    message: 'the environment names no address as the hub',
    at: 'environment variable HF_ENDPOINT',
    expected: 'a URL with http:// or https://',
    received,
    fix: 'set HF_ENDPOINT to the address of a mirror, or unset it',
    exitCode: 2,
  });
}

export function checksumMismatch(file: string, expected: string, received: string): EddyError {
  return new EddyError({
    code: 'CHECKSUM_MISMATCH',
    message: 'a downloaded file is not the one that was asked for',
    at: file,
    expected: `sha256 ${expected}`,
    received: `sha256 ${received}`,
    fix: 'pin another revision or checksum; the file was not kept',
  });
}

export function generatorExhausted(facts: {
  readonly split: string;
  readonly found: number;
  readonly wanted: number;
  readonly candidates: number;
}): EddyError {
  return new EddyError({
    code: 'GENERATOR_EXHAUSTED',
    message: `no further puzzle like that turned up for the split "${facts.split}"`,
    expected: `${facts.wanted} different puzzles`,
    received: `${facts.found}, then ${facts.candidates} candidates in a row that were refused`,
    fix: 'ask for fewer puzzles, a wider range of clues or a lower minDifficulty',
  });
}

export function notASudoku(tokens: number): EddyError {
  return new EddyError({
    code: 'NOT_A_SUDOKU',
    message: 'sudoku-shuffle was given something else than a Sudoku',
    expected: 'examples of 16, 36 or 81 tokens',
    received: `${tokens} tokens`,
    fix: 'use the augmentation that belongs to the dataset',
    exitCode: 2,
  });
}

export function puzzleInvalid(facts: {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly received: string;
  readonly fix?: string;
}): EddyError {
  return new EddyError({
    code: 'PUZZLE_INVALID',
    message: 'the text is not a puzzle of this dataset',
    at: `${facts.line}:${facts.column}`,
    expected: facts.expected,
    received: facts.received,
    fix: facts.fix ?? 'mend the text at this place',
    exitCode: 2,
  });
}

export function arcTaskInvalid(facts: {
  readonly file: string;
  /** Inside the file. */
  readonly path: string;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'ARC_TASK_INVALID',
    message: 'a file of ARC tasks is malformed',
    at: `${facts.file} ${facts.path}`.trim(),
    expected: facts.expected,
    received: facts.received,
    fix: 'mend the file or fetch it again; nothing was built',
  });
}

/** A task and the two subsets that have it. */
export interface RepeatedTask {
  readonly task: string;
  readonly subsets: readonly [string, string];
}

export function arcTaskLeaks(repeated: readonly RepeatedTask[]): EddyError {
  const [{ task, subsets }] = repeated as readonly [RepeatedTask];
  return new EddyError({
    code: 'ARC_TASK_TWICE',
    message:
      'tasks that are tested on are in another subset too: their answers would be trained on',
    at: `task ${task}${repeated.length > 1 ? ` and ${repeated.length - 1} more` : ''}`,
    expected: 'no task of a test subset in another subset',
    received: `${repeated.length} in ${subsets.join(' and ')}`,
    fix: 'take one of the subsets out of build.dataset.subsets; ARC-AGI-2 training contains most of ARC-AGI-1',
    exitCode: 2,
  });
}

export function arcTasksDiffer({ task, subsets }: RepeatedTask): EddyError {
  return new EddyError({
    code: 'ARC_TASK_TWICE',
    message: 'two subsets have different tasks of one name',
    at: `task ${task}`,
    expected: 'a task in one subset, or the same in both',
    received: `it is in ${subsets.join(' and ')}`,
    fix: 'take one of the subsets out of build.dataset.subsets, or rename the task',
    exitCode: 2,
  });
}

export function noTaskFits(canvas: number, tasks: number): EddyError {
  return new EddyError({
    code: 'NO_TASK_FITS',
    message: 'no task is small enough for the canvas',
    expected: `a task whose grids are at most ${canvas} × ${canvas}`,
    received: `none of ${tasks} tasks`,
    fix:
      canvas < 30
        ? 'raise build.dataset.canvas, at most 30'
        : 'name folders or files of ARC tasks: none of its grids is larger than 30 × 30',
    exitCode: 2,
  });
}

export function notArc(task: string): EddyError {
  return new EddyError({
    code: 'NOT_ARC',
    message: 'arc-transform was given something else than ARC',
    expected: 'a dataset of the task arc',
    received: `task ${task}`,
    fix: 'use the augmentation that belongs to the dataset',
    exitCode: 2,
  });
}

export function npyInvalid(file: string, received: string, cause?: unknown): EddyError {
  return new EddyError({
    code: 'NPY_INVALID',
    message: 'the file is no array of integers that Eddy reads',
    at: file,
    expected: '.npy, little endian, C order, dtype uint8, int32 or int64',
    received,
    fix: 'write it again with numpy.save; the file is cut short, damaged or of another kind',
    cause,
  });
}

export function referenceFolderInvalid(facts: {
  readonly at: string;
  readonly expected: string;
  readonly received: string;
  readonly cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'REFERENCE_FOLDER_INVALID',
    message: 'the folder is no dataset as the reference builds it',
    fix: 'name a folder with identifiers.json, train/ and test/, each with dataset.json and <set>__*.npy',
    ...facts,
  });
}

export function exportTargetExists(folder: string): EddyError {
  return new EddyError({
    code: 'EXPORT_TARGET_EXISTS',
    message: 'the folder to write to is not empty, or is a file',
    at: folder,
    fix: 'name another folder, or delete this one; nothing was written',
    exitCode: 2,
  });
}

export function combinedDatasetsDiffer(facts: {
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'COMBINED_DATASETS_DIFFER',
    message: 'one model cannot read these datasets: they do not describe the same kind of puzzle',
    fix: 'combine datasets with the same vocabulary, length and grid, or train on them apart',
    exitCode: 2,
    ...facts,
  });
}
