/** Texts as people paste them: what a shell makes of them, or an error with the place. */
import { EddyError } from '@eddy/tensor/errors';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { fromReferenceCommands, type TranslationOptions } from './translate.ts';

interface Pipeline {
  readonly name: string;
  readonly build: { readonly dataset: Readonly<Record<string, unknown>> };
  readonly train: Readonly<Record<string, unknown>> & {
    readonly model: Readonly<Record<string, unknown>>;
    readonly optimizer: Readonly<Record<string, unknown>>;
  };
}

const MAZE = 'data_paths="[data/maze-30x30-hard-1k]"';

function translated(text: string, options?: TranslationOptions) {
  const { yaml, notes } = fromReferenceCommands(text, options);
  return { ...(parse(yaml) as Pipeline), notes: notes.map(({ what }) => what) };
}

function refused(text: string, options?: TranslationOptions): Record<string, unknown> {
  try {
    fromReferenceCommands(text, options);
  } catch (error) {
    if (!(error instanceof EddyError)) throw error;
    return { exitCode: error.exitCode, ...error.facts };
  }
  throw new Error('it was translated');
}

describe('shell', () => {
  it.each([
    ['environment in front', 'OMP_NUM_THREADS=8 python pretrain.py arch=trm epochs=7'],
    ['a tool that starts Python', 'DISABLE_COMPILE=1 uv run python pretrain.py arch=trm epochs=7'],
    ['the script alone', 'uv run pretrain.py arch=trm epochs=7'],
    ['python -m', 'python -m pretrain arch=trm epochs=7'],
    [
      'torch.distributed.run',
      'python -m torch.distributed.run --nproc_per_node=2 pretrain.py arch=trm epochs=7',
    ],
    ['accelerate', 'accelerate launch --num_processes 2 pretrain.py arch=trm epochs=7'],
    ['a path', 'cd /x && /opt/bin/python3.10 -u ./TRM/pretrain.py arch=trm epochs=7'],
    ['a pipe', 'python pretrain.py arch=trm epochs=7 2>&1 | tee train.log'],
    ['a redirection', 'nohup python pretrain.py arch=trm epochs=7 > t.log 2>&1 &'],
    ['both', 'python pretrain.py arch=trm epochs=7 &> t.log'],
    ['lines that go on', 'python pretrain.py \\\n  arch=trm \\\n  epochs=7\n'],
    ['a blank behind the backslash', 'python pretrain.py arch=trm \\ \nepochs=7'],
    ['PowerShell', 'python pretrain.py arch=trm `\n  epochs=7'],
    ['cmd', 'python pretrain.py arch=trm ^\r\n  epochs=7'],
    ['a prompt', '$ python pretrain.py arch=trm epochs=7'],
    ['a notebook', '%cd TRM\n!python pretrain.py arch=trm epochs=7'],
    ['a variable', 'E=7\npython pretrain.py arch=trm epochs=${E}'],
    ['a default', 'E=${EPOCHS:-7}\npython pretrain.py arch=trm epochs="$E"'],
    ['a sum', 'E=3\npython pretrain.py arch=trm epochs=$((E*2+1))'],
    ['words in a variable', 'ARGS="arch=trm epochs=7"\npython pretrain.py $ARGS'],
    ['an array', 'A=(arch=trm)\nA+=("epochs=7")\npython pretrain.py "${A[@]}" "$@"'],
    [
      'a command in a variable',
      'R="torchrun --nproc-per-node 4"\n$R pretrain.py arch=trm epochs=7',
    ],
    [
      'a function',
      'go() { python pretrain.py arch=$1 "${@}"; }\nrun() { python pretrain.py arch=$1 epochs=$2; }\nrun trm 7',
    ],
    ['a loop of one', 'for e in 7; do python pretrain.py arch=trm epochs=$e; done'],
    [
      'a condition',
      'if [ -d x ]; then\n  python pretrain.py arch=trm epochs=7\nelse\n  torchrun pretrain.py arch=trm epochs=7\nfi',
    ],
    ['a case', 'A=b\ncase $A in a) E=1;; b) E=7;; esac\npython pretrain.py arch=trm epochs=$E'],
    ['sbatch', 'sbatch --gpus=4 --wrap="cd TRM && python pretrain.py arch=trm epochs=7"'],
    [
      'a here-document',
      'E=7\nsbatch <<EOF\n#!/bin/bash\n#SBATCH --gres=gpu:1\nsrun python pretrain.py arch=trm epochs=$E\nEOF',
    ],
    ['docker', 'docker run --gpus all --rm trm bash -lc "python pretrain.py arch=trm epochs=7"'],
    [
      'docker without a shell',
      'docker run --rm -v $PWD:/w trm python pretrain.py arch=trm epochs=7',
    ],
    ['ssh and tmux', `ssh host 'tmux new -d "python pretrain.py arch=trm epochs=7"'`],
    [
      'a code block',
      '# TRM\nIt\'s small (really).\n```bash\npython pretrain.py arch=trm epochs=7\n```\n```python\nx = "\n```',
    ],
    ['prose between', 'python pretrain.py arch=trm epochs=7\n\nExpected: around 87% (+- 2%)\n'],
    ['a comment', 'python pretrain.py arch=trm epochs=7 # 5 minutes'],
  ])('%s', (_name, text) => {
    expect(translated(text).train).toMatchObject({ model: { use: 'trm' }, epochs: 7 });
  });

  it('tells of the blank behind a backslash, by its line', () => {
    const { name, train, notes } = translated(
      `python pretrain.py arch=trm ${MAZE} epochs=500 arch.mlp_t=True global_batch_size=1536 \\ \n+run_name=x ema=True\n`,
    );
    expect(name).toBe('x');
    expect(train).toMatchObject({
      epochs: 500,
      globalBatchSize: 1536,
      averager: { use: 'ema' },
      model: { mlpT: true },
    });
    expect(notes).toContain('line 1: a blank after "\\"');
  });

  it.each([
    ['echo hello', 'REFERENCE_TRAINING_MISSING', 'echo hello'],
    ['', 'REFERENCE_TRAINING_MISSING', 'no command'],
    [
      'python train.py arch=trm epochs=5',
      'REFERENCE_TRAINING_MISSING',
      'train.py arch=trm epochs=5',
    ],
    [
      'torchrun evaluate.py checkpoint=c/step_1',
      'REFERENCE_TRAINING_MISSING',
      'evaluate.py checkpoint=c/step_1',
    ],
    ['python pretrain.py arch=trm lr=${lr}', 'REFERENCE_VARIABLE_UNSET', '${lr}'],
    ['python pretrain.py arch=trm data_paths=[$HOME/data/x]', 'REFERENCE_VARIABLE_UNSET', '$HOME'],
    ['python pretrain.py arch=trm lr=$a epochs=${b:?}', 'REFERENCE_VARIABLE_UNSET', '$a, ${b:?}'],
    ['python pretrain.py arch=trm $EXTRA', 'REFERENCE_VARIABLE_UNSET', '$EXTRA'],
    ['python pretrain.py arch=trm epochs=$(cat e)', 'REFERENCE_VARIABLE_UNSET', '$(cat e)'],
    [
      'if true; then E=1; fi\npython pretrain.py arch=trm epochs=$E',
      'REFERENCE_VARIABLE_UNSET',
      '$E',
    ],
    [
      'python pretrain.py arch=trm data_paths=<PATH>',
      'REFERENCE_COMMAND_INVALID',
      'data_paths=<PATH>',
    ],
    [
      'python pretrain.py arch=trm data_paths=<PATH> epochs=5',
      'REFERENCE_COMMAND_INVALID',
      'data_paths=<PATH>',
    ],
    [
      'python pretrain.py arch=trm epochs="5',
      'REFERENCE_COMMAND_INVALID',
      'python pretrain.py arch=trm epochs="5',
    ],
    [
      'python pretrain.py arch=trm\n+run_name=x ema=True',
      'REFERENCE_COMMAND_INVALID',
      '+run_name=x ema=True',
    ],
    ['python pretrain.py arch=trm\nepochs=5', 'REFERENCE_COMMAND_INVALID', 'epochs=…'],
    ['python pretrain.py arch=trm --epochs 5', 'REFERENCE_COMMAND_INVALID', '--epochs'],
    ['python pretrain.py -m arch=trm lr=1e-4,2e-4', 'REFERENCE_COMMAND_INVALID', '-m'],
    [
      'python pretrain.py --config-name cfg_mine arch=trm',
      'REFERENCE_COMMAND_INVALID',
      '--config-name cfg_mine',
    ],
    ['python pretrain.py epochs=5', 'REFERENCE_REPOSITORY_UNCLEAR', 'neither'],
    [
      'for s in 1 2; do python pretrain.py arch=trm seed=$s; done',
      'REFERENCE_TRAININGS_SEVERAL',
      '1: python pretrain.py arch=trm seed=1; 2: python pretrain.py arch=trm seed=2',
    ],
    [
      'python dataset/build_sudoku_dataset.py --hint; python pretrain.py arch=trm',
      'REFERENCE_KEY_UNKNOWN',
      '--hint (no option of python dataset/build_sudoku_dataset.py)',
    ],
    [
      'python pretrain.py arch=trm arch.dropout=0.2',
      'REFERENCE_KEY_UNKNOWN',
      'arch.dropout (the reference’s models have no dropout)',
    ],
  ])('refuses %j', (text, code, received) => {
    expect(refused(text)).toMatchObject({ code, received, exitCode: 2 });
  });

  it('says where it did not understand', () => {
    expect(refused('E=1\n\npython pretrain.py arch=trm lr=${lr}')).toMatchObject({
      at: 'line 3: lr',
      fix: 'put a line lr=VALUE before the command, or write the value in place of ${lr}',
    });
    expect(refused('E=1\npython pretrain.py arch=trm "x')).toMatchObject({
      at: 'command line, line 2, column 29',
      fix: 'write the command as a shell takes it: close each quote and bracket, and quote values with blanks',
    });
  });

  it('takes the training that is asked for, and says which it leaves', () => {
    const two = 'python pretrain.py arch=trm epochs=1; python pretrain.py arch=trm epochs=2';
    const { train, notes } = translated(two, { training: 2 });
    expect(train).toMatchObject({ epochs: 2 });
    expect(notes).toContain('python pretrain.py arch=trm epochs=1');
    expect(refused(two, { training: 3 })).toMatchObject({ received: '3', expected: '1 to 2' });
  });

  it('does not show secrets', () => {
    expect(translated('WANDB_API_KEY=abc python pretrain.py arch=trm').notes).toContain(
      'WANDB_API_KEY=…',
    );
  });
});

