import { EddyError } from '@eddy/tensor/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { ARCH_KEYS } from './arch-keys.ts';
import { ROOT_KEYS } from './root-keys.ts';
import { REFERENCE_ARCHS, ROOT_DEFAULTS } from './defaults.ts';
import { fromReferenceCommands, fromReferenceDump } from './translate.ts';

interface Pipeline {
  readonly name: string;
  readonly [stage: string]: unknown;
}
const translated = (text: string) => {
  const { yaml, notes } = fromReferenceCommands(text);
  return { pipeline: parse(yaml) as Pipeline, notes: notes.map(({ what }) => what), yaml };
};
const modelOf = (text: string) =>
  (translated(text).pipeline['train'] as { model: Record<string, unknown> }).model;
const trainOf = (text: string) => translated(text).pipeline['train'] as Record<string, unknown>;

it('reads lines that end as on Windows', () => {
  const { pipeline, notes } = translated('python pretrain.py \\\r\narch=hrm \\\r\nlr=0.5\r\n');
  expect(notes).not.toContain('arch=hrm');
  expect(pipeline['train']).toMatchObject({
    model: { use: 'hrm' },
    optimizer: { learningRate: 0.5 },
  });
});

it('refuses a loss of null', () => {
  expect(() => translated('arch=trm arch.loss=null')).toThrow(
    /no such value of arch.loss.loss_type/,
  );
});

/** From the reference's README. */
const README = `
# Sudoku
python dataset/build_sudoku_dataset.py --output-dir data/sudoku-extreme-1k-aug-1000  --subsample-size 1000 --num-aug 1000  # 1000 examples, 1000 augments

run_name="pretrain_mlp_t_sudoku"
python pretrain.py \\
arch=trm \\
data_paths="[data/sudoku-extreme-1k-aug-1000]" \\
evaluators="[]" \\
epochs=50000 eval_interval=5000 \\
lr=1e-4 puzzle_emb_lr=1e-4 weight_decay=1.0 puzzle_emb_weight_decay=1.0 \\
arch.mlp_t=True arch.pos_encodings=none \\
arch.L_layers=2 \\
arch.H_cycles=3 arch.L_cycles=6 \\
+run_name=\${run_name} ema=True
`;

describe('the README’s Sudoku commands', () => {
  const { pipeline, notes, yaml } = translated(README);

  it('become this pipeline', () => {
    expect(pipeline).toEqual({
      name: 'pretrain_mlp_t_sudoku',
      seed: 0,
      engine: { use: 'auto', precision: 'bf16-mixed' },
      loggers: ['console', 'wandb-offline', 'report'],
      build: { dataset: { use: 'sudoku', subsampleSize: 1000 } },
      augment: { augmentation: { use: 'sudoku-shuffle', numVersions: 1000 } },
      train: {
        model: {
          use: 'trm',
          loss: 'stablemax',
          hiddenSize: 512,
          numHeads: 8,
          expansion: 4,
          hCycles: 3,
          lCycles: 6,
          numLayers: 2,
          mlpT: true,
          positionEncoding: 'none',
          ropeTheta: 10000,
          rmsNormEpsilon: 1e-5,
          puzzleEmbeddingDim: 512,
          puzzleEmbeddingLength: 16,
          haltMaxSteps: 16,
          haltExplorationProbability: 0.1,
          noActContinue: true,
        },
        optimizer: {
          use: 'adam-atan2',
          learningRate: 1e-4,
          minLearningRateRatio: 1,
          warmupSteps: 2000,
          beta1: 0.9,
          beta2: 0.95,
          weightDecay: 1,
        },
        rowOptimizer: {
          use: 'sign-sgd',
          learningRate: 1e-4,
          minLearningRateRatio: 1,
          warmupSteps: 2000,
          weightDecay: 1,
        },
        averager: { use: 'ema', rate: 0.999 },
        globalBatchSize: 768,
        epochs: 50000,
        evalInterval: 5000,
        checkpoint: { keepEvaluated: true },
      },
      evaluate: { evaluators: ['exact-accuracy', 'sudoku-validity'] },
    });
  });

  it('lose nothing', () => {
    expect(notes).toEqual([]);
  });

  it('stand behind the values', () => {
    expect(yaml).toContain('epochs: 50000 # epochs\n');
    expect(yaml).toContain('globalBatchSize: 768 # global_batch_size (its default)\n');
    expect(yaml).toContain('numVersions: 1000 # --num-aug\n');
  });
});

