/** Errors of command lines of the reference. */
import { nearest } from '@eddy/core/config';
import { EddyError, shellWord } from '@eddy/tensor/errors';

export function referenceCommandInvalid(text: string, cause: Error): EddyError {
  const line = 'line' in cause ? `line ${String(cause.line)}` : undefined;
  const column = 'column' in cause ? `column ${String(cause.column)}` : undefined;
  const place = [
    line,
    line === undefined && column !== undefined ? `${column} of an override` : column,
  ];
  return new EddyError({
    code: 'REFERENCE_COMMAND_INVALID',
    message: cause.message,
    at: ['command line', ...place.filter((part) => part !== undefined)].join(', '),
    expected: 'commands as in the reference’s README: python pretrain.py arch=trm lr=1e-4 …',
    received: text.length > 200 ? `${text.slice(0, 200)}…` : text,
    fix: 'fix' in cause ? String(cause.fix) : 'put the whole command line into single quotes',
    cause,
    exitCode: 2,
  });
}

/** @param dump  what the file holds instead. */
export function dumpInvalid(dump: Readonly<Record<string, unknown>>): EddyError {
  const keys = Object.keys(dump);
  return new EddyError({
    code: 'REFERENCE_DUMP_INVALID',
    message: 'this file is not the configuration of a run of the reference',
    at: 'arch.name',
    expected: 'all_config.yaml as the reference writes it into the folder of a run, with arch.name',
    received: keys.length === 0 ? 'an empty file' : `the keys ${keys.slice(0, 8).join(', ')}`,
    fix: "name the all_config.yaml of a run, or give the command line that started it: pipeline from-reference 'python pretrain.py arch=trm …'",
    exitCode: 2,
  });
}

export function archUnknown(name: string, known: readonly string[]): EddyError {
  const near = nearest(name, known);
  return new EddyError({
    code: 'REFERENCE_ARCH_UNKNOWN',
    message: 'the reference has no arch of this name',
    at: 'arch',
    expected: `one of ${known.join(', ')}`,
    received: name,
    fix:
      near === undefined ? `write arch=${known[0]} or another of these` : `did you mean ${near}?`,
    exitCode: 2,
  });
}

/** Every command or part of a command that was not understood, with its place. */
function commandError(facts: {
  readonly code: string;
  readonly message: string;
  readonly at: string;
  readonly expected: string;
  readonly received: string;
  readonly fix: string;
}): EddyError {
  return new EddyError({ ...facts, exitCode: 2 });
}

/** @param seen  commands of the text, the first of them. */
export function nothingRecognised(seen: readonly string[], fix: string): EddyError {
  return commandError({
    code: 'REFERENCE_TRAINING_MISSING',
    message: 'no training command (pretrain.py) was found in this text',
    at: 'command line',
    expected: 'a command that trains: python pretrain.py arch=trm data_paths=[FOLDER] …',
    received: seen.length === 0 ? 'no command' : seen.join('; '),
    fix,
  });
}

export function severalTrainings(trainings: readonly string[]): EddyError {
  return commandError({
    code: 'REFERENCE_TRAININGS_SEVERAL',
    message: `the text has ${trainings.length} trainings, but a pipeline is one`,
    at: 'command line',
    expected: 'one training, with the commands that build its data',
    received: trainings.map((training, i) => `${i + 1}: ${training}`).join('; '),
    fix: 'choose one by its number: `--training 1`',
  });
}

export function trainingNumberInvalid(wanted: number, trainings: number): EddyError {
  return commandError({
    code: 'REFERENCE_TRAININGS_SEVERAL',
    message: 'the text has no training with this number',
    at: '--training',
    expected: trainings === 1 ? '1' : `1 to ${trainings}`,
    received: String(wanted),
    fix: `choose one that exists: \`--training ${trainings}\``,
  });
}