describe('values as pydantic takes them', () => {
  it.each([
    ['ema=1', { averager: { use: 'ema' } }],
    ['ema=yes', { averager: { use: 'ema' } }],
    ['epochs="\'50\'"', { epochs: 50 }],
    ['global_batch_size=1_000', { globalBatchSize: 1000 }],
  ])('%s', (text, train) => {
    expect(translated(text).train).toMatchObject(train);
  });
});

describe('HRM’s commands', () => {
  it('have its defaults and one folder', () => {
    const { build, train } = translated(
      'OMP_NUM_THREADS=8 python pretrain.py data_path=data/sudoku-extreme-1k-aug-1000 epochs=20000 ' +
        'eval_interval=2000 global_batch_size=384 lr=7e-5 puzzle_emb_lr=7e-5 weight_decay=1.0 puzzle_emb_weight_decay=1.0',
    );
    expect(build.dataset).toEqual({ use: 'sudoku', subsampleSize: 1000 });
    expect(train).toMatchObject({
      model: { use: 'hrm', hCycles: 2, lCycles: 2, hLayers: 4, lLayers: 4 },
      optimizer: { learningRate: 7e-5, weightDecay: 1 },
      globalBatchSize: 384,
      epochs: 20000,
      evalInterval: 2000,
    });
    expect(train).not.toHaveProperty('averager');
  });

  it('build ARC from folders', () => {
    const { build } = translated(
      'python dataset/build_arc_dataset.py --dataset-dirs dataset/raw-data/ARC-AGI-2/data --output-dir data/arc-2-aug-1000\n' +
        'torchrun --nproc-per-node 8 pretrain.py data_path=data/arc-2-aug-1000',
    );
    expect(build.dataset).toEqual({
      use: 'arc',
      source: {
        folders: {
          training: 'dataset/raw-data/ARC-AGI-2/data/training',
          evaluation: 'dataset/raw-data/ARC-AGI-2/data/evaluation',
        },
      },
      subsets: ['training', 'evaluation'],
      testSubsets: ['evaluation'],
    });
    expect(
      translated('python dataset/build_arc_dataset.py\ntorchrun --nproc-per-node 8 pretrain.py')
        .train.model,
    ).toMatchObject({ use: 'hrm' });
  });
});

