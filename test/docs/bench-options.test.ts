/** Every benchmark tells its options, and refuses others in a line. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, it } from 'vitest';

const bench = resolve(import.meta.dirname, '../../bench');
const mainOf = (name: string) => join(bench, name, 'main.js');
const names = readdirSync(bench).filter((name) => existsSync(mainOf(name)));

function run(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [mainOf(name), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it.each(names)('bench:%s reads its options as the others do', (name) => {
  expect(readFileSync(mainOf(name), 'utf8')).toContain('readOptions(import.meta.url, {');
});

it('prints the head of the file and the defaults', () => {
  const { status, stdout } = run('scaling', '--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^`npm run bench:scaling`: .*\n[^]*\nOptions:\n {2}--peak TEXT +989\n/);
});

it.each([
  [['--nonsense'], "Unknown option '--nonsense'"],
  [['step'], "Unexpected argument 'step'"],
])('refuses %j in one line with the options that there are', (args, message) => {
  const options = '--peak --share --nvlink --network --memory --ethernet --help';
  expect(run('scaling', ...args)).toEqual({
    status: 2,
    stdout: '',
    stderr: `${message}; options: ${options}\n`,
  });
});
