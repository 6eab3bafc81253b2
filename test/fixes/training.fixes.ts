/** Training, evaluation and test-time compute: what is found out when parts meet. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';

import { expect } from 'vitest';

import { command, didYouMean, followFixes, inFile, type FixCase } from './fix-case.ts';
import type { Place } from './place.ts';
import { tiny } from './tiny.ts';
import { trained } from './trained.ts';

const run = trained();
/** A model without latents and halting values, from the guide. */
const PERCEPTRON = readFileSync(
  resolve(import.meta.dirname, '../../docs/guides/write-a-model/perceptron.ts'),
  'utf8',
);
const NAMED = { name: 'name: p\nplugins: [./perceptron.ts]' };
const feedForward = trained(
  { ...NAMED, model: '  model: { use: perceptron, tokenWidth: 2, width: 4 }' },
  { 'perceptron.ts': PERCEPTRON },
);

const TRAIN = ['run', 'p.yml'];

/** Measures the run of the place in other ways than it was. */
const compute = (options: string, more: Readonly<Record<string, string>> = {}) =>
  tiny({
    train: '', model: '', optimizer: '', size: '', epochs: '', interval: '', evaluate: '',
    more: `compute: { use: test-time-compute, checkpoint: runs/r, ${options} }`,
    ...more,
  }); // prettier-ignore

/** A case of stage test-time-compute of a file `q.yml`. */
const computed = (start: (place: Place) => Promise<void>, text: string) => async (place: Place) => {
  await start(place);
  await place.write('q.yml', text);
};
const COMPUTE = ['run', 'q.yml'];