it('reads a README whole: its blocks of commands, placeholders in those that are not asked for', () => {
  const readme = [
    "# HRM\nIt's a model (27M).\n```bash",
    'python dataset/build_sudoku_dataset.py --output-dir data/s --subsample-size 1000 --num-aug 1000',
    'python pretrain.py data_path=data/s epochs=20000',
    '```\n```bash',
    'python dataset/build_arc_dataset.py  # 960 examples',
    'python dataset/build_sudoku_dataset.py  # all\npython dataset/build_maze_dataset.py',
    '```\nThen:\n```bash\ntorchrun --nproc-per-node 8 pretrain.py\n```',
    '```bash\ntorchrun --nproc-per-node 8 evaluate.py checkpoint=<CHECKPOINT_PATH>\n```',
    "```bibtex\n@misc{x, title={Y's}}\n```",
  ].join('\n');
  expect(refused(readme)).toMatchObject({ code: 'REFERENCE_TRAININGS_SEVERAL' });
  const sudoku = translated(readme, { training: 1 });
  expect(sudoku.build.dataset).toEqual({ use: 'sudoku', subsampleSize: 1000 });
  const arc = translated(readme, { training: 2 });
  expect(arc.build.dataset).toMatchObject({
    use: 'arc',
    source: { folders: { concept: 'dataset/raw-data/ConceptARC/corpus' } },
  });
  expect(arc.train.model).toMatchObject({ use: 'hrm' });
});