describe('data', () => {
  it('is built by the command of that folder', () => {
    const builder =
      'python dataset/build_maze_dataset.py --output-dir=data/m --aug --subsample-size 50';
    expect(
      translated(`${builder}\npython pretrain.py data_paths=[data/m/]`).pipeline,
    ).toMatchObject({
      build: { dataset: { use: 'maze', subsampleSize: 50 } },
      augment: { augmentation: { use: 'dihedral' } },
    });
    const plain =
      'python dataset/build_maze_dataset.py\npython pretrain.py data_paths=[data/maze-30x30-hard-1k]';
    expect(translated(plain).pipeline['augment']).toBeUndefined();
  });

  it('of ARC names subsets and test set', () => {
    const text =
      'python -m dataset.build_arc_dataset --input-file-prefix kaggle/combined/arc-agi ' +
      '--output-dir data/arc2concept-aug-1000 --subsets training2 evaluation2 concept ' +
      '--test-set-name evaluation2; torchrun --nproc-per-node 4 --nnodes=1 pretrain.py ' +
      'arch=trm data_paths="[data/arc2concept-aug-1000]" arch.L_cycles=4 ema=True';
    const { pipeline, notes } = translated(text);
    expect(pipeline).toMatchObject({
      build: {
        dataset: {
          use: 'arc',
          source: { combined: 'kaggle/combined/arc-agi' },
          subsets: ['training2', 'evaluation2', 'concept'],
          testSubsets: ['evaluation2'],
        },
      },
      augment: { augmentation: { use: 'arc-transform', numVersions: 1000 } },
      evaluate: { evaluators: ['exact-accuracy', { use: 'arc-voting' }] },
    });
    expect(notes).toEqual(['torchrun --nproc-per-node 4']);
  });

  it('is read from the folder’s name otherwise, and that is said', () => {
    const { pipeline, notes } = translated('data_paths=[data/sudoku-extreme-1k-aug-1000]');
    expect(pipeline['build']).toEqual({ dataset: { use: 'sudoku', subsampleSize: 1000 } });
    expect(notes).toEqual(['data_paths: data/sudoku-extreme-1k-aug-1000', 'evaluators: arc@ARC']);
  });

  it('of another name is taken as it is', () => {
    expect(translated('data_paths=[my/folder]').pipeline['build']).toEqual({
      dataset: { use: 'reference-folder', folder: 'my/folder' },
    });
  });

  it('of several folders is combined, and each test split evaluated', () => {
    const { pipeline, notes } = translated(
      'python dataset/build_maze_dataset.py --output-dir data/m --aug\n' +
        'python dataset/build_maze_dataset.py --output-dir data/n --aug --subsample-size 9\n' +
        'python pretrain.py data_paths=[data/m,my/maze-30x30-hard-1k,data/n] evaluators=[]',
    );
    const evaluators = ['exact-accuracy', 'maze-validity'];
    expect(pipeline).toMatchObject({
      build: {
        dataset: {
          use: 'combined',
          datasets: [{ use: 'maze' }, { use: 'maze' }, { use: 'maze', subsampleSize: 9 }],
        },
      },
      augment: { augmentation: { use: 'dihedral' } },
      evaluate: { split: 'test-maze', evaluators },
      'evaluate-2': { use: 'evaluate', split: 'test-maze-2', evaluators },
      'evaluate-3': { use: 'evaluate', split: 'test-maze-3', evaluators },
    });
    expect(Object.keys(pipeline).at(-1)).toBe('evaluate-3');
    // The one in the middle has neither a command nor augmentations in its name.
    expect(notes).toEqual([
      'data_paths: my/maze-30x30-hard-1k',
      'data_paths: my/maze-30x30-hard-1k',
    ]);
  });
});

describe('evaluators', () => {
  const evaluatorsOf = (text: string) =>
    (translated(text).pipeline['evaluate'] as { evaluators: unknown }).evaluators;

  it('of ARC vote as there: over all checkpoints, unless told otherwise', () => {
    expect(evaluatorsOf('arch=trm')).toEqual([
      'exact-accuracy',
      { use: 'arc-voting', pooled: true },
    ]);
    expect(
      evaluatorsOf(
        'evaluators=[{name:arc@ARC,submission_K:3,pass_Ks:[1,2],aggregated_voting:False}]',
      ),
    ).toEqual([
      'exact-accuracy',
      { use: 'arc-voting', submissionK: 3, passKs: [1, 2], pooled: false },
    ]);
  });

  it('are the class’s, none, where they are removed', () => {
    expect(evaluatorsOf('arch=trm ~evaluators')).toEqual(['exact-accuracy']);
    expect(trainOf('ema=True ~ema')).not.toHaveProperty('averager');
    expect(trainOf('~eval_interval epochs=7')).toMatchObject({ evalInterval: 7 });
  });

  it('write the tensors of eval_save_outputs', () => {
    expect(
      evaluatorsOf('data_paths=[a/b] evaluators=[] +eval_save_outputs=[preds,q_halt_logits]'),
    ).toEqual(['exact-accuracy', { use: 'predictions', tensors: ['preds', 'q_halt_logits'] }]);
  });
});

