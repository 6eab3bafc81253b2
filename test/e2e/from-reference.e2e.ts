/** What `from-reference` writes is a pipeline: the built command line validates it. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  place.write('tiny.yml', TINY);
  for (const folder of ['one', 'two']) {
    const result = place.eddy('export-dataset', 'tiny.yml', '-o', `my/${folder}`);
    expect(result).toMatchObject({ status: 0 });
  }
  mkdirSync(join(place.folder, 'imported'));
});
afterAll(() => place.remove());

const arcCommands = (name: string, subsets: string, testSet: string) => `
python -m dataset.build_arc_dataset \\
  --input-file-prefix kaggle/combined/arc-agi --output-dir data/${name}-aug-1000 \\
  --subsets ${subsets} concept --test-set-name ${testSet}
run_name="pretrain_att_${name}_4"
torchrun --nproc-per-node 4 --rdzv_backend=c10d --rdzv_endpoint=localhost:0 --nnodes=1 pretrain.py \\
arch=trm data_paths="[data/${name}-aug-1000]" \\
arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${run_name} ema=True`;

/** The four trainings of the reference's README, each with the command that builds its data. */
const README_COMMANDS = {
  'ARC-AGI-1': arcCommands('arc1concept', 'training evaluation', 'evaluation'),
  'ARC-AGI-2': arcCommands('arc2concept', 'training2 evaluation2', 'evaluation2'),
  'Sudoku-Extreme, MLP': `
python dataset/build_sudoku_dataset.py --output-dir data/sudoku-extreme-1k-aug-1000  --subsample-size 1000 --num-aug 1000  # 1000 examples, 1000 augments
run_name="pretrain_mlp_t_sudoku"
python pretrain.py \\
arch=trm data_paths="[data/sudoku-extreme-1k-aug-1000]" evaluators="[]" \\
epochs=50000 eval_interval=5000 \\
lr=1e-4 puzzle_emb_lr=1e-4 weight_decay=1.0 puzzle_emb_weight_decay=1.0 \\
arch.mlp_t=True arch.pos_encodings=none arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=6 \\
+run_name=\${run_name} ema=True`,
  'Maze-Hard': `
python dataset/build_maze_dataset.py # 1000 examples, 8 augments
run_name="pretrain_att_maze30x30"
torchrun --nproc-per-node 4 --rdzv_backend=c10d --rdzv_endpoint=localhost:0 --nnodes=1 pretrain.py \\
arch=trm data_paths="[data/maze-30x30-hard-1k]" evaluators="[]" \\
epochs=50000 eval_interval=5000 \\
lr=1e-4 puzzle_emb_lr=1e-4 weight_decay=1.0 puzzle_emb_weight_decay=1.0 \\
arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${run_name} ema=True`,
};

const SUDOKU =
  'python dataset/build_sudoku_dataset.py --output-dir data/s --subsample-size 1000 --num-aug 1000; ' +
  'python pretrain.py data_paths="[data/s]" evaluators="[]" epochs=50000 eval_interval=5000 ema=True';

const COMMANDS: [name: string, command: string][] = [
  ...Object.entries(README_COMMANDS),
  ['Sudoku, attention', SUDOKU],
  [
    'no puzzle embedding, Q-continue',
    `${SUDOKU} arch.puzzle_emb_ndim=0 arch.no_ACT_continue=False`,
  ],
  [
    'softmax, learned positions',
    `${SUDOKU} arch.loss.loss_type=softmax_cross_entropy arch.pos_encodings=learned`,
  ],
  ['arch trm_singlez', `${SUDOKU} arch=trm_singlez`],
  ['arch trm_hier6', `${SUDOKU} arch=trm_hier6`],
  ['arch hrm', `${SUDOKU} arch=hrm arch.H_layers=2 arch.L_layers=3`],
  ['arch transformers_baseline', `${SUDOKU} arch=transformers_baseline`],
  [
    'the small baseline',
    `${SUDOKU} arch=transformers_baseline epochs=10000 eval_interval=2000 arch.H_layers=4 ` +
      'arch.hidden_size=256 arch.num_heads=8 arch.halt_max_steps=8 arch.act_inference=True',
  ],
  ['the defaults alone', 'arch=trm'],
  ['a dataset folder', 'data_paths=[my/one] evaluators=[] +eval_save_outputs=[preds,logits]'],
  ['two dataset folders', 'data_paths=[my/one,my/two] evaluators=[] freeze_weights=True'],
  ['weights to start from', `${SUDOKU} +load_checkpoint=imported`],
  [
    'options of ARC’s evaluator',
    'evaluators="[{name: arc@ARC, submission_K: 3, pass_Ks: [1,2], aggregated_voting: False}]"',
  ],
];