const cases: FixCase[] = [
  command({
    code: 'NON_FINITE',
    when: 'the learning rate is far too high',
    files: { 'p.yml': tiny() },
    words: [...TRAIN, '--run-dir', 'runs/r', 'train.optimizer.learningRate=1e20'],
  }),
  command({
    code: 'STATE_NOT_FINITE',
    when: 'the learning rate is more than a number can be',
    files: { 'p.yml': tiny() },
    words: [
      ...TRAIN,
      '--run-dir',
      'runs/r',
      'train.optimizer.learningRate=1e39',
      '++train.maxSteps=1',
    ],
  }),
  command({
    code: 'MONITOR_METRIC_MISSING',
    when: 'the name of a metric is misspelt',
    files: { 'p.yml': tiny({ trainMore: '  monitor: { metric: exakt, split: test, mode: max }' }) },
    words: TRAIN,
  }),
  command({
    code: 'FREEZE_UNMATCHED',
    when: 'the name of a parameter is misspelt',
    files: { 'p.yml': tiny({ trainMore: '  freeze: [lmhead]' }) },
    words: TRAIN,
    edits: [didYouMean('lmhead')],
  }),
  command({
    code: 'NOTHING_TO_TRAIN',
    when: 'all is frozen in a model without a table',
    files: { 'p.yml': tiny({ trainMore: '  freeze: all' }) },
    words: TRAIN,
  }),
  command({
    code: 'ROW_OPTIMIZER_MISSING',
    when: 'the model has a puzzle embedding',
    files: { 'p.yml': tiny() },
    words: [...TRAIN, 'train.model.puzzleEmbeddingDim=8'],
  }),
  command({
    code: 'ITERATION_WITHOUT_BATCH',
    when: 'a file has fewer puzzles than a batch',
    files: {
      'p.yml': tiny({
        dataset: '  dataset: { use: sudoku, source: { csv: { size: 4, train: p.csv } } }',
        size: '  globalBatchSize: 64',
      }),
      'p.csv':
        'question,answer\n1.34341221434321,1234341221434321\n12.4341221434321,1234341221434321\n',
    },
    words: TRAIN,
  }),
  command({
    code: 'MODEL_DIFFERS',
    when: 'a training starts from the weights of a narrower model',
    before: run,
    words: [...TRAIN, '++train.loadCheckpoint.from=runs/r', 'train.model.hiddenSize=16'],
    then: 'WEIGHTS_MISMATCH',
    edits: [
      undefined,
      (_place, fix, { words }) => {
        expect(fix).toMatch('give the model the options of the run that made the weights');
        return { words: words.filter((word) => word !== 'train.model.hiddenSize=16') };
      },
    ],
  }),
  command({
    code: 'WEIGHTS_MISMATCH',
    when: 'checkpoints of two models are averaged',
    before: async (place) => {
      await run(place);
      const words = ['run', 'p.yml', 'train.model.hiddenSize=16', '--run-dir', 'runs/wide'];
      expect((await place.pipeline(words)).exitCode).toBe(0);
    },
    words: ['average', 'runs/r', 'runs/wide', '-o', 'mean', '--allow-other-model'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('give the model the options of the run');
        return { words: ['average', 'runs/r', 'runs/r', '-o', 'mean'] };
      },
    ],
  }),
  command({
    code: 'CHECKPOINT_MISMATCH',
    when: 'a run is to go on with an average that it has not had',
    before: run,
    words: ['resume', 'runs/r', '++train.averager=ema', 'train.epochs=4'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('set the options of the model and the optimizer to those of its run');
        return { words: ['resume', 'runs/r', 'train.epochs=4'] };
      },
    ],
  }),
  command({
    code: 'NOT_A_MAZE',
    when: 'Sudokus are judged as mazes',
    before: run,
    words: ['evaluate', 'runs/r', 'evaluate.evaluators=[maze-validity]'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('remove maze-validity from evaluate.evaluators');
        return { words: ['evaluate', 'runs/r', 'evaluate.evaluators=[exact-accuracy]'] };
      },
    ],
  }),
  command({
    code: 'MODEL_MISSING',
    when: 'a checkpoint of an older version is measured without its model',
    before: computed(async (place) => {
      await run(place);
      const name = 'runs/r/checkpoints/step-00000004/manifest.json';
      const { model: _, sha256: __, ...rest } = JSON.parse(await place.read(name)) as Record<string, unknown>;
      const sha256 = createHash('sha256').update(JSON.stringify(rest)).digest('hex');
      await place.write(name, JSON.stringify({ ...rest, sha256 }));
      await rm(place.at('runs/r/config.yml'));
    }, tiny({ train: '', model: '', optimizer: '', size: '', epochs: '', interval: '', evaluate: 'evaluate: { checkpoint: runs/r/checkpoints/step-00000004 }' })), // prettier-ignore
    words: COMPUTE,
    edits: [
      (_place, fix) => {
        const override = /`(\S+=)\{use: NAME, OPTION: VALUE\}`/.exec(fix)![1]!;
        const model =
          '{use: trm, hiddenSize: 8, numHeads: 1, numLayers: 1, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 0}';
        return { words: [...COMPUTE, `${override}${model}`] };
      },
    ],
  }),
  command({
    code: 'AUGMENTATION_MISSING',
    when: 'views are asked for without an augmentation',
    before: computed(run, compute('sweep: [{ steps: 1, views: 2, choose: mode }]')),
    words: COMPUTE,
    edits: [
      (_place, fix) => {
        const override = /`(\S+=)NAME`/.exec(fix)![1]!;
        return { words: [...COMPUTE, `${override}sudoku-shuffle`] };
      },
    ],
  }),
  command({
    code: 'VIEWS_TOO_MANY',
    when: 'more views are asked for than the augmentation makes',
    before: computed(run, compute('augmentation: { use: sudoku-shuffle, numVersions: 2 }, sweep: [{ steps: 1, views: 9, choose: mode }]')), // prettier-ignore
    words: COMPUTE,
    edits: [
      async (place, fix) => {
        const most = /ask for at most (\d+) views/.exec(fix)![1]!;
        await place.edit('q.yml', 'views: 9', `views: ${most}`);
      },
    ],
  }),
  command({
    code: 'LATENT_UNKNOWN',
    when: 'the name of a latent is misspelt',
    before: computed(
      run,
      compute('latents: [zz], sweep: [{ steps: 1, trajectories: 2, choose: mode }]'),
    ),
    words: COMPUTE,
  }),
  command({
    code: 'LATENTS_MISSING',
    when: 'trajectories are asked of a model that carries nothing',
    before: computed(
      feedForward,
      compute('sweep: [{ steps: 1, trajectories: 2, choose: mode }]', NAMED),
    ),
    words: COMPUTE,
    edits: [
      inFile('set trajectories: 1 in compute.sweep', 'q.yml', 'trajectories: 2', 'trajectories: 1'),
    ],
  }),
  command({
    code: 'HALTING_MISSING',
    when: 'a model is to halt that has no halting values',
    before: computed(feedForward, compute('sweep: [{ steps: 1, halt: true }]', NAMED)),
    words: COMPUTE,
    edits: [inFile('set halt: false in compute.sweep', 'q.yml', 'halt: true', 'halt: false')],
  }),
  command({
    code: 'OUTPUT_NOT_CHOSEN',
    when: 'an evaluator needs what no choice among candidates has',
    before: computed(run, compute('augmentation: { use: sudoku-shuffle, numVersions: 2 }, evaluators: [{ use: predictions, tensors: [logits] }], sweep: [{ steps: 1, views: 2, choose: mode }]')), // prettier-ignore
    words: COMPUTE,
    edits: [
      inFile(
        /take .* out of compute/,
        'q.yml',
        'evaluators: [{ use: predictions, tensors: [logits] }], ',
        '',
      ),
    ],
  }),
  command({
    code: 'MODEL_OUTPUT_MISSING',
    when: 'an evaluator asks for an output that the model has not',
    before: run,
    words: ['evaluate', 'runs/r', 'evaluate.evaluators=[{use: predictions, tensors: [nope]}]'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('remove what requests them (an evaluator)');
        return { words: ['evaluate', 'runs/r'] };
      },
    ],
  }),
  command({
    code: 'STATE_DICT_UNKNOWN',
    when: 'a model without an original is exported for PyTorch',
    before: feedForward,
    words: ['export', 'runs/r', '--format', 'state-dict', '-o', 'w'],
  }),
  command({
    code: 'VALIDATION_EXISTS',
    when: 'a folder brings its own validation split',
    before: async (place) => {
      await place.write('q.yml', tiny({ build: 'build:\n  validation: 0.3' }));
      const { exitCode, output } = await place.pipeline(['export-dataset', 'q.yml', '-o', 'data']);
      expect(exitCode, output).toBe(0);
      await place.write(
        'p.yml',
        tiny({
          build: 'build:\n  validation: 0.3',
          dataset: '  dataset: { use: reference-folder, folder: data }',
          size: '  globalBatchSize: 2',
        }),
      );
    },
    words: ['run', 'p.yml', '--until', 'build'],
  }),
  command({
    code: 'LEAKAGE_TASKS_DIFFER',
    when: 'Sudokus are compared with mazes',
    files: {
      'p.yml': tiny({
        build:
          'build:\n  leakage: { against: [{ use: maze, source: { generator: { size: 4, train: 2, test: 1 } } }] }',
      }),
    },
    words: ['run', 'p.yml', '--until', 'build'],
    edits: [
      inFile(
        'name datasets of the same kind and size',
        'p.yml',
        'use: maze, source: { generator: { size: 4',
        'use: sudoku, source: { generator: { size: 4',
      ),
    ],
  }),
  ...arcCases(),
];

