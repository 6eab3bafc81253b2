/** The maps that people read first name what is there: packages, rooms, commands, lanes, decisions. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createProgram } from '../../packages/cli/src/program.ts';

const repository = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(repository, file), 'utf8');
const foldersOf = (folder: string): string[] =>
  readdirSync(resolve(repository, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** The rooms of a package: folders with files in them; one of folders alone stands for these. */
const roomsOf = (folder: string): string[] =>
  foldersOf(folder).flatMap((name) => {
    const room = `${folder}/${name}`;
    const inside = readdirSync(resolve(repository, room));
    return inside.some((file) => file.endsWith('.ts')) ? [room] : roomsOf(room);
  });

/** `a/{b,c}` → `a/b`, `a/c`. */
function expanded(path: string): string[] {
  const [, before, choices, after] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  if (choices === undefined) return [path];
  return choices.split(',').map((choice) => `${before}${choice}${after}`);
}

describe('README.md', () => {
  const readme = read('README.md');

  it('has every package in its annotated tree', () => {
    for (const name of foldersOf('packages')) {
      expect(readme).toMatch(new RegExp(`^packages/${name} +\\S`, 'm'));
    }
  });

  it('names what test/ holds', () => {
    const [, rooms] = /^test\/ +what spans packages: ([^]*?)\n(?=\S)/m.exec(readme)!;
    const named = rooms!.split(/,\s*/).map((room) => room.trim());
    expect(named.toSorted()).toEqual(foldersOf('test').filter((name) => name !== 'reporters'));
  });

  it('has every command in its table', () => {
    const table = readme.split('\n').filter((line) => line.startsWith('| `pipeline '));
    const named = table.flatMap((line) =>
      [...line.split('|')[1]!.matchAll(/`(?:pipeline )?([a-z-]+)/g)].map(([, name]) => name),
    );
    const program = createProgram(() => undefined);
    // Those that people type: the scripts of completion call one that `--help` does not show.
    const shown = program.createHelp().visibleCommands(program);
    const commands = shown.map((command) => command.name()).filter((name) => name !== 'help');
    expect(commands.length).toBeGreaterThan(15);
    expect(named.toSorted()).toEqual(commands.toSorted());
  });
});

describe('ARCHITECTURE.md', () => {
  const rows = read('ARCHITECTURE.md').matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\| \S/gm);
  const mapped = [...rows].flatMap(([, where]) =>
    [...where!.matchAll(/`([^`]+)`/g)].flatMap(([, path]) => expanded(path!)),
  );

  it('has every room of core, compiler and engines, and every other package', () => {
    const split = ['core', 'compiler', 'engines'];
    const named = new Set(mapped.filter((path) => path.startsWith('packages/')));
    expect([...named].toSorted()).toEqual(
      [
        ...foldersOf('packages')
          .filter((name) => !split.includes(name))
          .map((name) => `packages/${name}`),
        ...split.flatMap((name) => roomsOf(`packages/${name}/src`)),
      ].toSorted(),
    );
  });
});

describe('CONTRIBUTING.md', () => {
  it('has every benchmark in its table', () => {
    const table = [...read('CONTRIBUTING.md').matchAll(/^\| `npm run (bench:[a-z-]+)`/gm)];
    const scripts = [...read('package.json').matchAll(/"(bench:[a-z-]+)":/g)];
    expect(scripts.length).toBeGreaterThan(5);
    expect(table.map(([, name]) => name).toSorted()).toEqual(
      scripts.map(([, name]) => name).toSorted(),
    );
  });

  it('has every lane in its table, and npm has a script for each', () => {
    const lanes = [...read('vitest.config.ts').matchAll(/\blane\('([a-z0-9]+)'/g)].map(
      ([, name]) => name,
    );
    const table = [...read('CONTRIBUTING.md').matchAll(/^\| `npm run test:([a-z0-9]+)`/gm)];
    const scripts = [
      ...read('package.json').matchAll(
        /"test:([a-z0-9]+)": "(?:vitest run|node scripts\/test-(?:long|cluster)\.js)/g,
      ),
    ];
    expect(lanes.length).toBeGreaterThan(5);
    expect(table.map(([, name]) => name).toSorted()).toEqual(lanes.toSorted());
    expect(scripts.map(([, name]) => name).toSorted()).toEqual(lanes.toSorted());
  });
});

describe('docs/decisions', () => {
  const pages = readdirSync(resolve(repository, 'docs/decisions')).filter((name) =>
    /^\d{4}-/.test(name),
  );

  it('numbers each page once, without gaps', () => {
    expect(pages.map((name) => Number(name.slice(0, 4)))).toEqual(pages.map((_, at) => at + 1));
  });

  it('lists each page', () => {
    const index = read('docs/decisions/README.md').matchAll(/^\| \[(\d{4})\]\(([^)]+)\)/gm);
    expect([...index].map(([, number, page]) => [number, page])).toEqual(
      pages.map((name) => [name.slice(0, 4), name]),
    );
  });
});
