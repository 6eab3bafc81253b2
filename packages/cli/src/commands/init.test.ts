import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { expect, it } from 'vitest';

import { ask, contentOf } from './init.ts';

it.each([
  ['sudoku.yml', 'sudoku'],
  ['runs/2024.yml', '"2024"'],
  ['true.yml', '"true"'],
  ['my first $& run.yaml', 'my-first-run'],
  ['数独.yml', 'pipeline'],
])('the file %s gets a name that a pipeline may have: %s', (file, name) => {
  expect(contentOf('sudoku-4x4', file).match(/^name:.*$/gm)).toEqual([`name: ${name}`]);
});

it('fails when the terminal closes before the last answer', async () => {
  const input = new PassThrough();
  const terminal = createInterface({ input, output: new PassThrough() });
  const asked = ask(['sudoku-4x4'], {}, terminal);
  input.end('sudoku-4x4\n');
  await expect(asked).rejects.toMatchObject({ code: 'USAGE_INVALID', exitCode: 2 });
});

it('takes the answers, and what it proposed for an empty one', async () => {
  const input = new PassThrough();
  const terminal = createInterface({ input, output: new PassThrough() });
  const asked = ask(['maze-small'], { recipe: 'maze-small' }, terminal);
  input.write('\n');
  expect(await asked).toEqual({ recipe: 'maze-small', file: 'pipeline.yml' });
});
