/** Defects and surprises of the reference, found by running it, and what happens here instead. */
import {
  arc,
  arcEvaluators,
  combined,
  evaluationBatches,
  exchange,
  faults,
  fromReference,
  frozen,
  hier6,
  losses,
  parity,
  sampler,
  sudoku,
  tableRows,
  testTimeCompute,
  trainerResume,
  transformer,
  translated,
  trm,
  type Evidence,
} from './evidence.ts';

/** Where in the reference; what it does; what happens here; the test that shows it, if there is one. */
export interface Defect {
  readonly where: string;
  readonly there: string;
  readonly here: string;
  readonly test?: Evidence;
}

const modelErrors = parity('model-errors', 'model_errors');

export const DEFECTS: readonly Defect[] = [
  {
    where: 'trm.py:294, trm_singlez.py:291, trm_hier6.py:320',
    there: '`no_ACT_continue=False` crashes in training',
    here: 'trains, for every model',
    test: parity('models', 'trm_att_qcontinue_PATCHED'),
  },
  {
    where: 'losses.py:87',
    there: '`softmax_cross_entropy` always crashes',
    here: '`loss: softmax` trains',
    test: parity('losses', 'losses'),
  },
  {
    where: 'layers.py:134',
    there: 'fails where attention’s output is not contiguous',
    here: 'attention has no memory layout; 12 heads on width 512 train',
    test: modelErrors,
  },
  {
    where: 'arch/transformers_baseline.yaml',
    there: '12 heads on 512 channels: 504 of them attend, and some kernels crash',
    here: 'the same shapes, on every engine',
    test: transformer('12 heads on 512 channels'),
  },
  {
    where: 'transformers_baseline.py:275, 309, 327, 164',
    there:
      'q_continue has no loss, yet halting uses it; `H_cycles` ignored; `pos_encodings=none` raises',
    here: 'the same law; hCycles is no option; none is refused before anything runs',
    test: parity('models', 'transformers_baseline'),
  },
  {
    where: 'trm.py:133, 211',
    there: '`puzzle_emb_ndim=0` needs `puzzle_emb_len=0`, too, or crashes',
    here: '`puzzleEmbeddingDim: 0` is enough; a contradiction is refused with its fix',
    test: parity('models', 'trm_nopuz'),
  },
  {
    where: 'trm.py:170',
    there: 'a puzzle vector longer than its prefix crashes',
    here: 'refused by `validate`, with the length that fits',
    test: trm('finds shapes that cannot work'),
  },
  {
    where: 'trm_hier6.py:234',
    there: '`L_cycles` above 6: IndexError in a step',
    here: 'refused by `validate`',
    test: hier6('refuses more updates a cycle than it has latents'),
  },
  {
    where: 'trm.py:146, hrm.py:144',
    there: 'an unknown `pos_encodings`, or a misspelt key, is ignored without a word',
    here: 'refused, with the nearest name; `from-reference` says which keys it drops',
    test: modelErrors,
  },
  {
    where: 'layers.py:38',
    there: 'an odd head width with RoPE crashes',
    here: 'refused by `validate`',
    test: transformer('must leave an even number of channels'),
  },
  {
    where: 'losses.py:71, 88',
    there: 'rows without labels count as solved in q_halt_loss',
    here: 'the same in training, for equal numbers',
    test: losses('averages tokens per row'),
  },
  {
    where: 'sparse_embedding.py:24, 35',
    there: 'a training batch must have exactly the configured rows',
    here: 'every training batch is full; micro-batches of any divisor give the same result',
    test: trainerResume('goes on in micro-batches of another size'),
  },
  {
    where: 'pretrain.py:160, 307',
    there: '`freeze_weights` computes gradients of frozen weights and lets them grow',
    here: 'frozen weights cost no gradient',
    test: frozen('cost no gradient'),
  },
  {
    where: 'pretrain.py:235, 621',
    there: 'a checkpoint is the model alone; with EMA the raw weights are lost',
    here: 'a checkpoint holds everything; a run goes on bit for bit',
    test: faults('ends with the same bits after SIGKILL'),
  },
  {
    where: 'pretrain.py:252',
    there: '`load_checkpoint` fits the puzzle table only in compiled models, crashes without one',
    here: 'rows go by the name of their identifier, or as `loadCheckpoint.table` says',
    test: tableRows('without names keep their places'),
  },
  {
    where: 'pretrain.py:364',
    there: 'without test data the first evaluation crashes',
    here: 'a warning before training; a misspelt split is refused',
    test: ['packages/core/src/stages/evaluate.test.ts', 'warns and evaluates nothing'],
  },
  {
    where: 'pretrain.py:410, puzzle_dataset.py:138',
    there: 'two `data_paths`: the evaluation raises KeyError',
    here: 'dataset `combined`, one evaluation for each',
    test: fromReference('test-reference-folder-2'),
  },
  {
    where: 'pretrain.py:430',
    there: '`eval_save_outputs` fails in a new folder',
    here: 'evaluator `predictions` writes into the evaluation’s folder',
    test: ['test/e2e/evaluation.e2e.ts', 'dumps the answers that were measured'],
  },
  {
    where: 'pretrain.py:455',
    there: 'a set of which nothing counts gives NaN; losses are divided differently in evaluation',
    here: 'the same division, for equal numbers; padding rows are left out of every metric',
    test: parity('evaluate', 'evaluate'),
  },
  {
    where: 'pretrain.py:612',
    there: 'EMA also moves in calls beyond the last step',
    here: 'there are no such calls; the test adds that one update to compare',
    test: parity('train-loop', 'train_loop'),
  },
  {
    where: 'puzzle_dataset.py:36',
    there: 'examples are drawn by a generator without seed of its own: ranks disagree',
    here: 'every draw is a function of (seed, epoch, place)',
    test: sampler('orders an epoch by (seed, epoch) alone'),
  },
  {
    where: 'puzzle_dataset.py:87',
    there: 'datasets with different numbers of identifiers cannot be combined',
    here: 'each puzzle of `combined` has an identifier of its own',
    test: combined('gives puzzles identifiers of their own'),
  },
  {
    where: 'build_arc_dataset.py:128, 158',
    there: 'the order of a set of strings decides the data, despite the seed',
    here: 'a dataset is a function of its options',
    test: arc('reads folders to the same dataset as combined files'),
  },
  {
    where: 'build_sudoku_dataset.py:29, 80, 140',
    there: 'no seed; arrays of int64 once augmented; `total_puzzles` is the number of groups',
    here: 'seeded; int32 in Arrow; versions made while sampling',
    test: sudoku('is a function of the seed'),
  },
  {
    where: 'build_maze_dataset.py:27, README',
    there: 'augmentation is off, though the README says "8 augments"',
    here: 'stage `augment` with `dihedral`, if it is in the file; `from-reference` follows the command',
    test: translated('is built by the command of that folder'),
  },
  {
    where: 'evaluators/arc.py:110',
    there: 'a single process crashes at the first result',
    here: 'one process is all there is',
    test: ['test/e2e/arc.e2e.ts', 'builds, trains and votes'],
  },
  {
    where: 'evaluators/arc.py:46, 63',
    there: 'votes of all former evaluations stay in, unsaid',
    here: '`pooled: false` by default; `from-reference` writes `pooled: true`, as the reference does',
    test: arcEvaluators('pools only when asked'),
  },
  {
    where: 'evaluators/arc.py:85',
    there: 'halting logits are not filtered as the answers are',
    here: 'padding rows never reach an evaluator',
    test: evaluationBatches('keeps the order and pads the last batch'),
  },
  {
    where: 'evaluators/arc.py:134',
    there: 'a test pair without votes is missing in the submission',
    here: 'it has an entry, and is counted',
    test: arcEvaluators('submits something for pairs without votes'),
  },
  {
    where: 'mlp_t at its first values',
    there: 'rounding grows about thirtyfold a supervision step',
    here: 'so it does here: engines agree step by step, not over a whole thought',
    test: parity('models', 'trm_mlp'),
  },
  {
    where: 'checkpoint and command line',
    there: 'no command evaluates, predicts or exports',
    here: '`pipeline evaluate`, `predict`, `export`',
    test: exchange('can be asked, trained on and evaluated'),
  },
  {
    where: 'pretrain.py, evaluation during training',
    there: 'sixteen steps for every row, whatever its halting logit',
    here: 'the same by default; stage `test-time-compute` measures halting and other depths',
    test: testTimeCompute('measures the last checkpoint when training has ended'),
  },
];
