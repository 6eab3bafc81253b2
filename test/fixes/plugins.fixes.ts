/** Pipeline files, settings and plugins of one's own. */
import { cp, mkdir, rm } from 'node:fs/promises';

import { expect } from 'vitest';

import { command, didYouMean, followFixes, inFile, instead, type CommandCase, type FixCase } from './fix-case.ts'; // prettier-ignore
import type { Place } from './place.ts';
import { tiny } from './tiny.ts';

const HEAD = `import { definePlugin } from '@eddy/core';
import { z } from 'zod';
`;
const FACTS =
  "apiVersion: 1, summary: 'x', config: z.strictObject({ size: z.number().default(1) })";
const MADE = "({ requiredOutputs: [], begin() {}, update() {}, result: () => ({ metrics: { mine: 1 } }) })"; // prettier-ignore
const evaluator = (more = '', create = `create: () => ${MADE}`) =>
  `${HEAD}export default definePlugin({ kind: 'evaluator', name: 'mine', ${FACTS}, ${more} ${create} });\n`;
const NAMED = 'name: p\nplugins: [./mine.ts]';
const USED = { name: NAMED, evaluate: 'evaluate: { evaluators: [mine] }' };

/** A plugin file that is wrong until it is edited. */
function plugin(
  facts: Pick<CommandCase, 'code' | 'when'> & {
    readonly wrong: string;
    readonly right: string;
    readonly says: string | RegExp;
    readonly text?: string;
    readonly words?: readonly string[];
  },
): FixCase {
  const { wrong, right, says, text = tiny(USED), words = ['validate', 'p.yml'], ...rest } = facts;
  return command({
    ...rest,
    files: { 'p.yml': text, 'mine.ts': wrong },
    words,
    edits: [
      async (place, fix) => {
        expect(fix).toMatch(says);
        await place.write('mine.ts', right);
      },
    ],
  });
}

/** A dataset of puzzles of four cells. */
const dataset = (more: string, input = '[1, 2, 3, 4]') => `${HEAD}
const shape = { vocabSize: 6, seqLen: 4, grid: { rows: 2, cols: 2 }, task: 'mine', numPuzzleIdentifiers: 1 };
export default definePlugin({ kind: 'dataset', name: 'mine', ${FACTS}, ${more}
  create: () => ({
    describe: () => shape,
    metadata: () => ({ ...shape, padId: 0, ignoreLabelId: 0, blankIdentifierId: 0 }),
    splits: ['train', 'test'],
    async *groups() {
      const tokens = Uint8Array.from(${input});
      yield { puzzles: [{ identifier: 0, examples: [{ input: tokens, label: tokens }] }] };
    },
    identifiers: () => ['<blank>'],
    fingerprint: () => Promise.resolve('1'),
  }),
});
`;
const ON_MINE = tiny({
  name: NAMED,
  dataset: '  dataset: { use: mine }',
  size: '  globalBatchSize: 1',
});

const stage = (name: string, needs: string, provides: string, run = 'run: () => EMPTY') =>
  `{ kind: 'stage', name: '${name}', apiVersion: 1, summary: 'x', config: z.strictObject({}), create: () => ({ needs: [${needs}], provides: [${provides}], ${run} }) }`;
const stages = (...all: string[]) =>
  `import { EMPTY } from 'rxjs';\n${HEAD}export default [${all.join(', ')}];\n`;
const OF_STAGES = (names: string[]) =>
  `name: p\nplugins: [./mine.ts]\n${names.map((name) => `${name}: { use: ${name} }\n`).join('')}engine: cpu\nloggers: []\n`; // prettier-ignore

