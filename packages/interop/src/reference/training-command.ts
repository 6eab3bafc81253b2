/** The one training of a text: its overrides, the calls that build its data, and notes about the rest. */
import {
  commandPartUnknown,
  nothingRecognised,
  severalTrainings,
  trainingNumberInvalid,
  variablesUnset,
} from './errors.ts';
import { ScriptProblem } from '../shell/script-problem.ts';
import type { ShellCommand } from '../shell/read-script.ts';
import type { ShellWord } from '../shell/shell-word.ts';
import { readBuilderOptions } from './builders.ts';
import type { BuilderCall } from './datasets.ts';
import type { Repository } from './defaults.ts';
import type { Draft } from './draft.ts';
import {
  findCommands,
  readBareOverrides,
  type FoundCommand,
  type FoundCommands,
  type OtherProgram,
  type TrainingCall,
} from './find-commands.ts';
import { FORK_KEYS } from './fork-keys.ts';
import { ROOT_KEYS } from './root-keys.ts';

export interface ReadCommands {
  /** In Hydra's grammar. */
  readonly overrides: readonly string[];
  readonly calls: readonly BuilderCall[];
  /** Folders that other programs of the text write → those programs. */
  readonly madeByOthers: ReadonlyMap<string, string>;
  /** Whose data the builders make, where one of the two repositories alone has such a builder. */
  readonly builtFor: Repository | undefined;
  /** The training as it stands in the text; undefined for overrides without a command. */
  readonly source: string | undefined;
}

/** Names, places and what is only written down: what of them is not known changes no number. */
const NAMES = ['run_name', 'project_name', 'checkpoint_path', ...Object.keys(FORK_KEYS)];
/** They prepare a shell, or show something. */
const HOUSEKEEPING =
  /^(?:cd|pushd|popd|echo|printf|set|mkdir|source|\.|module|ml|conda|mamba|ulimit|sleep|exit|ls|date|nvidia-smi|hostname|pwd|true|:|wait|trap|unset|shopt|test|\[|tee|cat|rm|cp|tail|head|grep|shift|return|free|df|which|rocm-smi|scontrol|chmod)$/;

/**
 * @param wanted  number of the training, from 1, where the text has several.
 * @throws ScriptProblem, REFERENCE_TRAINING_MISSING, REFERENCE_TRAININGS_SEVERAL,
 *   REFERENCE_VARIABLE_UNSET, REFERENCE_COMMAND_INVALID, REFERENCE_KEY_UNKNOWN
 */
export function readCommands(text: string, wanted: number | undefined, draft: Draft): ReadCommands {
  const alone = tried(() => readBareOverrides(text));
  const { found, script } = alone === undefined ? findCommands(text) : { found: [alone], script: undefined }; // prettier-ignore
  for (const { line, what, why } of script?.notes ?? []) draft.note(`line ${line}: ${what}`, why);
  const training = theTraining(found, wanted);
  if (script !== undefined) refuseStrayOverrides(found, script, training);
  noteRest(found, training, draft);
  const calls = found.flatMap((one) => {
    if (one.kind !== 'build') return [];
    const place = placeOf(one.command);
    const words = knownWords(one.words, place, draft);
    return [{ builder: one.builder, given: readBuilderOptions(one.builder, words, place) }];
  });
  const programs = found.flatMap((one) => (one.kind === 'program' ? [one] : []));
  return {
    overrides: overridesOf(training, draft),
    calls,
    madeByOthers: foldersOf(programs),
    builtFor: builtFor(calls),
    source: training.command === undefined ? undefined : shown(training.command),
  };
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ScriptProblem) return undefined;
    throw error;
  }
}

