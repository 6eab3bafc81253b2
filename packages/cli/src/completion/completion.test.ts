import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createProgram } from '../program.ts';
import { complete } from './complete.ts';
import { overrideCandidates, type JsonSchema } from './override-keys.ts';

const program = createProgram(() => undefined);
const textsOf = async (...words: string[]) =>
  (await complete(program, words)).map(({ text }) => text);

describe('completion of a command line', () => {
  it('has the commands, and those of commands', async () => {
    expect(await textsOf('ru')).toEqual(['run', 'runs']);
    expect(await textsOf('engines', '')).toEqual(['install']);
    // What the scripts call is for nobody to type.
    expect(await textsOf('compl')).toEqual(['completion']);
  });

  it('has options, of the command and of the program, and the choices of their values', async () => {
    expect(await textsOf('run', 'a.yml', '--res')).toEqual(['--resume']);
    expect(await textsOf('run', 'a.yml', '--off')).toEqual(['--offline']);
    expect(await textsOf('export', 'r', '--format', 's')).toEqual(['safetensors', 'state-dict']);
    expect(await textsOf('export', 'r', '--format=st')).toEqual(['--format=state-dict']);
    expect(await textsOf('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    // Behind `--` nothing is an option.
    expect(await textsOf('run', '--', '--res')).toEqual([]);
  });

  it('has recipes, and pipeline files of the folder', async () => {
    expect(await textsOf('run', 'sudoku-4')).toEqual(['sudoku-4x4']);
    expect(await textsOf('run', 'pipelines/sudoku-4')).toEqual(['pipelines/sudoku-4x4.yml']);
    expect(await textsOf('init', '--recipe', 'maze-s')).toEqual(['maze-small']);
  });

  it('has the stages of the file', async () => {
    expect(await textsOf('run', 'sudoku-4x4', '--until', '')).toEqual([
      'build',
      'augment',
      'train',
      'evaluate',
    ]);
  });

  it('has keys of overrides, by the plugin that file or command line choose', async () => {
    expect(await textsOf('run', 'sudoku-4x4', 'train.optimizer.lea')).toEqual([
      'train.optimizer.learningRate=',
    ]);
    expect(await textsOf('run', 'sudoku-4x4', 'train.optimizer.var')).toEqual([
      'train.optimizer.variant=',
    ]);
    expect(
      await textsOf('run', 'sudoku-4x4', 'train.optimizer.use=adamw', 'train.optimizer.var'),
    ).toEqual([]);
    expect(
      await textsOf(
        'run',
        '--json',
        'sudoku-4x4',
        'train.optimizer=adamw',
        '++train.optimizer.eps',
      ),
    ).toEqual(['++train.optimizer.epsilon=']);
    // `extends: ./sudoku-trm-mlp.yml`
    expect(await textsOf('run', 'sudoku-trm-att', 'train.model.lC')).toEqual([
      'train.model.lCycles=',
    ]);
    expect(await textsOf('run', 'nothing-of-this-name', 'train.')).toEqual([]);
  });

  it('has values: names of plugins, choices, true and false, the default', async () => {
    expect(await textsOf('run', 'sudoku-4x4', 'train.optimizer.use=')).toEqual([
      'train.optimizer.use=adam-atan2',
      'train.optimizer.use=adamw',
    ]);
    expect(await textsOf('run', 'sudoku-4x4', 'train.nonFinite=s')).toEqual([
      'train.nonFinite=stop',
      'train.nonFinite=skip',
    ]);
    expect(await textsOf('run', 'sudoku-4x4', 'train.model.mlpT=')).toEqual([
      'train.model.mlpT=true',
      'train.model.mlpT=false',
    ]);
  });
});

describe('keys of overrides', () => {
  const schema = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../../pipelines/schema.json'), 'utf8'),
  ) as JsonSchema;
  const texts = (typed: string, file: unknown, others: string[] = []) =>
    overrideCandidates(typed, { schema, file, others }).map(({ text }) => text);

  it('know stages by any name', () => {
    const file = { pretrain: { use: 'train', model: 'hrm' } };
    expect(texts('', file)).toContain('pretrain.');
    expect(texts('pretrain.', file)).toContain('pretrain.epochs=');
    expect(texts('pretrain.model.', file)).toContain('pretrain.model.hCycles=');
  });

  it('offer only the choice of a plugin where none is chosen', () => {
    expect(texts('train.model.', {})).toEqual(['train.model.use=']);
    expect(texts('train.model.', {}, ['train.model=transformer'])).toContain(
      'train.model.hiddenSize=',
    );
  });

  it('end where a map ends, and with nothing behind ~', () => {
    expect(texts('train.epochs.', {})).toEqual([]);
    expect(texts('~train.', {})).toContain('~train.epochs');
    expect(texts('constructor.', {})).toEqual([]);
  });
});
