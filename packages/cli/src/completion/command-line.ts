/** What may come next on the command line, by the commands and options of the program. */
import type { Command, Option } from 'commander';

export interface Candidate {
  readonly text: string;
  readonly description?: string;
  /** True if more is typed right behind it: no space follows. */
  readonly isOpen?: boolean;
}

/** What a command is asked to fill in. */
export interface Slot {
  /** Name of the argument or of the option's value: `file`, `overrides`, `run`, `stage`. */
  readonly name: string;
  /** The texts that are allowed, where there is a list. */
  readonly choices: readonly string[] | undefined;
  /** Arguments before this one. */
  readonly before: readonly string[];
}

export interface Place {
  /** Subcommands and options that may come here. */
  readonly candidates: readonly Candidate[];
  /** The argument or value that may come here. */
  readonly slot: Slot | undefined;
}

/**
 * Follows the words of a command line to the place of the last one, which is being typed.
 *
 * @param words  without the name of the program; the last one may be empty
 */
export function placeOf(program: Command, words: readonly string[]): Place {
  const current = words.at(-1) ?? '';
  let command = program;
  const before: string[] = [];
  let optionsEnded = false;
  for (let i = 0; i < words.length - 1; i++) {
    const word = words[i]!;
    if (!optionsEnded && word === '--') optionsEnded = true;
    else if (!optionsEnded && word.startsWith('-') && word !== '-') {
      const option = optionOf(command, program, word.split('=')[0]!);
      if (option === undefined || !takesValue(option) || word.includes('=')) continue;
      // The value is the next word; an optional one only if it is no option.
      if (i === words.length - 2 && (option.required || !current.startsWith('-'))) {
        return valuePlace(option, before);
      }
      if (option.required || !words[i + 1]!.startsWith('-')) i++;
    } else {
      const inner = before.length === 0 ? subcommandOf(command, word) : undefined;
      if (inner === undefined) before.push(word);
      else command = inner;
    }
  }
  const typed = /^(--[\w-]+)=/.exec(current);
  const option = typed === null ? undefined : optionOf(command, program, typed[1]!);
  if (option !== undefined) {
    const { candidates, slot } = valuePlace(option, before);
    const behind = candidates.map((one) => ({ ...one, text: `${typed![1]}=${one.text}` }));
    return { candidates: behind, slot };
  }
  return {
    candidates: [
      ...(before.length === 0 ? subcommands(command) : []),
      ...(current.startsWith('-') && !optionsEnded ? options(command, program) : []),
    ],
    slot: current.startsWith('-') && !optionsEnded ? undefined : argumentSlot(command, before),
  };
}

function valuePlace(option: Option, before: readonly string[]): Place {
  const name = option.attributeName();
  return {
    candidates: (option.argChoices ?? []).map((text) => ({ text })),
    slot: {
      name: /<(?:file|folder)>/.test(option.flags) ? 'path' : name,
      choices: option.argChoices,
      before,
    },
  };
}

function argumentSlot(command: Command, before: readonly string[]): Slot | undefined {
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[before.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return undefined;
  return { name: argument.name(), choices: argument.argChoices, before };
}

function subcommandOf(command: Command, name: string): Command | undefined {
  return command.commands.find((other) => other.name() === name || other.aliases().includes(name));
}

function subcommands(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((other) => ({ text: other.name(), description: other.description() }));
}

function options(command: Command, program: Command): Candidate[] {
  const help = command.createHelp();
  const own = help.visibleOptions(command);
  const all = command === program ? own : [...own, ...help.visibleOptions(program)];
  const names = new Map<string, Candidate>();
  for (const option of all) {
    const text = option.long ?? option.short!;
    if (!names.has(text)) names.set(text, { text, description: option.description });
  }
  return [...names.values()];
}

function optionOf(command: Command, program: Command, flag: string): Option | undefined {
  return [...command.options, ...program.options].find(
    ({ short, long }) => short === flag || long === flag,
  );
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}
