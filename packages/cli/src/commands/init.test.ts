import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
])('the file %s gets a name that a pipeline may have: %s', async (file, name) => {
  expect((await contentOf('sudoku-4x4', file)).match(/^name:.*$/gm)).toEqual([`name: ${name}`]);
});

it('points an editor to the schema, wherever the file is', async () => {
  const [first] = (await contentOf('sudoku-4x4', 'some/folder/mine.yml')).split('\n');
  const schema = /^# yaml-language-server: \$schema=(.*)$/.exec(first!)![1]!;
  const found = resolve('some/folder', schema);
  expect(JSON.parse(readFileSync(found, 'utf8'))).toHaveProperty('definitions.model');
});

it('composes a recipe that extends another, without defaults', async () => {
  const text = await contentOf('sudoku-trm-att', 'mine.yml');
  expect(text).toContain('Reported: 74.7 %');
  expect(text).not.toContain('extends');
  expect(text).toMatch(/^name: mine$/m);
  // Of sudoku-trm-mlp, of sudoku-trm-att, and the default of a plugin that neither has.
  expect(text).toContain('subsampleSize: 1000');
  expect(text).toContain('mlpT: false');
  expect(text).not.toContain('forwardDtype');
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
