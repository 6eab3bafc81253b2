/** Errors of pipelines and their stages. */
import { nearest } from '../config/nearest.ts';
import { isInside } from '../config/project-paths.ts';
import { EddyError, InternalError, shellWord } from '@eddy/tensor/errors';
import { runFolderUnusable } from '../run/errors.ts';
import type { Need } from '../contracts/stage.ts';

export function stageUnknown(name: string, known: readonly string[]): EddyError {
  const near = nearest(name, known);
  return new EddyError({
    code: 'STAGE_UNKNOWN',
    message: `the pipeline has no stage ${name}`,
    expected: `one of ${known.join(', ')}`,
    received: name,
    fix:
      near === undefined
        ? `name a stage of the file: ${known.join(', ')}`
        : `did you mean ${near}?`,
    exitCode: 2,
  });
}

export function stageNeedMissing(stage: string, need: Need): EddyError {
  const kind = typeof need === 'string' ? need : need.kind;
  const maker = typeof need === 'string' ? `stage that provides a ${kind}` : `stage ${need.stage}`;
  return new EddyError({
    code: 'STAGE_NEED_MISSING',
    message: `stage ${stage} needs a ${kind}, and there is no ${maker}`,
    at: stage,
    expected: `a ${maker}`,
    received: 'none',
    fix: needFix(stage, need),
    exitCode: 2,
  });
}

function needFix(stage: string, need: Need): string {
  if (typeof need !== 'string') {
    return `name an earlier stage that provides a ${need.kind} where ${stage} names ${need.stage}, or add the stage ${need.stage}: before it`;
  }
  if (need === 'dataset')
    return 'add a stage `build:` with a `dataset`, as `pipeline init` writes it';
  if (need === 'checkpoint') {
    return `name a run or a checkpoint: \`++${stage}.checkpoint=RUN\`; or add a stage \`train:\`, as \`pipeline init\` writes it`;
  }
  return `add a stage that provides a ${need}, or leave this one out: \`~${stage}\``;
}

export function stageCycle(stages: readonly string[]): EddyError {
  return new EddyError({
    code: 'STAGE_CYCLE',
    message: 'stages depend on one another in a cycle',
    at: stages.join(', '),
    expected: 'an order in which each stage has what it needs',
    received: stages.join(' → '),
    fix: `make one of them independent of the others (loadCheckpoint.stage, checkpoint, needs of its plugin), or remove one: \`~${stages.at(-1)}\``,
    exitCode: 2,
  });
}

/** What a stage threw, with the stage's name; an error with a code keeps it. */
export function stageFailed(stage: string, cause: unknown): Error {
  if (cause instanceof InternalError) return cause;
  if (cause instanceof EddyError) {
    const message = `stage ${stage}: ${cause.facts.message}`;
    return new EddyError({ ...cause.facts, message, cause });
  }
  return new EddyError({
    code: 'STAGE_FAILED',
    message: `stage ${stage} failed`,
    at: stage,
    received: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
    fix: 'correct the plugin that threw it; `export EDDY_DEBUG=1` shows where',
    cause,
  });
}

function tooManyFiles(cause: Error): EddyError {
  return new EddyError({
    code: 'TOO_MANY_FILES',
    message: 'this process cannot open any more files',
    expected: 'a limit of 256 open files or more',
    received: cause.message,
    fix: 'raise the limit, `ulimit -n 4096`, then resume the run: `pipeline resume RUN`',
    cause,
  });
}

/** What the file system refuses in the cache, wherever that came up, as an error of the cache. */
export function asCacheError(error: unknown, cacheFolder: string): EddyError | undefined {
  const refusal = refusalIn(error);
  const path = refusal?.path;
  if (refusal === undefined || path === undefined) return undefined;
  // Also for a folder above it that cannot be made.
  const isOfCache = isInside(cacheFolder, path) || isInside(path, cacheFolder);
  return isOfCache ? cacheUnusable(cacheFolder, refusal) : undefined;
}

/**
 * What the file system refuses a stage, as an error of the cache or of the run's folder. Writes don't say where:
 * those into the cache have been told before, so that the others are into the run.
 */
export function asFolderError(
  error: unknown,
  { cacheFolder, runFolder }: { readonly cacheFolder: string; readonly runFolder: string },
): EddyError | undefined {
  const refusal = refusalIn(error);
  if (refusal === undefined) return undefined;
  const { path, code = '' } = refusal;
  if (code === 'EMFILE' || code === 'ENFILE') return tooManyFiles(refusal);
  const isOfRun = path === undefined ? FULL.includes(code) : isInside(runFolder, path);
  return isOfRun ? runFolderUnusable(runFolder, refusal) : asCacheError(error, cacheFolder);
}

/** Of a write to a disk that has no room, or is none any more. */
const FULL = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];

/** The system's refusal among the causes of an error. */
function refusalIn(error: unknown): NodeJS.ErrnoException | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('syscall' in at) return at as NodeJS.ErrnoException;
  }
  return undefined;
}

/** @param overrides  what turns the config of the run into the new one, where a few overrides can say it */
export function runConfigChanged(
  folder: string,
  overrides: readonly string[] | undefined,
): EddyError {
  return new EddyError({
    code: 'RUN_CONFIG_CHANGED',
    message: 'the run in this folder was started with a different config',
    at: folder,
    expected: 'the config that the run started with',
    received: 'a file or overrides that differ from its config.yml',
    fix: `${continueFix(folder, overrides)}; or continue it unchanged: \`pipeline resume ${shellWord(folder)}\``,
    exitCode: 2,
  });
}