describe('pipelines of the reference’s commands are valid', () => {
  it.each(COMMANDS)('%s', (name, command) => {
    const file = `from-reference-${COMMANDS.findIndex(([other]) => other === name)}.yml`;
    expect(place.eddy('from-reference', command, '-o', file)).toMatchObject({ status: 0 });
    const { status, stderr } = place.eddy('validate', file);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('run, where their data is a folder', () => {
    const command =
      'python pretrain.py arch=trm_singlez data_paths=[my/one,my/two] evaluators=[] epochs=1 ' +
      'eval_interval=1 global_batch_size=8 arch.hidden_size=16 arch.num_heads=2 arch.L_layers=1 ' +
      'arch.H_cycles=1 arch.L_cycles=1 arch.halt_max_steps=2 arch.forward_dtype=float32 ' +
      '+eval_save_outputs=[preds] +run_name=carried';
    expect(place.eddy('from-reference', command, '-o', 'carried.yml')).toMatchObject({ status: 0 });
    const words = ['carried.yml', 'engine=wasm', 'loggers=[]', '--json', '--run-dir', 'carried'];
    const run = place.eddy('run', ...words);
    expect(run).toMatchObject({ status: 0 });
    const splits = [...run.stdout.matchAll(/"type":"evaluation-finished".*?"split":"([^"]+)"/g)];
    expect(splits.map(([, split]) => split).sort()).toEqual([
      'test-reference-folder',
      'test-reference-folder-2',
    ]);
    const folder = join(place.folder, 'carried/evaluations/step-00000004');
    expect(existsSync(join(folder, 'predictions.safetensors'))).toBe(true);
  });

  it('takes several arguments for several commands, and the words of one for one', () => {
    const build = 'python dataset/build_maze_dataset.py --output-dir data/m --subsample-size 9';
    const train = 'python pretrain.py arch=trm data_paths=[data/m] evaluators=[]';
    for (const [i, words] of [[build, train], [`${build}\n${train}`]].entries()) {
      const result = place.eddy('from-reference', ...words, '-o', `several-${i}.yml`);
      expect(result).toMatchObject({ status: 0, stderr: '' });
    }
    const read = (file: string) => readFileSync(join(place.folder, file), 'utf8');
    expect(read('several-1.yml')).toBe(read('several-0.yml'));
    expect(read('several-0.yml')).toContain('subsampleSize: 9');
    const words = [
      'python',
      'pretrain.py',
      'arch=trm',
      '+run_name=a b',
      'data_paths=[my/one, my/two]',
    ];
    const { status, stdout } = place.eddy('from-reference', ...words);
    expect(status).toBe(0);
    expect(stdout).toContain('name: a-b');
    expect(stdout).toContain('folder: my/two');
    const two = place.eddy('from-reference', `${train} seed=1`, `${train} seed=2`);
    expect(two).toMatchObject({ status: 2, stdout: '' });
    expect(two.stderr).toContain('REFERENCE_TRAININGS_SEVERAL');
  });

  it('reads scripts, and folders that are here whatever their name', () => {
    place.write('run.sh', 'D=my/one\npython pretrain.py arch=trm "data_paths=[$D]"\n');
    const { status, stdout, stderr } = place.eddy('from-reference', 'run.sh');
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('data_paths') as string }); // prettier-ignore
    expect(stdout).toContain('folder: my/one');
    mkdirSync(join(place.folder, 'data/arc-aug-1000'), { recursive: true });
    const empty = place.eddy('from-reference', 'arch=trm data_paths=[data/arc-aug-1000]');
    expect(empty).toMatchObject({ status: 2, stdout: '' });
    expect(empty.stderr).toContain('REFERENCE_FOLDER_UNREADABLE');
  });

  it('says on stderr what it left out, and does not write over a file', () => {
    const words = [
      'from-reference',
      'arch=trm',
      'data_paths=[data/sudoku]',
      '+entity=us',
      '-o',
      'x.yml',
    ];
    const { status, stderr } = place.eddy(...words);
    expect(status).toBe(0);
    expect(stderr).toContain('not carried over: entity="us": W&B entity');
    const again = place.eddy(...words);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('OUTPUT_EXISTS');
  });
});
