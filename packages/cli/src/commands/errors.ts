/** Errors of the arguments of commands. */
import { basename, dirname, extname, join } from 'node:path';

import { nearest } from '@eddy/core/config';
import type { PluginEntry } from '@eddy/core/run';
import { EddyError, shellWord } from '@eddy/tensor/errors';

export function pluginNotFound(filter: string, all: readonly PluginEntry[]): EddyError {
  const near = nearest(
    filter,
    all.map(({ name }) => name),
  );
  return new EddyError({
    code: 'PLUGIN_UNKNOWN',
    message: 'there is no such plugin',
    expected: `a kind (${[...new Set(all.map(({ kind }) => kind))].join(', ')}) or a name`,
    received: filter,
    fix: near === undefined ? 'choose one that `pipeline plugins` lists' : `did you mean ${near}?`,
    exitCode: 2,
  });
}

export function pluginFileInvalid(kind: string, file: string): EddyError {
  const words = basename(file, extname(file)).match(/[A-Za-z0-9]+/g) ?? [];
  const name = words
    .join('-')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
  const proposed =
    /^[a-z]/.test(name) && !['true', 'false', 'null'].includes(name) ? name : `my-${kind}`;
  return new EddyError({
    code: 'PLUGIN_FILE_INVALID',
    message: 'the file name is not a valid plugin name',
    at: file,
    expected: 'a .ts file whose name is lower-case words joined by hyphens, as in my-thing.ts',
    received: basename(file),
    fix: `choose another name: \`pipeline new ${kind} ${shellWord(join(dirname(file), `${proposed}.ts`))}\``,
    exitCode: 2,
  });
}

export function pluginNameTaken(
  { kind, name, package: from }: PluginEntry,
  file: string,
): EddyError {
  return new EddyError({
    code: 'PLUGIN_NAME_TAKEN',
    message: `${from} already has a plugin ${kind} ${name}`,
    at: file,
    expected: `another name than ${name}`,
    received: basename(file),
    fix: `choose another name: \`pipeline new ${kind} ${shellWord(join(dirname(file), `my-${name}.ts`))}\``,
    exitCode: 2,
  });
}

export function puzzleMissing(): EddyError {
  return new EddyError({
    code: 'PUZZLE_MISSING',
    message: 'no puzzle was given',
    expected: 'a text, a file, - for standard input, or --example N',
    received: 'none',
    fix: 'take an example of the dataset, `--example 0`, or give the puzzle as text: pipeline predict RUN 1...3...2...4...',
    exitCode: 2,
  });
}

export function puzzleTooLong(source: string): EddyError {
  return new EddyError({
    code: 'PUZZLE_TOO_LONG',
    message: 'the text of the puzzle is too long',
    at: source,
    expected: 'at most 1 MiB of text',
    received: 'more',
    fix: 'name a file with one puzzle, or take an example of the dataset: `--example 0`',
    exitCode: 2,
  });
}

export function usageInvalid(option: string, why: string, fix: string): EddyError {
  return new EddyError({
    code: 'USAGE_INVALID',
    message: `${option} ${why}`,
    received: option,
    fix,
    exitCode: 2,
  });
}

export function identifiersInvalid(file: string): EddyError {
  return new EddyError({
    code: 'IDENTIFIERS_INVALID',
    message: 'not a list of names',
    at: file,
    expected: 'a JSON list: the name of identifier 0, of 1 …',
    received: 'other JSON, or none',
    fix: 'name the identifiers.json of the dataset folder that the reference trained on: `--identifiers FOLDER/identifiers.json`',
    exitCode: 2,
  });
}

export function sweepNotChangeable(folder: string): EddyError {
  return usageInvalid(
    'the overrides',
    'apply to a single run; the trials of a sweep keep the values they were declared with',
    `resume without overrides, \`pipeline resume ${shellWord(folder)}\`, or continue from one trial: pipeline resume ${shellWord(join(folder, 'trials', 'TRIAL'))} …`,
  );
}

/** @param said  the end of what the run wrote */
export function resumeUnverifiable(command: readonly string[], said: string): EddyError {
  return new EddyError({
    code: 'RESUME_UNVERIFIABLE',
    message: 'one of the compared runs did not end as expected',
    at: `pipeline ${command.slice(0, 2).join(' ')}`,
    expected: 'a run that ends only because this command kills it',
    received: said.trim().split('\n').slice(-6).join('\n            ') || 'no message',
    fix: 'correct what its last messages report; to start the same run on its own: `pipeline run FILE train.maxSteps=20`',
  });
}

/** @param received  what lies there instead */
export function folderMissing(path: string, received: string): EddyError {
  const above = dirname(path);
  return new EddyError({
    code: 'FOLDER_MISSING',
    message: received === 'nothing' ? 'the folder does not exist' : 'this is not a folder',
    at: path,
    expected: 'a folder of runs, a run or a sweep',
    received,
    fix: `name a folder: \`pipeline runs ${above}\` lists the runs in ${above === '.' ? 'this one' : above}`,
    exitCode: 2,
  });
}