describe('keys', () => {
  it('each of the reference’s defaults is in the table', () => {
    for (const key of Object.keys(ROOT_DEFAULTS)) expect(ROOT_KEYS).toHaveProperty(key);
    for (const { defaults } of Object.values(REFERENCE_ARCHS)) {
      for (const key of Object.keys(defaults)) expect(ARCH_KEYS).toHaveProperty(key);
    }
  });

  it.each([
    ['arch=hrm', { use: 'hrm', hCycles: 2, lCycles: 2, hLayers: 4, lLayers: 4 }],
    ['arch=transformers_baseline', { use: 'transformer', numLayers: 8, numHeads: 12 }],
    [
      'arch=transformers_baseline arch.act_enabled=False',
      { actEnabled: false, actInference: false },
    ],
    ['arch=trm_singlez arch.L_cycles=4', { use: 'trm-singlez', lCycles: 4, numLayers: 2 }],
    ['arch=trm_hier6', { use: 'trm-hier6', lCycles: 6 }],
    ['arch.hidden_size=256', { hiddenSize: 256, puzzleEmbeddingDim: 256 }],
    ['arch.loss.loss_type=softmax_cross_entropy', { loss: 'softmax' }],
    ['arch.pos_encodings=None', { positionEncoding: 'none' }],
    ['arch.puzzle_emb_ndim=0', { puzzleEmbeddingDim: 0, puzzleEmbeddingLength: 0 }],
  ])('%s', (text, expected) => {
    expect(modelOf(text)).toMatchObject(expected);
  });

  it('of other settings', () => {
    expect(trainOf('ema=False')).not.toHaveProperty('averager');
    expect(trainOf('ema=True ema_rate=0.99')).toMatchObject({ averager: { rate: 0.99 } });
    expect(trainOf('eval_interval=null epochs=7')).toMatchObject({ epochs: 7, evalInterval: 7 });
    expect(trainOf('checkpoint_every_eval=True')).toMatchObject({
      checkpoint: { keepEvaluated: true },
    });
    expect(trainOf('checkpoint_every_eval=False')).not.toHaveProperty('checkpoint');
    expect(trainOf('freeze_weights=True')).toMatchObject({ freeze: 'all' });
    expect(trainOf('+load_checkpoint=c/step_5')).toMatchObject({
      loadCheckpoint: { from: 'c/step_5' },
    });
    expect(trainOf('arch.puzzle_emb_ndim=0')).not.toHaveProperty('rowOptimizer');
    expect(translated(`+run_name="'TRM small (two) #3'"`).pipeline.name).toBe('TRM-small-two-3');
    expect(translated('+project_name=mine').pipeline['loggers']).toContainEqual({
      use: 'wandb-offline',
      project: 'mine',
    });
  });

  it.each([
    ['min_eval_interval=3', 'min_eval_interval=3'],
    ['+eval_save_outputs=[z_H]', 'eval_save_outputs: z_H'],
    ['data_paths=[my/folder]', 'evaluators: arc@ARC'],
    ['arch=hrm +arch.puzzle_emb_len=4', 'arch.puzzle_emb_len=4'],
    ['arch=transformers_baseline +arch.L_cycles=4', 'arch.L_cycles=4'],
    ['arch=trm +arch.act_enabled=True', 'arch.act_enabled=true'],
    ['data_paths_test=[x]', 'data_paths_test=["x"]'],
    ['+checkpoint_path=here', 'checkpoint_path="here"'],
    ['+load_checkpoint=c/step_5', 'load_checkpoint=c/step_5'],
    ['arch.H_layers=2', 'arch.H_layers=2'],
    ['evaluators=[{name:mine@Mine}]', 'evaluators: mine@Mine'],
    ['hydra.run.dir=x', 'hydra.run.dir=x'],
    ['WANDB_MODE=offline DISABLE_COMPILE=1 python pretrain.py arch=trm', 'DISABLE_COMPILE=1'],
    ['export CUDA_VISIBLE_DEVICES=0\npython pretrain.py arch=trm', 'CUDA_VISIBLE_DEVICES=0'],
    ['pip install torch; python pretrain.py arch=trm', 'pip install torch'],
    ['python pretrain.py arch=trm +entity=us', 'entity="us"'],
    ['python pretrain.py arch=trm 2>&1 | tee log', '2>&1'],
    ['python pretrain.py arch=trm 2>&1 | tee log', '| tee log'],
    ['python pretrain.py arch=trm +run_name=${run_name}', 'run_name: ${run_name}'],
    ['python pretrain.py arch=hrm_v1 device=cuda', 'device="cuda"'],
  ])('%s is said to be left out', (text, what) => {
    const { notes, yaml } = translated(text);
    expect(notes).toContain(what);
    expect(yaml).toContain(`# not carried over: ${what}: `);
  });

  it.each([
    ['arch=trn', 'REFERENCE_ARCH_UNKNOWN'],
    ['epochs=[1', 'REFERENCE_COMMAND_INVALID'],
    ['+run_name="x', 'REFERENCE_COMMAND_INVALID'],
    ['__proto__.x=1', 'REFERENCE_COMMAND_INVALID'],
    ['arch.hiden_size=3', 'REFERENCE_KEY_UNKNOWN'],
    ['+arch.foo=bar', 'REFERENCE_KEY_UNKNOWN'],
    ['lrr=3', 'REFERENCE_KEY_UNKNOWN'],
    ['arch.loss.loss_type=other', 'REFERENCE_VALUE_INVALID'],
    ['arch.forward_dtype=float16', 'REFERENCE_VALUE_INVALID'],
    ['arch.pos_encodings=rope2d', 'REFERENCE_VALUE_INVALID'],
    ['arch.loss.name=losses@Other', 'REFERENCE_VALUE_INVALID'],
    ['arch.loss.q_weight=1', 'REFERENCE_VALUE_INVALID'],
    ['~lr', 'REFERENCE_VALUE_INVALID'],
    ['~arch.hidden_size', 'REFERENCE_VALUE_INVALID'],
    ['data_path=a data_paths=[b]', 'REFERENCE_VALUE_INVALID'],
    ['epochs=many', 'REFERENCE_VALUE_INVALID'],
    ['epochs=null', 'REFERENCE_VALUE_INVALID'],
    ['ema=perhaps', 'REFERENCE_VALUE_INVALID'],
    ["lr='${oc.env:LR}'", 'REFERENCE_VARIABLE_UNSET'],
    ['lr=1e-4,3e-4', 'REFERENCE_COMMAND_INVALID'],
  ])('%s is refused', (text, code) => {
    expect(() => fromReferenceCommands(text)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

it('reads a run’s all_config.yaml', () => {
  const dump = {
    ...ROOT_DEFAULTS,
    data_paths: ['data/sudoku-extreme-1k-aug-1000'],
    evaluators: [],
    run_name: 'a run',
    arch: { name: REFERENCE_ARCHS['hrm']!.name, ...REFERENCE_ARCHS['hrm']!.defaults, H_cycles: 4 },
  };
  const { yaml, notes } = fromReferenceDump(dump);
  expect(parse(yaml)).toMatchObject({
    name: 'a-run',
    train: { model: { use: 'hrm', hCycles: 4, puzzleEmbeddingDim: 512 } },
  });
  expect(notes.map(({ what }) => what)).toEqual(['data_paths: data/sudoku-extreme-1k-aug-1000']);
});

it('makes a pipeline or an error of any text', () => {
  const words = [
    'arch=',
    'trm',
    'python pretrain.py',
    '[',
    '"',
    "'",
    '\\',
    '$',
    '{x}',
    ' ',
    '\n',
    '=',
  ];
  const more = [
    '--num-aug',
    '1',
    'evaluators=[{name:',
    'arch.loss=',
    '~',
    '+',
    'dataset/build_maze_dataset.py',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...words, ...more), fc.string({ maxLength: 5 })));
  fc.assert(
    fc.property(text, (parts) => {
      try {
        parse(fromReferenceCommands(parts.join('')).yaml);
      } catch (error) {
        if (!(error instanceof EddyError)) throw error;
      }
    }),
    { numRuns: 2000, seed: 4 },
  );
});

it.each([
  [{}, 'an empty file'],
  [{ name: 'x', train: { epochs: 1 } }, 'the keys name, train'],
  [{ arch: { hidden_size: 512 } }, 'the keys arch'],
])('refuses a file that is no configuration of a run: %j', (dump, received) => {
  expect(() => fromReferenceDump(dump)).toThrow(
    expect.objectContaining({
      code: 'REFERENCE_DUMP_INVALID',
      exitCode: 2,
      facts: expect.objectContaining({ received }) as object,
    }) as Error,
  );
});