/** The one way to train longer, or with another rate, from where a run stands. */
function continueFix(folder: string, overrides: readonly string[] | undefined): string {
  return overrides === undefined
    ? `start a new run: \`--run-dir ${shellWord(`${folder}-2`)}\`; or continue from its last checkpoint in a new run, with overrides for what should change: pipeline resume ${shellWord(folder)} KEY=VALUE`
    : `continue from its last checkpoint in a new run: \`pipeline resume ${shellWord(folder)} ${overrides.join(' ')}\``;
}

export function stopped(folder: string): EddyError {
  return new EddyError({
    code: 'RUN_STOPPED',
    message: 'the run was stopped on request',
    at: folder,
    fix: `continue it: \`pipeline resume ${shellWord(folder)}\``,
    exitCode: 75,
  });
}

/** @param overrides  as for `runConfigChanged`; none where the config is the run's */
export function runExists(folder: string, overrides: readonly string[] | undefined): EddyError {
  return new EddyError({
    code: 'RUN_EXISTS',
    message: 'this folder already contains a run',
    at: folder,
    expected: 'an empty or new folder',
    received: 'a folder with manifest.json',
    fix:
      overrides?.length === 0
        ? `continue it: \`pipeline resume ${shellWord(folder)}\`; or start a new one: \`--run-dir ${shellWord(`${folder}-2`)}\``
        : overrides === undefined
          ? continueFix(folder, overrides)
          : `${continueFix(folder, overrides)}; or start a new one: \`--run-dir ${shellWord(`${folder}-2`)}\``,
    exitCode: 2,
  });
}

export function cacheUnusable(folder: string, cause: Error): EddyError {
  return new EddyError({
    code: 'CACHE_UNUSABLE',
    message: 'the cache folder cannot be created or written',
    at: folder,
    expected: 'a folder that this process may write to, with free space',
    received: cause.message,
    fix: 'name a writable folder: `export EDDY_CACHE=FOLDER`',
    exitCode: 2,
    cause,
  });
}

export function exampleMissing(split: string, index: number, count: number): EddyError {
  return new EddyError({
    code: 'EXAMPLE_MISSING',
    message: `the split ${split} has no such example`,
    expected: `0 to ${count - 1}`,
    received: String(index),
    fix: `choose one of them; the last is \`--example ${count - 1}\``,
    exitCode: 2,
  });
}

export function pipelineOfWeightsUnknown(path: string): EddyError {
  return new EddyError({
    code: 'PIPELINE_OF_WEIGHTS_UNKNOWN',
    message: 'these weights do not record which model and dataset they belong to',
    at: path,
    expected:
      'a checkpoint in the folder of its run, or a pipeline file with a model and a dataset',
    received: 'none',
    fix: 'name the pipeline file: `--pipeline FILE`',
    exitCode: 2,
  });
}

/** @param known  names in the checkpoint; undefined when it has none. */
export function identifierUnknown(name: string, known: readonly string[] | undefined): EddyError {
  const near = known === undefined ? undefined : nearest(name, known);
  return new EddyError({
    code: 'IDENTIFIER_UNKNOWN',
    message: 'the checkpoint has no puzzle identifier of this name',
    at: '--identifier',
    expected:
      known === undefined
        ? 'a checkpoint with the names of its identifiers'
        : `one of ${known.length} names, such as ${known.slice(0, 5).join(', ')}`,
    received: name,
    fix:
      near !== undefined
        ? `did you mean ${near}?`
        : known === undefined
          ? 'import the weights with the names: `--identifiers identifiers.json`; or remove --identifier'
          : 'name a puzzle that the model was trained on, or remove --identifier',
    exitCode: 2,
  });
}

export function puzzleTextUnknown(task: string): EddyError {
  return new EddyError({
    code: 'PUZZLE_TEXT_UNKNOWN',
    message: `the dataset cannot read a puzzle (${task}) from text`,
    expected: 'a dataset plugin with `parse`',
    received: 'one without',
    fix: 'use an example of the dataset instead of a text: `--example 0 --split test`',
    exitCode: 2,
  });
}

export function otherData(facts: {
  run: string;
  stage: string;
  before: string;
  now: string;
}): EddyError {
  const { run, stage, before, now } = facts;
  return new EddyError({
    code: 'OTHER_DATA',
    message: `the data of stage ${stage} differ from those of ${run}`,
    at: run,
    expected: `the dataset ${before}: same files, same options, same version of the plugin`,
    received: `the dataset ${now}`,
    fix: 'restore the files that the dataset is built from, or evaluate on the new data: `--allow-other-data`',
    exitCode: 2,
  });
}

export function runDataChanged(facts: {
  run: string;
  stage: string;
  before: string;
  now: string;
}): EddyError {
  const { run, stage, before, now } = facts;
  return new EddyError({
    code: 'RUN_DATA_CHANGED',
    message: `the data of stage ${stage} differ from those that the run was started with`,
    at: run,
    expected: `the dataset ${before}: same files, same options, same version of the plugin`,
    received: `the dataset ${now}`,
    fix: 'restore the files that the dataset is built from, or start a new run; or continue with the new data: `--allow-other-data`',
    exitCode: 2,
  });
}