function theTraining(found: readonly FoundCommand[], wanted: number | undefined): TrainingCall {
  const all = found.filter((one) => one.kind === 'training');
  const different = [...new Map(all.map((one) => [keyOf(one), one])).values()];
  if (different.length === 0) throw nothingRecognised(seenIn(found), fixFor(found));
  if (wanted !== undefined) {
    const training = different[wanted - 1];
    if (training === undefined) throw trainingNumberInvalid(wanted, different.length);
    return training;
  }
  if (different.length > 1) throw severalTrainings(told(different));
  return different[0]!;
}

/** Long commands by what they do not have in common. */
function told(trainings: readonly TrainingCall[]): string[] {
  const texts = trainings.map(({ command }) => shown(command!));
  if (texts.every((text) => !text.endsWith('…'))) return texts;
  const words = trainings.map(({ overrides }) => overrides.map(({ text }) => text));
  return trainings.map(({ command, overrides }, i) => {
    const own = words[i]!.filter((word) => !words.every((other) => other.includes(word)));
    const [first] = command!.words as [ShellWord];
    const script = command!.words.at(-overrides.length - 1)!;
    const start = [...new Set([first, script])].map(({ text }) => text);
    return [...start, '…', ...(own.length === 0 ? ['(no more)'] : own)].join(' ');
  });
}

/** Trainings of one text are the same if they differ in nothing but where they run. */
function keyOf({ overrides }: TrainingCall): string {
  return JSON.stringify(overrides.map(({ text, missing }) => [text, missing.length]));
}

function seenIn(found: readonly FoundCommand[]): string[] {
  const commands = found.flatMap((one) => {
    if (one.kind === 'training') return [];
    // From the script on: what stands before it are launchers.
    return [one.kind === 'program' ? shown(one.command, one.words.length + 1) : shown(one.command)];
  });
  return commands.length > 5 ? [...commands.slice(0, 5), `${commands.length - 5} more`] : commands;
}

function fixFor(found: readonly FoundCommand[]): string {
  const scripts = found.flatMap((one) => (one.kind === 'program' ? [one.script] : []));
  if (scripts.some((script) => /(?:^|\/)(?:run_)?eval\w*\.py$/.test(script))) {
    return 'to evaluate weights of the reference: translate the training’s command, then pipeline import step_N --pipeline FILE -o FOLDER and pipeline evaluate FOLDER';
  }
  const other = found.find((one) => one.kind === 'program' && one.words.some(({ text }) => /^[~+]{0,2}[\w.]+=/.test(text))); // prettier-ignore
  if (other?.kind === 'program') {
    return `if ${other.script} takes the keys of pretrain.py, give these alone: pipeline from-reference arch=trm data_paths=[FOLDER] …`;
  }
  if (found.some((one) => one.kind === 'build')) {
    return 'add the command of the training behind those that build its data: python pretrain.py arch=trm data_paths=[FOLDER] …';
  }
  return 'give the command as it stands in the README or the script, in single quotes, or name the script’s file';
}

/** `+run_name=x ema=True` on a line of its own: the line before should go on, and does not. */
function refuseStrayOverrides(
  found: readonly FoundCommand[],
  { unread }: FoundCommands['script'],
  { command }: TrainingCall,
): void {
  const fix = 'end the line before with a backslash, or put the overrides behind the command';
  for (const one of found) {
    const [word] = one.kind === 'other' ? one.command.words : [];
    if (one.kind !== 'other' || word === undefined) continue;
    if (/^(?:[~+]{1,2}[A-Za-z_]|arch\.)[\w.]*=?/.test(word.text)) {
      throw commandPartUnknown(shown(one.command), placeOf(one.command), fix);
    }
  }
  const stray = unread.find(({ name, line }) => line > (command?.line ?? 0) && Object.hasOwn(ROOT_KEYS, name)); // prettier-ignore
  if (stray !== undefined) throw commandPartUnknown(`${stray.name}=…`, `line ${stray.line}`, fix);
}