export function variablesUnset(
  missing: readonly { readonly source: string; readonly why: string }[],
  place: string,
): EddyError {
  const [{ source, why }] = missing as readonly [{ source: string; why: string }];
  const name = /^\$\{?([A-Za-z_]\w*)/.exec(source)?.[1];
  return commandError({
    code: 'REFERENCE_VARIABLE_UNSET',
    message: `${source} ${why}`,
    at: place,
    expected: 'a value that is given in the text',
    received: missing.map(({ source: one }) => one).join(', '),
    fix:
      name === undefined || source.includes('(')
        ? `write the value in place of ${source}`
        : `put a line ${name}=VALUE before the command, or write the value in place of ${source}`,
  });
}

export function interpolationUnknown(key: string, value: unknown): EddyError {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return commandError({
    code: 'REFERENCE_VARIABLE_UNSET',
    message: 'an interpolation of Hydra is not a key of the configuration',
    at: key,
    expected: 'a value, or ${KEY} alone with a key of the configuration',
    received: text,
    fix: `write the value of ${key} itself`,
  });
}

export function keysUnknown(
  unknown: readonly { readonly key: string; readonly why: string | undefined }[],
  known: readonly string[],
): EddyError {
  const [{ key, why }] = unknown as readonly [{ key: string; why: string | undefined }];
  const near = nearest(key.replace(/^[-~+]+/, ''), known);
  const keys = unknown.map((one) => one.key).join(', ');
  return commandError({
    code: 'REFERENCE_KEY_UNKNOWN',
    message: `${unknown.length === 1 ? 'a key is' : `${unknown.length} keys are`} unknown to the reference, so it could not run this experiment`,
    at: key,
    expected: 'keys of TinyRecursiveModels or HRM (docs/reference-map.md)',
    received: why === undefined ? keys : `${keys} (${why})`,
    fix:
      near === undefined
        ? `remove ${keys} from the command to translate the rest, and write a plugin for what it does`
        : `write ${near}, or remove ${keys} from the command to translate it without`,
  });
}

export function valueInvalid(key: string, expected: string, received: string): EddyError {
  return commandError({
    code: 'REFERENCE_VALUE_INVALID',
    message: `the reference has no such value of ${key}`,
    at: key,
    expected,
    received,
    fix: `write for ${key}: ${expected}; a value that only a fork takes would be another experiment`,
  });
}

export function repositoryUnclear(command: string): EddyError {
  return commandError({
    code: 'REFERENCE_REPOSITORY_UNCLEAR',
    message:
      'this command is valid in TinyRecursiveModels and in HRM, which train different models by default',
    at: command,
    expected:
      'arch, or a key that only one of them has: data_paths of TinyRecursiveModels, data_path of HRM',
    received: 'neither',
    fix: 'add `arch=trm` for TinyRecursiveModels, or `arch=hrm_v1` for HRM',
  });
}

/** @param made  folder that the text builds; `read`: the one that the reference reads by default. */
export function dataUnclear(
  command: string,
  made: string,
  { key, read }: { readonly key: 'data_path' | 'data_paths'; readonly read: string },
): EddyError {
  const named = (folder: string) =>
    key === 'data_path' ? `${key}=${folder}` : `${key}=[${folder}]`;
  return commandError({
    code: 'REFERENCE_DATA_UNCLEAR',
    message: 'the text builds a dataset, but its training does not name it',
    at: command,
    expected: `a training that names the folder which it reads: ${named(made)}`,
    received: `${made} is built, and ${read} is what the reference reads by default`,
    fix: `add \`${named(made)}\` to the training, or \`${named(read)}\` if that is meant`,
  });
}

export function commandPartUnknown(part: string, place: string, fix: string): EddyError {
  return commandError({
    code: 'REFERENCE_COMMAND_INVALID',
    message: `${part} is not understood`,
    at: place,
    expected: 'overrides in Hydra’s grammar: key=value',
    received: part,
    fix,
  });
}

export function dataFolderInvalid(folder: string, received: string): EddyError {
  return commandError({
    code: 'REFERENCE_FOLDER_UNREADABLE',
    message: 'a folder of data_paths exists, but is not a dataset of the reference',
    at: folder,
    expected: 'train/dataset.json, as the reference’s builders write it',
    received,
    fix: `put the builder’s command before the training’s, move this away, \`mv ${shellWord(folder)} ${shellWord(`${folder}-old`)}\`, or build the folder with the reference`,
  });
}
