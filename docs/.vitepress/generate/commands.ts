/** A page for each command, from the definitions that parse it. */
import { Help, type Argument, type Command, type Option } from 'commander';

import { createProgram } from '../../../packages/cli/src/program.ts';
import { code, prose, table, type Pages } from './write-pages.ts';

export function commandPages(): Pages {
  const program = createProgram(() => undefined);
  const commands = shownCommands(program);
  const pages = commands.map((command) => [
    `cli/${command.name()}.md`,
    commandPage(command, program),
  ]);
  return { ...(Object.fromEntries(pages) as Pages), 'cli/index.md': indexPage(program, commands) };
}

function shownCommands(parent: Command): Command[] {
  return new Help().visibleCommands(parent).filter((command) => command.name() !== 'help');
}

function indexPage(program: Command, commands: readonly Command[]): string {
  const rows = commands.map((command) => [
    `[\`pipeline ${command.name()}\`](/cli/${command.name()})`,
    prose(command.description()),
  ]);
  return `# Command line

\`pipeline COMMAND --help\` prints what these pages say. In a checkout of Eddy, \`pipeline\` is \`npx pipeline\`.

${table(['command', 'what it does'], rows)}

## Options of every command

${optionTable(program.options)}

## Exit codes

A command ends with 0 if it did what it should, 1 if a run failed, 2 after a mistake in its arguments or in a pipeline
file, 70 after a defect of Eddy, and 75 if it was stopped with its state saved. [Errors](/errors) lists every error with
its fix.
`;
}

function commandPage(command: Command, program: Command): string {
  const inner = shownCommands(command);
  const sections =
    inner.length === 0
      ? [body(command, program)]
      : inner.map(
          (each) =>
            `## ${each.name()}\n\n${sentence(each.description())}\n\n${body(each, program, '###')}`,
        );
  return `# \`pipeline ${command.name()}\`\n\n${sentence(command.description())}\n\n${sections.join('\n\n')}\n`;
}

function body(command: Command, program: Command, level = '##'): string {
  const { registeredArguments, options } = command;
  const path = pathOf(command, program);
  return [
    `\`\`\`sh\n${path} ${command.usage()}\n\`\`\``,
    ...(registeredArguments.length === 0
      ? []
      : [`${level} Arguments\n\n${argumentTable(registeredArguments)}`]),
    ...(options.length === 0 ? [] : [`${level} Options\n\n${optionTable(options)}`]),
  ].join('\n\n');
}

function pathOf(command: Command, program: Command): string {
  const names = [command.name()];
  for (let up = command.parent; up !== null; up = up.parent) names.unshift(up.name());
  return names[0] === program.name() ? names.join(' ') : [program.name(), ...names].join(' ');
}

function argumentTable(args: readonly Argument[]): string {
  const rows = args.map((each) => [
    code(each.name()),
    prose(each.description),
    each.argChoices === undefined ? '' : each.argChoices.map(code).join(', '),
    each.required ? 'yes' : 'no',
  ]);
  return table(['argument', 'meaning', 'choices', 'required'], rows);
}

function optionTable(options: readonly Option[]): string {
  const rows = options
    .filter(({ hidden }) => !hidden)
    .map((option) => [
      code(option.flags),
      prose(option.description),
      option.argChoices === undefined ? '' : option.argChoices.map(code).join(', '),
      option.defaultValue === undefined || option.defaultValue === false
        ? ''
        : code(String(option.defaultValue)),
    ]);
  return table(['option', 'meaning', 'choices', 'default'], rows);
}

function sentence(text: string): string {
  const shown = prose(text);
  return `${shown[0]!.toUpperCase()}${shown.slice(1)}${/[.!?]$/.test(shown) ? '' : '.'}`;
}