function noteRest(found: readonly FoundCommand[], training: TrainingCall, draft: Draft): void {
  for (const one of found) {
    if (one.kind === 'training') {
      if (one !== training && keyOf(one) !== keyOf(training)) {
        draft.note(shown(one.command!), 'another training: a pipeline is one');
      }
      continue;
    }
    if (one.kind === 'build') noteEnvironment(one.command, draft);
    if (one.kind === 'program') draft.note(shown(one.command), 'not a program of the reference that has a counterpart here'); // prettier-ignore
    const isKept = one.kind === 'other' && !HOUSEKEEPING.test(one.command.words[0]?.text ?? ':');
    if (isKept && !holds(one.command, training)) draft.note(shown(one.command), 'not a command of the reference'); // prettier-ignore
  }
  if (training.command === undefined) return;
  noteEnvironment(training.command, draft);
  for (const redirection of training.command.redirections) {
    draft.note(redirection, 'where the output goes is the shell’s: pipeline run FILE > LOG');
  }
  noteLauncher(training.launcher, draft);
}

/** `sbatch --wrap="… pretrain.py …"`: what it runs was read. */
function holds(command: ShellCommand, { command: inner }: TrainingCall): boolean {
  return (
    command.line <= (inner?.line ?? 0) && command.words.some(({ text }) => /\.py\b/.test(text))
  );
}