/** ARC tasks on a canvas of 2, with versions and votes. */
function arcCases(): FixCase[] {
  const task = (colour: number) =>
    JSON.stringify({
      train: [
        { input: [[colour, 1]], output: [[1], [colour]] },
        { input: [[2, colour]], output: [[colour]] },
      ],
      test: [{ input: [[colour, colour]], output: [[colour]] }],
    });
  const dataset =
    '  dataset: { use: arc, canvas: 2, subsets: [a, b], testSubsets: [b], source: { folders: { a: a, b: b } } }';
  const augment = 'augment: { augmentation: { use: arc-transform, numVersions: 2 } }';
  const model =
    '  model: { use: trm, hiddenSize: 8, numHeads: 1, numLayers: 1, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 8 }\n  rowOptimizer: sign-sgd';
  const files = { 'a/one.json': task(3), 'a/two.json': task(4), 'b/three.json': task(5) };
  const arc = { dataset, model, size: '  globalBatchSize: 2' };
  const train = async (place: Place) => {
    const { exitCode, output } = await place.pipeline(['run', 'p.yml', '--run-dir', 'runs/r']);
    expect(exitCode, output).toBe(0);
  };
  return [
    command({
      code: 'IDENTIFIERS_DIFFER',
      when: 'a task was renamed since the training, and this is known',
      files: { ...files, 'p.yml': tiny(arc) },
      before: async (place) => {
        await train(place);
        await place.write('a/zero.json', await place.read('a/one.json'));
        await rm(place.at('a/one.json'));
      },
      words: ['evaluate', 'runs/r', '--pipeline', 'p.yml'],
    }),
    command({
      code: 'SEVERAL_PUZZLES_A_GROUP',
      when: 'versions are made of versions',
      files: { ...files, 'q.yml': tiny({ ...arc, augment: augment.replace('2 }', '2, mode: materialised }') }) }, // prettier-ignore
      before: async (place) => {
        const { exitCode, output } = await place.pipeline(['export-dataset', 'q.yml', '-o', 'data']); // prettier-ignore
        expect(exitCode, output).toBe(0);
        const folder = '  dataset: { use: reference-folder, folder: data, task: arc }';
        await place.write('p.yml', tiny({ ...arc, dataset: folder, augment }));
      },
      words: ['export-dataset', 'p.yml', '-o', 'out'],
    }),
  ];
}

followFixes('training', cases);
