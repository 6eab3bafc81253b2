/** What `from-reference` writes is a pipeline: the built command line validates it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Workplace } from './eddy-cli.ts';

let place: Workplace;
let plugins: ReadonlySet<string>;
beforeAll(() => {
  place = new Workplace();
  const listed = JSON.parse(place.eddy('plugins', '--json').stdout) as { name: string }[];
  plugins = new Set(listed.map(({ name }) => name));
});
afterAll(() => place.remove());

const SUDOKU =
  'python dataset/build_sudoku_dataset.py --output-dir data/s --subsample-size 1000 --num-aug 1000; ' +
  'python pretrain.py data_paths="[data/s]" evaluators="[]" epochs=50000 eval_interval=5000 ema=True';
const ARC =
  'python -m dataset.build_arc_dataset --input-file-prefix kaggle/combined/arc-agi --output-dir data/a ' +
  '--subsets training evaluation concept --test-set-name evaluation; ' +
  'torchrun --nproc-per-node 4 pretrain.py data_paths="[data/a]" arch.L_cycles=4 ema=True';

const COMMANDS: [needs: string, command: string][] = [
  ['trm', SUDOKU],
  ['trm', `${SUDOKU} arch.mlp_t=True arch.pos_encodings=none`],
  ['trm', `${SUDOKU} arch.puzzle_emb_ndim=0 arch.no_ACT_continue=False`],
  ['trm', `${SUDOKU} arch.loss.loss_type=softmax_cross_entropy arch.pos_encodings=learned`],
  ['trm-singlez', `${SUDOKU} arch=trm_singlez`],
  ['trm-hier6', `${SUDOKU} arch=trm_hier6`],
  ['hrm', `${SUDOKU} arch=hrm`],
  [
    'transformer',
    `${SUDOKU} arch=transformers_baseline epochs=10000 eval_interval=2000 arch.H_layers=4 ` +
      'arch.hidden_size=256 arch.num_heads=8 arch.halt_max_steps=8',
  ],
  ['transformer', `${SUDOKU} arch=transformers_baseline`],
  ['maze', 'python dataset/build_maze_dataset.py --aug; python pretrain.py arch.L_cycles=4'],
  ['arc', ARC],
  ['reference-folder', 'data_paths=[my/folder]'],
];

describe('pipelines of the reference’s commands are valid', () => {
  it.each(COMMANDS)('%s: %s', (needed, command) => {
    const file = `from-reference-${COMMANDS.findIndex(([, other]) => other === command)}.yml`;
    expect(place.eddy('from-reference', command, '-o', file)).toMatchObject({ status: 0 });
    const { status, stderr } = place.eddy('validate', file);
    if (plugins.has(needed)) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // A plugin that is not there yet is named, and nothing else is wrong.
    else expect(stderr).toContain(needed);
  });

  it('says on stderr what it left out, and does not write over a file', () => {
    const words = [
      'from-reference',
      'arch=trm',
      'data_paths=[data/sudoku]',
      'lrr=3',
      '-o',
      'x.yml',
    ];
    const { status, stderr } = place.eddy(...words);
    expect(status).toBe(0);
    expect(stderr).toContain('not carried over: lrr=3: not a key');
    const again = place.eddy(...words);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('OUTPUT_EXISTS');
  });
});
