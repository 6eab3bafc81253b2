/** A recipe that quotes a command of the reference is the experiment of that command. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { resolveConfig, type ResolvedPipeline } from '@eddy/core/run';
import type { Settings } from '@eddy/core/config';
import { fromReferenceCommands } from '@eddy/interop';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { BUILTIN } from '../../packages/cli/src/project/builtin.ts';
import { loadSettings } from '../../packages/cli/src/project/load.ts';

const recipes = resolve(import.meta.dirname, '../../pipelines');

/** The lines of a file's head that are commands: indented, from a program on, with those that go on. */
function quotedCommand(text: string): string {
  const comments = text.split('\n').flatMap((line) => /^#( .*)$/.exec(line)?.slice(1) ?? ['']);
  let goesOn = false;
  const lines = comments.filter((line) => {
    const isCommand = goesOn || /^ {3}(?:python|torchrun) /.test(line);
    goesOn = isCommand && line.endsWith('\\');
    return isCommand;
  });
  return lines.join('\n');
}

const quoting = readdirSync(recipes)
  .filter((file) => file.endsWith('.yml'))
  .map((file): [string, string] => [file, quotedCommand(readFileSync(join(recipes, file), 'utf8'))])
  .filter(([, command]) => command.includes('pretrain.py'));

let folder: string;
let settings: Settings;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-recipes-'));
  settings = await loadSettings();
});
afterAll(() => rmSync(folder, { recursive: true }));

const resolved = (file: string) => resolveConfig(file, [], { builtin: BUILTIN, settings });

/** What decides the numbers: data, model, optimizers, average and length, with all defaults. */
function experimentOf({ value }: ResolvedPipeline): Record<string, unknown> {
  const { build, augment, train } = value as Record<string, Record<string, unknown>>;
  const { model, optimizer, rowOptimizer, averager, globalBatchSize, epochs, evalInterval } =
    train!;
  return {
    seed: value['seed'],
    dataset: build!['dataset'],
    augmentation: augment?.['augmentation'],
    model: withPuzzleEmbedding(model as Record<string, unknown>),
    ...{ optimizer, rowOptimizer, averager, globalBatchSize, epochs, evalInterval },
  };
}

/** The reference says these defaults, ours leave them to the model. */
function withPuzzleEmbedding(model: Record<string, unknown>): Record<string, unknown> {
  const length = model['use'] === 'trm' ? { puzzleEmbeddingLength: 16 } : {};
  return { ...length, puzzleEmbeddingDim: model['hiddenSize'], ...model };
}

it('is said of the recipes of published experiments', () => {
  expect(quoting.map(([file]) => file)).toEqual([
    'arc-agi-1.yml',
    'arc-agi-2.yml',
    'hrm-sudoku.yml',
    'maze-30x30-hard.yml',
    'sudoku-transformer-small.yml',
    'sudoku-trm-att.yml',
    'sudoku-trm-mlp.yml',
  ]);
  const others = readdirSync(recipes).filter((file) => !quoting.some(([name]) => name === file));
  for (const file of others) {
    expect(readFileSync(join(recipes, file), 'utf8')).not.toContain('pretrain.py');
  }
});

it.each(quoting)('%s', async (file, command) => {
  const translated = join(folder, file);
  writeFileSync(translated, fromReferenceCommands(command).yaml);
  const theirs = experimentOf(await resolved(translated));
  const ours = experimentOf(await resolved(join(recipes, file)));
  expect(ours).toEqual(theirs);
  expect(ours).toMatchObject({ model: { use: expect.any(String) as string } });
});