/** @throws REFERENCE_VARIABLE_UNSET, REFERENCE_COMMAND_INVALID */
function overridesOf({ overrides, command }: TrainingCall, draft: Draft): string[] {
  const place = command === undefined ? 'command line' : placeOf(command);
  const [placeholder] = command?.inputs ?? [];
  if (placeholder !== undefined) {
    throw commandPartUnknown(placeholder, place, 'write the value in place of <…>');
  }
  const words = knownWords(overrides, place, draft);
  const dots = words.find((word) => /(?:^|[=["'])(?:\.{3}|…)[\]"']*$/.test(word));
  if (dots !== undefined) {
    throw commandPartUnknown(
      dots,
      place,
      'write what stands for the three dots, or leave them out',
    );
  }
  const group = words.find((word) => /^[~+]{0,2}[\w./-]+@/.test(word));
  if (group !== undefined) {
    const fix =
      'this selects a config group that neither repository has: name the arch alone, arch=trm or arch=hrm_v1';
    throw commandPartUnknown(group, place, fix);
  }
  return withoutHydraOptions(words, place);
}

/** Words whose parts are all known, but for names. */
function knownWords(words: readonly ShellWord[], place: string, draft: Draft): string[] {
  const unknown: { readonly word: ShellWord; readonly key: string }[] = [];
  for (const word of words) {
    const name = /^\+{0,2}(\w+)[\w.]*=/.exec(word.text)?.[1] ?? '';
    if (NAMES.includes(name)) {
      for (const { source, why } of word.missing) {
        draft.note(`${name}: ${source}`, `it ${why}, and is left out of the name`);
      }
    } else if (word.missing.length > 0) {
      unknown.push({ word, key: /^[~+]{0,2}([\w.-]+)(?:=|$)/.exec(word.text)?.[1] ?? '' });
    }
  }
  if (unknown.length > 0) {
    const keys = unknown.map(({ key }) => key).filter((key) => key !== '');
    const missing = unknown.flatMap(({ word }) => word.missing);
    throw variablesUnset(missing, keys.length === 0 ? place : `${place}: ${keys.join(', ')}`);
  }
  const placeholder = words.find(({ text }) => /<[A-Za-z][\w ./-]*>/.test(text));
  if (placeholder !== undefined) {
    throw commandPartUnknown(placeholder.text, place, 'write the value in place of <…>');
  }
  return words.map(({ text }) => text);
}

const HYDRA_FILES = ['cfg_pretrain', 'config'];

/** `--config-name cfg_pretrain` is what holds anyway; other files are not known. */
function withoutHydraOptions(words: readonly string[], place: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith('-')) {
      if (word !== '') kept.push(word);
      continue;
    }
    const [option, attached] = word.split(/=(.*)/s) as [string, string?];
    if (['--config-name', '-cn', '--config-path', '-cp', '--config-dir', '-cd'].includes(option)) {
      const value = attached ?? words[++i] ?? '';
      if (
        HYDRA_FILES.includes(
          value
            .replace(/\.yaml$/, '')
            .split('/')
            .at(-1)!,
        )
      )
        continue;
      throw commandPartUnknown(
        `${option} ${value}`,
        place,
        'the file is not here: start the run there once and give its all_config.yaml, or write its keys as overrides',
      );
    }
    const isSweep = option === '-m' || option === '--multirun';
    throw commandPartUnknown(
      word,
      place,
      isSweep
        ? 'translate one training, then sweep over it: pipeline sweep FILE train.optimizer.learningRate=1e-4,3e-4'
        : 'pretrain.py takes overrides alone: write key=value',
    );
  }
  return kept;
}

function foldersOf(programs: readonly OtherProgram[]): Map<string, string> {
  const folders = new Map<string, string>();
  for (const { words, script } of programs) {
    for (const [i, { text }] of words.entries()) {
      const match = /^--(?:output|out|save)[-_](?:dir|path|folder)(?:=(.*))?$/.exec(text);
      const folder = match?.[1] ?? (match === null ? undefined : words[i + 1]?.text);
      if (folder !== undefined) folders.set(folder, script);
    }
  }
  return folders;
}

function builtFor(calls: readonly BuilderCall[]): Repository | undefined {
  const arc = calls.find(({ builder }) => builder.task === 'arc');
  if (arc === undefined) return undefined;
  return arc.given['input-file-prefix'] === undefined ? 'HRM' : 'TRM';
}

const VARIABLES: Readonly<Record<string, string>> = {
  DISABLE_COMPILE: 'engine: wasm computes op by op; the default compiles',
  WANDB_MODE: 'the logger wandb-offline never asks and never uploads',
  CUDA_VISIBLE_DEVICES: 'give it to pipeline run as it is given here',
  OMP_NUM_THREADS: 'threads of PyTorch: an engine here takes the cores that there are',
};

function noteEnvironment({ environment }: ShellCommand, draft: Draft): void {
  for (const [name, { text }] of environment) {
    const why = Object.hasOwn(VARIABLES, name) ? VARIABLES[name]! : 'an environment variable is not part of a pipeline'; // prettier-ignore
    const shownText = /key|token|secret|password/i.test(name) ? '…' : text;
    draft.note(`${name}=${shownText}`, why);
  }
}

const PROCESSES = /^--(?:nproc[-_]per[-_]node|nnodes|num[-_](?:processes|machines|gpus|nodes))(?:=(.*))?$/; // prettier-ignore

/** `torchrun --nnodes 2 --nproc-per-node 4 …` */
function noteLauncher(words: readonly ShellWord[], draft: Draft): void {
  const texts = words.map(({ text, missing }) => (missing.length > 0 ? missing[0]!.source : text));
  const launcher = texts.find((text) => /^(?:.*\/)?(?:torchrun|accelerate|deepspeed)$/.test(text)) ?? 'launcher'; // prettier-ignore
  for (const [i, text] of texts.entries()) {
    const match = PROCESSES.exec(text);
    const count = match === null ? '1' : (match[1] ?? texts[i + 1] ?? '1');
    if (count === '1') continue;
    draft.note(
      `${launcher} ${text.split('=')[0]} ${count}`,
      'one device computes the global batch here; the numbers are the same',
    );
  }
}

function placeOf({ line }: ShellCommand): string {
  return `line ${line}`;
}

/** A command in a line, or its last words. */
function shown({ words }: ShellCommand, last = words.length): string {
  const text = words
    .slice(-last)
    .map(({ text: word, missing }) =>
      missing.length > 0 && word === '' ? missing[0]!.source : word,
    )
    .join(' ');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
