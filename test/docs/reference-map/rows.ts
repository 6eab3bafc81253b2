/** Commands, variables, files and metrics of the reference (§1.1, §1.19, §1.20), and ours beside them. */
import {
  arc,
  arcPipeline,
  combined,
  evaluation,
  exchange,
  faults,
  fromReference,
  hub,
  parity,
  referenceFolder,
  runCommand,
  runs,
  sudoku,
  trackers,
  translated,
  translatedScript,
  wandb,
  type Evidence,
} from './evidence.ts';

/** As they stand there; ours, or why there is none; the test that runs it. */
export type Row = readonly [theirs: string, ours: string, test: Evidence];

export const COMMANDS: readonly Row[] = [
  [
    '`python pretrain.py k=v …`',
    '`pipeline run FILE k=v …`; `pipeline from-reference` translates it',
    fromReference('run, where their data is a folder'),
  ],
  [
    '`torchrun --nproc-per-node N pretrain.py …`',
    'the same: one device computes the global batch, in micro-batches if it must',
    translated('torchrun --nproc-per-node 4'),
  ],
  [
    '`python dataset/build_sudoku_dataset.py`',
    'stages `build`, `augment`; as a folder: `pipeline export-dataset FILE -o DIR`',
    parity('dataset-sudoku', 'dataset_sudoku'),
  ],
  ['`python dataset/build_maze_dataset.py`', 'the same', parity('dataset-maze', 'dataset_maze')],
  ['`python -m dataset.build_arc_dataset`', 'the same', parity('dataset-arc', 'dataset_arc')],
  [
    '`python evaluate.py checkpoint=…` (HRM)',
    '`pipeline evaluate RUN`',
    evaluation('evaluates a checkpoint by itself'),
  ],
  [
    '`arc_eval.ipynb`, `puzzle_visualizer.html` (HRM)',
    'evaluator `arc-voting`; `report.html`, `pipeline predict --trace`',
    arcPipeline('builds, trains and votes'),
  ],
];

export const VARIABLES: readonly Row[] = [
  ['`DISABLE_COMPILE`', '`engine=wasm` or `engine=cpu`: op by op', fromReference('engine=wasm')],
  ['`LOCAL_RANK`', 'none: there is one process', translated('torchrun --nproc-per-node 4')],
  ['`WANDB_MODE=offline`', 'logger `wandb-offline`: never asks', wandb('mode offline')],
];

export const ARTEFACTS: readonly Row[] = [
  [
    '`checkpoints/<project>/<run>/`',
    'folder of the run, `--run-dir`',
    runCommand('keeps to one run a folder'),
  ],
  [
    '`all_config.yaml`',
    '`config.yml`, itself a pipeline; `from-reference` reads theirs',
    runCommand('runs its own resolved config'),
  ],
  [
    'copies of model and loss source',
    'none: `manifest.json` has the versions of the packages, and `pipeline diff` compares them',
    runs('finds two runs of one pipeline the same to the last bit'),
  ],
  [
    '`step_<N>`',
    '`checkpoints/step-<N>`: safetensors with all that a resume needs; `pipeline import`, `export` exchange theirs',
    exchange('of the exported state dict is the same model'),
  ],
  [
    'no resume',
    '`pipeline resume RUN`, bit for bit',
    faults('ends with the same bits after SIGKILL'),
  ],
  [
    '`evaluator_ARC_step_<N>/submission.json`',
    '`evaluations/…/step-<N>/submission.json`',
    arcPipeline('builds, trains and votes'),
  ],
  [
    '`step_<N>_all_preds.<rank>`',
    '`predictions.safetensors` of the evaluator `predictions`',
    evaluation('dumps the answers that were measured'),
  ],
];

const METRICS_FILE = '`journal.jsonl` and every logger, same name';

export const METRICS: readonly Row[] = [
  ['`num_params`', 'same name, at step 0', trackers('reads every scalar')],
  ...[
    'accuracy',
    'count',
    'exact_accuracy',
    'lm_loss',
    'q_halt_accuracy',
    'q_halt_loss',
    'steps',
    'lr',
  ].map((name): Row => [`\`train/${name}\``, METRICS_FILE, parity('train-loop', 'train_loop')]),
  ['`train/q_continue_loss`', METRICS_FILE, parity('models', 'hrm')],
  ...['accuracy', 'exact_accuracy', 'lm_loss', 'q_halt_accuracy', 'q_halt_loss', 'steps'].map(
    (name): Row => [
      `\`all.${name}\``,
      'same name for split `test`',
      parity('evaluate', 'evaluate'),
    ],
  ),
  [
    '`all1.…` (of a second folder)',
    '`test-<dataset>-2.…`',
    fromReference('test-reference-folder-2'),
  ],
  ['`ARC/pass@1` … `@1000`', 'same name', parity('arc-evaluator', 'arc_evaluator')],
];

/** Of the builders' options, by task and name. */
export const BUILDER_TESTS: Readonly<Record<string, Readonly<Record<string, Evidence>>>> = {
  sudoku: {
    'source-repo': hub('builds sudoku from the hub'),
    'output-dir': referenceFolder('gives back what was written'),
    'subsample-size': sudoku('subsamples the training split'),
    'min-difficulty': sudoku('filters both by difficulty'),
    'num-aug': parity('dataset-sudoku', 'dataset_sudoku'),
  },
  maze: {
    'source-repo': hub('builds maze from the hub'),
    'output-dir': referenceFolder('gives back what was written'),
    'subsample-size': parity('dataset-maze', 'dataset_maze'),
    aug: parity('dataset-maze', 'dataset_maze'),
  },
  arc: {
    'input-file-prefix': arc('reads folders to the same dataset as combined files'),
    'output-dir': referenceFolder('gives back what was written'),
    subsets: arc('trains on all demonstrations'),
    'test-set-name': arc('trains on all demonstrations'),
    'test-set-name2': translated('--test-set-name evaluation2'),
    seed: parity('dataset-arc', 'dataset_arc'),
    'num-aug': arc('ARC-AGI-1 has the published sizes'),
    'puzzle-identifiers-start': combined('gives puzzles identifiers of their own'),
    'dataset-dirs': translatedScript('build ARC from folders'),
  },
};
