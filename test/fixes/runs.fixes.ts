/** Runs and resuming. */
import { readdir } from 'node:fs/promises';

import { expect } from 'vitest';

import { acquireRunLock } from '../../packages/core/src/run/lock.ts';
import { command, didYouMean, followFixes, type FixCase } from './fix-case.ts';
import { tiny } from './tiny.ts';
import { trained } from './trained.ts';

const run = trained();
const OTHER_MODEL =
  '+train.model={use: transformer, hiddenSize: 8, numHeads: 1, numLayers: 1, puzzleEmbeddingDim: 0}';

/** Asks the run to stop as soon as it listens. */
const interrupted =
  (signal: 'SIGINT' = 'SIGINT') =>
  () => {
    const before = process.listenerCount(signal);
    const wait = setInterval(() => {
      if (process.listenerCount(signal) === before) return;
      clearInterval(wait);
      process.emit(signal);
    }, 5);
  };

const cases: FixCase[] = [
  command({
    code: 'RUN_EXISTS',
    when: 'a run that has ended is started once more in its folder',
    before: run,
    words: ['run', 'p.yml', '--run-dir', 'runs/r'],
  }),
  command({
    code: 'RUN_EXISTS',
    when: 'the training shall be longer',
    before: run,
    words: ['run', 'p.yml', '--run-dir', 'runs/r', 'train.epochs=4'],
    goal: async (place) => expect(await readdir(place.at('runs'))).toHaveLength(2),
  }),
  command({
    code: 'RUN_EXISTS',
    when: 'another model shall be trained in the same folder',
    before: run,
    words: ['run', 'p.yml', '--run-dir', 'runs/r', '~train.model', OTHER_MODEL],
  }),
  command({
    code: 'RUN_CONFIG_CHANGED',
    when: 'a longer training is to go on where the run stands',
    before: run,
    words: ['run', 'p.yml', '--run-dir', 'runs/r', '--resume', 'auto', 'train.epochs=4'],
    goal: async (place) => expect(await readdir(place.at('runs'))).toHaveLength(2),
  }),
  command({
    code: 'RUN_CONFIG_CHANGED',
    when: 'another model is to go on where the run stands',
    before: run,
    words: ['run', 'p.yml', '--run-dir', 'runs/r', '--resume', 'auto', '~train.model', OTHER_MODEL],
  }),
  command({
    code: 'TRAINING_MISSING',
    when: 'an evaluation shall begin where nobody has trained',
    files: { 'p.yml': tiny() },
    environment: { EDDY_REUSE_TRAINING: '1' },
    words: ['run', 'p.yml', '--from', 'evaluate'],
  }),
  command({
    code: 'OTHER_DATA',
    when: 'the data of a run have changed before it is evaluated',
    before: async (place) => {
      await run(place);
      await place.edit('runs/r/manifest.json', /"key": "[0-9a-f]+"/, '"key": "0123"');
    },
    words: ['evaluate', 'runs/r'],
  }),
  command({
    code: 'PLUGINS_DIFFER',
    when: 'the optimizer was edited before a run goes on',
    files: {
      'p.yml': tiny({ name: 'plugins: [./own.ts]', optimizer: '  optimizer: own' }),
    },
    before: async (place) => {
      await place.pipeline(['new', 'optimizer', 'own.ts']);
      await place.pipeline(['run', 'p.yml', '--run-dir', 'runs/r']);
      await place.edit('own.ts', /^/, '// Edited.\n');
    },
    words: ['resume', 'runs/r', 'train.epochs=4'],
  }),
  command({
    code: 'OPTIONS_DIFFER',
    when: 'the rate in the config of the run was edited, and this is meant',
    before: async (place) => {
      await run(place);
      await place.edit('runs/r/config.yml', /learningRate: \S+/, 'learningRate: 0.5');
    },
    words: ['resume', 'runs/r'],
  }),
  command({
    code: 'OPTIONS_DIFFER',
    when: 'the training shall be longer at another rate, and the config of the run was edited',
    before: async (place) => {
      await run(place);
      await place.edit('runs/r/config.yml', /learningRate: \S+/, 'learningRate: 0.5');
    },
    words: ['resume', 'runs/r', 'train.epochs=4'],
    edits: [
      async (place, fix, { words }) => {
        expect(fix).toMatch('put the old values back into config.yml');
        expect(fix).toMatch('as overrides of `resume`');
        await place.edit('runs/r/config.yml', /learningRate: \S+/, 'learningRate: 0.001');
        return { words: [...words, 'train.optimizer.learningRate=0.5'] };
      },
    ],
    goal: async (place) => expect(await readdir(place.at('runs'))).toHaveLength(3),
  }),
  command({
    code: 'RUN_STOPPED',
    when: 'Ctrl-C was typed',
    files: { 'p.yml': tiny() },
    before: interrupted(),
    words: ['run', 'p.yml', '--run-dir', 'runs/r'],
  }),
  command({
    code: 'COMMAND_STOPPED',
    when: 'Ctrl-C was typed while data are exported',
    files: { 'p.yml': tiny() },
    before: interrupted(),
    words: ['export-dataset', 'p.yml', '-o', 'out'],
    edits: [(_place, fix) => void expect(fix).toMatch('run the command again')],
  }),
  command({
    code: 'RUN_DATA_CHANGED',
    when: 'the training shall go on with other puzzles, and this is meant',
    before: run,
    words: ['resume', 'runs/r', 'build.dataset.seed=1', 'train.epochs=4'],
  }),
  command({
    code: 'RUN_NOT_FOUND',
    when: 'the name of the run is misspelt',
    before: run,
    words: ['resume', 'runs/R'],
    edits: [didYouMean('runs/R')],
  }),
  command({
    code: 'RUN_NOT_FOUND',
    when: 'the folder of all runs is named',
    before: run,
    words: ['resume', 'runs'],
    edits: [(_place, fix) => ({ words: ['resume', /such as (.+)$/.exec(fix)![1]!] })],
  }),
  command({
    code: 'RUN_MANIFEST_INVALID',
    when: 'the manifest was cut short',
    before: async (place) => {
      await run(place);
      await place.write('runs/r/manifest.json', 'x');
    },
    words: ['resume', 'runs/r'],
  }),
  command({
    code: 'JOURNAL_INVALID',
    when: 'a line of the journal was changed',
    before: async (place) => {
      await run(place);
      await place.edit('runs/r/journal.jsonl', '\n', '\nnonsense\n');
    },
    words: ['report', 'runs/r'],
  }),
  command({
    code: 'RUN_FOLDER_UNUSABLE',
    when: 'a file lies where the folder of the run shall be',
    files: { 'p.yml': tiny(), file: '' },
    words: ['run', 'p.yml', '--until', 'build', '--run-dir', 'file/run'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('`--run-dir FOLDER`');
        return { words: ['run', 'p.yml', '--until', 'build', '--run-dir', 'folder'] };
      },
    ],
  }),
  command({
    code: 'CACHE_UNUSABLE',
    when: 'a file lies where the cache shall be',
    files: { 'p.yml': tiny(), file: '' },
    words: ['run', 'p.yml', '--until', 'build'],
    environment: { EDDY_CACHE: 'file/cache' },
    edits: [
      (_place, fix, attempt) => {
        expect(fix).toMatch('`export EDDY_CACHE=FOLDER`');
        return { ...attempt, environment: { EDDY_CACHE: 'folder' } };
      },
    ],
  }),
  {
    code: 'RUN_LOCKED',
    when: 'the run is still at work elsewhere',
    follow: async (place) => {
      await run(place);
      const lock = await acquireRunLock(place.at('runs/r/lock'));
      await command({
        code: 'RUN_LOCKED',
        when: '',
        words: ['resume', 'runs/r'],
        edits: [
          (_place, fix) => {
            expect(fix).toContain(`\`kill ${process.pid}\``);
            lock.release();
          },
        ],
      }).follow(place);
    },
  },
  command({
    code: 'STAGE_UNKNOWN',
    when: 'the name of a stage is misspelt',
    files: { 'p.yml': tiny() },
    words: ['run', 'p.yml', '--until', 'buidl'],
    edits: [didYouMean('buidl')],
  }),
  command({
    code: 'STAGE_UNKNOWN',
    when: 'a stage is named by what it does',
    files: { 'p.yml': tiny() },
    words: ['run', 'p.yml', '--until', 'dataset'],
    edits: [
      (_place, fix) => {
        const stage = /name a stage of the file: (\w+)/.exec(fix)![1]!;
        return { words: ['run', 'p.yml', '--until', stage] };
      },
    ],
  }),
  command({
    code: 'STAGE_NEED_MISSING',
    when: 'a pipeline evaluates and does not train',
    before: async (place) => {
      await run(place);
      await place.write(
        'p.yml',
        'name: p\nbuild:\n  dataset: { use: sudoku, source: { generator: { size: 4, train: 8, test: 4 } } }\nevaluate: {}\nengine: cpu\nloggers: []\n',
      );
    },
    words: ['run', 'p.yml'],
    edits: [
      (_place, fix, { words }) => {
        const override = /`(\S+)=RUN`/.exec(fix)![1]!;
        return { words: [...words, `${override}=runs/r`] };
      },
    ],
  }),
  command({
    code: 'STAGE_NEED_MISSING',
    when: 'a pipeline has no data',
    files: { 'p.yml': tiny({ build: '', dataset: '' }) },
    words: ['run', 'p.yml', '--until', 'build'],
    edits: [
      async (place, fix) => {
        expect(fix).toMatch('add a stage `build:` with a `dataset`');
        await place.write('p.yml', tiny());
      },
    ],
  }),
];

followFixes('runs', cases);
