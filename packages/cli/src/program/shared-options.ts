/** Arguments and options that several commands share. */
import { InvalidArgumentError, Option, type Command } from 'commander';

export const OVERRIDES = 'overrides in Hydra’s grammar: train.epochs=3 +x.y=z ~x.y "list=[1,2]"';
export const OTHER_MODEL =
  'allow weights that were trained in a model with other options (heads, positions, cycles …)';
export const OTHER_DATA = 'continue with data other than the run was started with';
export const OTHER_PLUGINS =
  'continue with plugin versions other than those that made the checkpoint';
export const OTHER_OPTIONS =
  'resume with other options of the training than those that made the checkpoint';
export const STAGE_OPTION_HELP =
  'for a run with several trainings: the stage whose checkpoint to use (default: the last)';
const FILE = 'pipeline file, or the name of a recipe: sudoku-4x4';

/** The option of commands that take a checkpoint of a run. */
export function whichCheckpoint(): Option {
  return new Option(
    '--which <which>',
    'for a run: its last checkpoint, or the one with the best evaluation (train.monitor)',
  )
    .choices(['last', 'best'])
    .default('last');
}

/** The services that each group of commands is given. */
export interface CommandContext {
  /** Told what the command that ran ends with, unless it throws. */
  readonly setExitCode: (code: number) => void;
  /** `--offline` before the name of the command. */
  readonly offline: () => { readonly offline?: true };
}

/** Adds a command about a pipeline file and overrides of it. */
export function withFile(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<file>', FILE)
    .argument('[overrides...]', OVERRIDES)
    .option('--offline', 'never use the network');
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected 1 or more');
  return value;
}

export function listOfNumbers(text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) throw new InvalidArgumentError('expected numbers: 0.3,0.7');
  return numbers;
}
