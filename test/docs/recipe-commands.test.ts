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

/** Everything but names, loggers and what is kept of the run: data and training with all defaults. */
function experimentOf({ value }: ResolvedPipeline): Record<string, unknown> {
  const { name: _name, description: _text, loggers: _log, baseFolder: _base, ...rest } = value;
  // The precision of a recipe is the machine's; evaluations are compared by themselves.
  const { train, engine: _engine, evaluate: _evaluate, ...others } = rest as Stages;
  const { model, checkpoint: _kept, ...training } = train!;
  return { ...others, train: { ...training, model: withPuzzleEmbedding(model as Stages[string]) } };
}

type Stages = Readonly<Record<string, Record<string, unknown>>>;

function evaluatorsOf({
  value,
}: ResolvedPipeline): readonly { readonly use: string; readonly pooled?: boolean }[] {
  return (value as Stages)['evaluate']!['evaluators'] as { use: string; pooled?: boolean }[];
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
  const [theirs, ours] = [await resolved(translated), await resolved(join(recipes, file))];
  expect(experimentOf(ours)).toEqual(experimentOf(theirs));
  expect(experimentOf(ours)).toMatchObject({ train: { model: { use: expect.any(String) as string } } }); // prettier-ignore
  // A recipe measures what the command measures, and may measure more.
  for (const { use, pooled } of evaluatorsOf(theirs)) {
    const own = evaluatorsOf(ours).find((one) => one.use === use);
    expect(own, use).toBeDefined();
    if (own!.pooled !== pooled) expect(readFileSync(join(recipes, 'arc-agi-1.yml'), 'utf8')).toContain('pooled: true'); // prettier-ignore
  }
});