describe('folders', () => {
  it('that are here are read, whatever their name', () => {
    const lookUp = () => ({ task: 'sudoku' as const });
    for (const name of ['sudoku-extreme-1k-aug-1000', 'research_puzzles']) {
      const { build, notes } = translated(
        `python pretrain.py arch=trm data_paths=[data/${name}] evaluators=[]`,
        { lookUp },
      );
      expect(build.dataset).toEqual({ use: 'reference-folder', folder: `data/${name}` });
      expect(notes).toEqual([]);
    }
  });

  it.each([
    'data/sudoku4x4',
    'data/research_puzzles',
    'data/sudoku-extreme-1k-aug-1000-hint',
    'data/mazes',
  ])('%s, not here, is not taken for a public data set', (folder) => {
    const { build, notes } = translated(`data_paths=[${folder}] evaluators=[]`);
    expect(build.dataset).toEqual({ use: 'reference-folder', folder });
    expect(notes).toEqual([`data_paths: ${folder}`]);
  });

  it('of a builder that is not the reference’s are read, not guessed', () => {
    const { build, notes } = translated(
      'python -m dataset.build_arc_dataset_dihedral --output-dir data/arc1concept-aug-10\n' +
        'python pretrain.py arch=trm data_paths=[data/arc1concept-aug-10] evaluators=[]',
    );
    expect(build.dataset).toEqual({ use: 'reference-folder', folder: 'data/arc1concept-aug-10' });
    expect(notes).toContain('data_paths: data/arc1concept-aug-10');
  });
});
