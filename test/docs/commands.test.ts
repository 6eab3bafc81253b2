/** The commands that the documents show are there, with the options that they are shown with. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createProgram } from '../../packages/cli/src/program.ts';

const repository = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(repository, file), 'utf8');

const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...['docs', 'docs/guides', 'docs/ja', 'docs/decisions'].flatMap((folder) =>
    readdirSync(resolve(repository, folder))
      .filter((name) => name.endsWith('.md') && name !== 'log.md') // what was true on its day
      .map((name) => `${folder}/${name}`),
  ),
];

/** What stands in `…` and in blocks of shell commands, a command an entry. */
function shown(page: string): string[] {
  const text = read(page);
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, code]) =>
    code!.split('\n').map((line) => line.replace(/ +# .*/, '')),
  );
  const spans = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`([^`]+)`/g)];
  return [...blocks, ...spans.map(([, code]) => code!.replace(/\s+/g, ' '))];
}

const program = createProgram(() => undefined);
const OPTION = /(?<=\s)--?[a-z][a-z-]*/g;

/** The command that the words name, as far as they go, and the options behind them. */
function problemsOf(words: string): string[] {
  const [name, second] = words.split(' ');
  const command = program.commands.find((known) => known.name() === name);
  if (command === undefined) return [`no command ${name}`];
  const inner = command.commands.find((known) => known.name() === second) ?? command;
  // Another program's command line in quotes has options of its own.
  const options = words.replace(/'[^']*'/g, '').match(OPTION) ?? [];
  const known = [...inner.options, ...program.options].flatMap(({ long, short }) => [long, short]);
  return options
    .filter((option) => option !== '--help' && !known.includes(option))
    .map((option) => `no option ${option} of ${name}`);
}

describe.each(PAGES)('%s', (page) => {
  it('shows commands of `pipeline` that are there', () => {
    const problems = shown(page).flatMap((code) =>
      [...code.matchAll(/(?:^|[\s(])pipeline ([a-z][^|;&]*)/g)].flatMap(([, words]) =>
        problemsOf(words!).map((problem) => `${problem}: ${code}`),
      ),
    );
    expect(problems).toEqual([]);
  });

  it('shows scripts of npm and lanes that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const lanes = [...read('vitest.config.ts').matchAll(/\blane\('([a-z0-9]+)'/g)];
    for (const code of shown(page)) {
      for (const [, script] of code.matchAll(/npm run (?:-s )?([a-z0-9:-]+)/g)) {
        expect(Object.keys(scripts), code).toContain(script);
      }
      for (const [, lane] of code.matchAll(/--project ([a-z0-9]+)/g)) {
        expect(
          lanes.map(([, name]) => name),
          code,
        ).toContain(lane);
      }
    }
  });
});

it('notices what is not there', () => {
  expect(problemsOf('run my.yml --run-dir first')).toEqual([]);
  expect(problemsOf('engines install xla-cpu')).toEqual([]);
  expect(problemsOf('dream my.yml')).toEqual(['no command dream']);
  expect(problemsOf('plan my.yml --run-dir first')).toEqual(['no option --run-dir of plan']);
});
