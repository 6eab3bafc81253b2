/** The reference's commands in a script: trainings, the builders' calls, and everything else. */
import { readScript, type ReadScript, type ShellCommand } from '../shell/read-script.ts';
import type { ShellWord } from '../shell/shell-word.ts';
import { BUILDERS, type Builder } from './builders.ts';

export interface TrainingCall {
  readonly kind: 'training';
  readonly overrides: readonly ShellWord[];
  /** `torchrun --nproc-per-node 4`: the words in front of the script. */
  readonly launcher: readonly ShellWord[];
  /** Undefined for overrides without a command. */
  readonly command: ShellCommand | undefined;
}

export interface BuildCall {
  readonly kind: 'build';
  readonly builder: Builder;
  readonly words: readonly ShellWord[];
  readonly command: ShellCommand;
}

/** A Python program that is neither. */
export interface OtherProgram {
  readonly kind: 'program';
  /** As it was named: `dataset/build_rna_dataset.py`. */
  readonly script: string;
  readonly words: readonly ShellWord[];
  readonly command: ShellCommand;
}

export interface OtherCommand {
  readonly kind: 'other';
  readonly command: ShellCommand;
}

export type FoundCommand = TrainingCall | BuildCall | OtherProgram | OtherCommand;

export interface FoundCommands {
  readonly found: readonly FoundCommand[];
  readonly script: ReadScript;
}

const TRAINING = 'pretrain';
/** Modules that start another script. */
const LAUNCHERS =
  /^(?:torch\.distributed\.(?:run|launch)|accelerate\.commands\.launch|coverage|cProfile)$/;
const OVERRIDE = /^[~+]{0,2}[A-Za-z_][\w./@-]*(?:=|$)/;

/** The end of a line, with the sign of bash, PowerShell or cmd that the command goes on, or without. */
const LINE_END = /(?:[ \t]+[\\`^])?[ \t]*\r?\n(?=\s*\S)/g;

/** @throws ScriptProblem */
export function findCommands(text: string): FoundCommands {
  const isOfInterest = (some: string) => /\w\.py\b|-m\s+\w/.test(some);
  const script = readScript(text, { isOfInterest });
  const found = script.commands.map(classify);
  return { found, script };
}

/** Overrides alone, which no shell would take for a command: `arch=trm lr=1e-4`. */
export function readBareOverrides(text: string): TrainingCall | undefined {
  // Behind a word that is no assignment, assignments are words of the command, too.
  const script = readScript(`overrides ${text.replaceAll(LINE_END, ' \\\n')}`, {
    isOfInterest: () => false,
  });
  const [command, ...more] = script.commands;
  const overrides = command?.words.slice(1) ?? [];
  const areAll = overrides.every(({ text: word }) => OVERRIDE.test(word) && /[=~]/.test(word));
  if (command === undefined || more.length > 0 || overrides.length === 0 || !areAll)
    return undefined;
  return { kind: 'training', overrides, launcher: [], command: undefined };
}

function classify(command: ShellCommand): FoundCommand {
  const { words } = command;
  const at = scriptAt(words);
  if (at === undefined) return { kind: 'other', command };
  const script = words[at]!.text;
  const name = script.replace(/\.py$/, '').split(/[/.]/).at(-1)!;
  const rest = words.slice(at + 1);
  if (name === TRAINING) {
    return { kind: 'training', overrides: rest, launcher: words.slice(0, at), command };
  }
  const builder = BUILDERS.find(({ module }) => module === name);
  if (builder !== undefined) return { kind: 'build', builder, words: rest, command };
  return { kind: 'program', script, words: rest, command };
}

/** Where the Python program of a command stands: `x/y.py`, or what follows `-m`. */
function scriptAt(words: readonly ShellWord[]): number | undefined {
  for (const [i, { text }] of words.entries()) {
    if (/^[^\s=]+\.py$/.test(text)) return i;
    const module = words[i + 1]?.text;
    const isModule = text === '-m' && module !== undefined && /^[\w.]+$/.test(module);
    if (isModule && !LAUNCHERS.test(module) && startsPython(words.slice(0, i))) return i + 1;
  }
  return undefined;
}

function startsPython(words: readonly ShellWord[]): boolean {
  return words.some(({ text }) =>
    /(?:^|\/)(?:python[\d.]*|torchrun|accelerate|uv|poetry)$/.test(text),
  );
}