const cases: FixCase[] = [
  command({
    code: 'CONFIG_INVALID',
    when: 'a key is misspelt',
    files: { 'p.yml': tiny({ epochs: '  epocs: 2' }) },
    words: ['validate', 'p.yml'],
    edits: [
      async (place, fix) => {
        if (fix.includes('did you mean epochs?')) await place.edit('p.yml', 'epocs', 'epochs');
      },
    ],
  }),
  command({
    code: 'CONFIG_INVALID',
    when: 'the name of a plugin is misspelt',
    files: { 'p.yml': tiny({ evaluate: 'evaluate: { evaluators: [exact-acuracy] }' }) },
    words: ['validate', 'p.yml'],
    edits: [didYouMean('exact-acuracy')],
  }),
  command({
    code: 'CONFIG_INVALID',
    when: 'the name of an override is misspelt',
    files: { 'p.yml': tiny() },
    words: ['validate', 'p.yml', 'train.epoch=4'],
    edits: [
      (_place, fix, { words }) => {
        const meant = /did you mean ([\w.]+)\?|`([\w.]+)=/.exec(fix)!;
        const key = (meant[1] ?? meant[2])!;
        return { words: words.map((word) => word.replace('train.epoch=', `${key.includes('.') ? key : `train.${key}`}=`)) }; // prettier-ignore
      },
    ],
  }),
  command({
    code: 'CONFIG_INVALID',
    when: 'the name of another program is used for a key',
    files: { 'p.yml': tiny() },
    words: ['validate', 'p.yml', 'lr=1e-4'],
    edits: [
      (_place, fix) => {
        const key = /train\.optimizer\.learningRate/.exec(fix)![0];
        return { words: ['validate', 'p.yml', `${key}=1e-4`] };
      },
    ],
  }),
  command({
    code: 'CONFIG_INVALID',
    when: 'a value is of the wrong type',
    files: { 'p.yml': tiny({ epochs: '  epochs: many' }) },
    words: ['validate', 'p.yml'],
    edits: [inFile(/number/, 'p.yml', 'many', '2')],
  }),
  command({
    code: 'CONFIG_INVALID',
    when: 'devices cannot share a batch',
    files: { 'p.yml': tiny({ engine: 'engine: { use: xla-cpu, devices: 3 }' }) },
    words: ['validate', 'p.yml'],
    edits: [
      async (place, fix) => {
        const size = /write (\d+)/.exec(fix)![1]!;
        await place.edit('p.yml', 'globalBatchSize: 4', `globalBatchSize: ${size}`);
      },
    ],
  }),
  command({
    code: 'CONFIG_INVALID',
    when: 'the epochs between two evaluations do not fill a batch',
    files: { 'p.yml': tiny({ size: '  globalBatchSize: 64' }) },
    words: ['validate', 'p.yml'],
    edits: [
      async (place, fix) => {
        const size = /globalBatchSize(?: to at most |: |=)(\d+)/.exec(fix)![1]!;
        await place.edit('p.yml', 'globalBatchSize: 64', `globalBatchSize: ${size}`);
      },
    ],
  }),
  command({
    code: 'PIPELINE_NOT_FOUND',
    when: 'the name of a recipe is misspelt',
    words: ['validate', 'sudoku-4x5'],
    edits: [didYouMean('sudoku-4x5')],
  }),
  command({
    code: 'PIPELINE_NOT_FOUND',
    when: 'the file is not here',
    words: ['validate', 'my-own-thing.yml'],
    edits: [(_place, fix) => ({ words: ['validate', /such as ([\w-]+)/.exec(fix)![1]!] })],
  }),
  command({
    code: 'SETTINGS_INVALID',
    when: 'a key of the settings is misspelt',
    files: { 'p.yml': tiny(), '.eddyrc': 'cacheFoldr: x\n' },
    words: ['validate', 'p.yml'],
    edits: [inFile(/cacheFolder|remove/, '.eddyrc', 'cacheFoldr', 'cacheFolder')],
  }),
  command({
    code: 'FILE_UNUSABLE',
    when: 'a file is to be written below a file',
    files: { 'p.yml': tiny(), file: '' },
    words: ['schema', '--output', 'file/schema.json'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch(/name another path/);
        return { words: ['schema', '--output', 'folder/schema.json'] };
      },
    ],
  }),
  command({
    code: 'INPUT_TOO_LARGE',
    when: 'a data file is named in place of a pipeline file',
    files: { 'p.yml': tiny(), 'data.yml': '#'.repeat(2 << 20) },
    words: ['validate', 'data.yml'],
    edits: [instead(/name another file/, 'validate', 'p.yml')],
  }),
  command({
    code: 'USAGE_INVALID',
    when: 'a training is named for an average of files',
    before: () => undefined,
    files: { 'p.yml': tiny() },
    words: ['ui'],
    edits: [instead(/pipeline ui FOLDER/, 'validate', 'p.yml')],
  }),
  command({
    code: 'PLUGIN_UNKNOWN',
    when: 'the name of a plugin is misspelt',
    words: ['plugins', 'adamx'],
    edits: [didYouMean('adamx')],
  }),
  command({
    code: 'PLUGIN_FILE_INVALID',
    when: 'a plugin is named as a class',
    words: ['new', 'evaluator', 'MyThing.ts'],
    goal: (place) => expect(place.has('my-thing.ts')).toBe(true),
  }),
  command({
    code: 'PLUGIN_NAME_TAKEN',
    when: 'a plugin is named as one of ours',
    words: ['new', 'evaluator', 'exact-accuracy.ts'],
  }),
  plugin({
    code: 'PLUGIN_IMPORT_MISSING',
    when: 'an import is misspelt',
    wrong: evaluator().replaceAll('definePlugin', 'definePlugn'),
    right: evaluator(),
    says: 'did you mean definePlugin?',
  }),
  plugin({
    code: 'PLUGIN_LOAD_FAILED',
    when: 'a bracket is missing',
    wrong: evaluator().replace('});\n', '\n'),
    right: evaluator(),
    says: /correct/,
  }),
  plugin({
    code: 'PLUGIN_INVALID',
    when: 'the default export is something else',
    wrong: `${HEAD}export default 3;\n`,
    right: evaluator(),
    says: /definePlugin|default export/,
  }),
  plugin({
    code: 'PLUGIN_CONTRACT_BROKEN',
    when: 'an evaluator has no result',
    wrong: evaluator('', 'create: () => ({ requiredOutputs: [], begin() {}, update() {} })'),
    right: evaluator(),
    says: /implement/,
  }),
  plugin({
    code: 'PLUGIN_CREATE_FAILED',
    when: 'an evaluator throws when it is made',
    wrong: evaluator('', "create: () => { throw new TypeError('oops'); }"),
    right: evaluator(),
    says: /the plugin; .*EDDY_DEBUG/,
  }),
  plugin({
    code: 'PLUGIN_HOOK_FAILED',
    when: 'the check of an evaluator throws',
    wrong: evaluator("check: () => { throw new TypeError('oops'); },"),
    right: evaluator(),
    says: /the plugin; .*EDDY_DEBUG/,
  }),
  plugin({
    code: 'SERVICE_MISSING',
    when: 'an evaluator asks for what stages have',
    wrong: evaluator("needs: ['stage'],"),
    right: evaluator(),
    says: /needs/,
    words: ['run', 'p.yml'],
  }),
  plugin({
    code: 'SERVICE_MISSING',
    when: 'a dataset asks for the shape of the data',
    wrong: dataset("needs: ['datasetShape'],"),
    right: dataset(''),
    says: 'remove datasetShape from `needs`',
    text: ON_MINE,
    words: ['run', 'p.yml', '--until', 'build'],
  }),
  plugin({
    code: 'EXAMPLE_REFUSED',
    when: 'a dataset yields an example of another length',
    wrong: dataset('', '[1, 2, 3]'),
    right: dataset(''),
    says: /must have the seqLen/,
    text: ON_MINE,
    words: ['run', 'p.yml', '--until', 'build'],
  }),
  command({
    code: 'PUZZLE_TEXT_UNKNOWN',
    when: 'a text is given to a dataset that reads none',
    files: { 'p.yml': ON_MINE, 'mine.ts': dataset('') },
    before: async (place) => {
      const { exitCode, output } = await place.pipeline(['run', 'p.yml', '--run-dir', 'runs/r']);
      expect(exitCode, output).toBe(0);
    },
    words: ['predict', 'runs/r', '1234'],
    edits: [
      (_place, fix) => ({
        words: ['predict', 'runs/r', .../`([^`]+)`/.exec(fix)![1]!.split(' ')],
      }),
    ],
  }),
  command({
    code: 'PLUGIN_DUPLICATE',
    when: 'a copy of a plugin is declared besides',
    files: {
      'p.yml': tiny({ ...USED, name: 'name: p\nplugins: [./mine.ts, ./copy.ts]' }),
      'mine.ts': evaluator(),
      'copy.ts': evaluator(),
    },
    words: ['validate', 'p.yml'],
    edits: [inFile(/remove/, 'p.yml', ', ./copy.ts', '')],
  }),
  command({
    code: 'PLUGIN_MANIFEST_INVALID',
    when: 'a package says of its plugins what is no manifest',
    files: {
      'p.yml': tiny({ name: 'name: p\nplugins: [their-plugins]' }),
      'node_modules/their-plugins/package.json': JSON.stringify({ name: 'their-plugins', version: '1.0.0', eddy: { plugins: 3 } }), // prettier-ignore
    },
    words: ['validate', 'p.yml'],
    edits: [
      async (place, fix) => {
        expect(fix).toMatch(/correct the field/);
        await place.write(
          'node_modules/their-plugins/package.json',
          JSON.stringify({ name: 'their-plugins', version: '1.0.0', eddy: { apiVersion: 1, plugins: [] } }), // prettier-ignore
        );
      },
    ],
  }),
  plugin({
    code: 'STAGE_FAILED',
    when: 'a stage throws',
    wrong: stages(stage('work', '', '', "run: () => { throw new TypeError('oops'); }")),
    right: stages(stage('work', '', '')),
    says: 'correct the plugin that threw it',
    text: OF_STAGES(['work']),
    words: ['run', 'p.yml'],
  }),
  plugin({
    code: 'STAGE_CYCLE',
    when: 'two stages need what the other makes',
    wrong: stages(
      stage('one', "{ kind: 'b', stage: 'two' }", "'a'"),
      stage('two', "{ kind: 'a', stage: 'one' }", "'b'"),
    ),
    right: stages(stage('one', '', "'a'"), stage('two', "{ kind: 'a', stage: 'one' }", "'b'")),
    says: /make one of them independent of the others/,
    text: OF_STAGES(['one', 'two']),
    words: ['run', 'p.yml'],
  }),
  command({
    code: 'ARCHIVE_CODE_UNTRUSTED',
    when: 'an archive brings a plugin, which was read',
    files: { 'p.yml': tiny(USED), 'mine.ts': evaluator() },
    before: async (place) => {
      await trainAndPack(place);
    },
    words: ['replay', 'r.zip'],
  }),
  command({
    code: 'RUN_SOURCES_DAMAGED',
    when: 'a run was copied without all of its plugin',
    files: { 'p.yml': tiny(USED), 'mine.ts': evaluator() },
    before: async (place) => {
      await trainAndPack(place);
      await mkdir(place.at('good'));
      await cp(place.at('runs/r'), place.at('good/r'), { recursive: true });
      await rm(place.at('mine.ts'));
      await rm(place.at('p.yml'));
      await place.edit('runs/r/sources/mine.ts', 'mine: 1', 'mine: 2');
    },
    words: ['evaluate', 'runs/r'],
    edits: [
      async (place, fix) => {
        expect(fix).toMatch('copy the run again from where it came from');
        await cp(place.at('good/r'), place.at('runs/r'), { recursive: true });
      },
    ],
  }),
];

async function trainAndPack(place: Place): Promise<void> {
  for (const words of [
    ['run', 'p.yml', '--run-dir', 'runs/r'],
    ['pack', 'runs/r', '-o', 'r.zip'],
  ]) {
    const { exitCode, output } = await place.pipeline(words);
    expect(exitCode, output).toBe(0);
  }
}

followFixes('pipeline files and plugins', cases);
