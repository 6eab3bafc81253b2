/** Commands of public repositories of HRM and its forks, as `public-trm-commands.ts` has TRM's. */
import type { PublicCommand } from './public-trm-commands.ts';

const sudoku = { use: 'sudoku', subsampleSize: 1000 };
const folder = (name: string) => ({ use: 'reference-folder', folder: name });
const model = { use: 'hrm', hCycles: 2, lCycles: 2, hLayers: 4, lLayers: 4, hiddenSize: 512 };
const optimizer = (learningRate: number, weightDecay: number) => ({
  optimizer: { learningRate, weightDecay },
  rowOptimizer: { learningRate, weightDecay },
});
const SUDOKU = 'data_path=data/sudoku-extreme-1k-aug-1000';
const RATES = 'lr=7e-5 puzzle_emb_lr=7e-5 weight_decay=1.0 puzzle_emb_weight_decay=1.0';
const FASTER = 'lr=1e-4 puzzle_emb_lr=1e-4 weight_decay=1.0 puzzle_emb_weight_decay=1.0';

export const PUBLIC_HRM_COMMANDS: readonly PublicCommand[] = [
  {
    from: 'README, Sudoku on a laptop, with its data',
    text: `# Download and build Sudoku dataset\npython dataset/build_sudoku_dataset.py --output-dir data/sudoku-extreme-1k-aug-1000  --subsample-size 1000 --num-aug 1000\n\n# Start training (single GPU, smaller batch size)\nOMP_NUM_THREADS=8 python pretrain.py ${SUDOKU} epochs=20000 eval_interval=2000 global_batch_size=384 ${RATES}`,
    dataset: sudoku,
    versions: 1000,
    train: {
      model,
      ...optimizer(7e-5, 1),
      globalBatchSize: 384,
      epochs: 20000,
      evalInterval: 2000,
    },
  },
  {
    from: 'README, Sudoku on 8 GPUs',
    text: `OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py ${SUDOKU} epochs=20000 eval_interval=2000 ${FASTER}`,
    dataset: sudoku,
    train: { model, ...optimizer(1e-4, 1), globalBatchSize: 768 },
  },
  {
    from: 'README, Maze',
    text: `OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py data_path=data/maze-30x30-hard-1k epochs=20000 eval_interval=2000 ${FASTER}`,
    dataset: { use: 'maze' },
    train: { model, epochs: 20000 },
  },
  {
    from: 'README, ARC-1 alone',
    text: 'OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py ',
    refused: ['REFERENCE_REPOSITORY_UNCLEAR', 'neither'],
  },
  {
    from: 'README, ARC-1 with its data',
    text: 'python dataset/build_arc_dataset.py  # ARC official + ConceptARC, 960 examples\nOMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py ',
    dataset: {
      use: 'arc',
      source: {
        folders: {
          training: 'dataset/raw-data/ARC-AGI/data/training',
          evaluation: 'dataset/raw-data/ARC-AGI/data/evaluation',
          concept: 'dataset/raw-data/ConceptARC/corpus',
        },
      },
      testSubsets: ['evaluation'],
    },
    versions: 1000,
    train: { model, optimizer: { learningRate: 1e-4 }, rowOptimizer: { learningRate: 1e-2 }, epochs: 100000 }, // prettier-ignore
  },
  {
    from: 'README, ARC-2',
    text: 'OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py data_path=data/arc-2-aug-1000',
    dataset: { use: 'arc', subsets: ['training2', 'evaluation2'], testSubsets: ['evaluation2'] },
    versions: 1000,
    train: { model },
  },
  {
    from: 'README, the whole of Sudoku-Hard',
    text: 'OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py data_path=data/sudoku-hard-full epochs=100 eval_interval=10 lr_min_ratio=0.1 global_batch_size=2304 lr=3e-4 puzzle_emb_lr=3e-4 weight_decay=0.1 puzzle_emb_weight_decay=0.1 arch.loss.loss_type=softmax_cross_entropy arch.L_cycles=8 arch.halt_max_steps=8 arch.pos_encodings=learned',
    dataset: folder('data/sudoku-hard-full'),
    train: { model: { ...model, lCycles: 8, haltMaxSteps: 8, positionEncoding: 'learned', loss: 'softmax' }, optimizer: { minLearningRateRatio: 0.1, learningRate: 3e-4 }, globalBatchSize: 2304 }, // prettier-ignore
  },
  {
    from: 'README, evaluation',
    text: 'OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 evaluate.py checkpoint=<CHECKPOINT_PATH>',
    refused: ['REFERENCE_TRAINING_MISSING', 'evaluate.py checkpoint=<CHECKPOINT_PATH>'],
  },
  {
    from: 'README of a port: no GPU',
    text: `DISABLE_COMPILE=1 WANDB_MODE=offline OMP_NUM_THREADS=8 python pretrain.py ${SUDOKU} epochs=1000 eval_interval=100 global_batch_size=4 ${RATES}`,
    dataset: sudoku,
    train: { globalBatchSize: 4, epochs: 1000 },
  },
  {
    from: 'issue: log into a file, in the background',
    text: `$ WANDB_MODE=offline OMP_NUM_THREADS=96 torchrun --nproc-per-node 1 pretrain.py ${SUDOKU} epochs=20000 eval_interval=20000 ${FASTER} > training-1.log 2>&1 &\ndisown`,
    dataset: sudoku,
    train: { evalInterval: 20000 },
  },
  {
    from: 'fork: 300 augmentations',
    text: `#!/bin/bash\n\n# Create dataset with 300 augmentations\npython dataset/build_sudoku_dataset.py --output-dir data/sudoku-extreme-1k-aug-300 --subsample-size 1000 --num-aug 300\n\n# Train (adjust data_path to match)\nOMP_NUM_THREADS=8 python pretrain.py data_path=data/sudoku-extreme-1k-aug-300 epochs=20000 eval_interval=2000 global_batch_size=384 ${RATES}`,
    dataset: sudoku,
    versions: 300,
    train: { globalBatchSize: 384 },
  },
  {
    from: 'fork: two data sets are built, one is trained on: the hints are an option of the fork',
    text: `python dataset/build_sudoku_dataset.py --output-dir data/sudoku-extreme-1k-aug-1000-hint  --subsample-size 1000 --num-aug 1000 --hint \nOMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py data_path=data/sudoku-extreme-1k-aug-1000-hint epochs=40000 eval_interval=1000 ${FASTER}`,
    refused: ['REFERENCE_KEY_UNKNOWN', '--hint'],
  },
  {
    from: 'the same, the training alone: not taken for the data without hints',
    text: `OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py data_path=data/sudoku-extreme-1k-aug-1000-hint epochs=40000 eval_interval=1000 ${FASTER}`,
    dataset: folder('data/sudoku-extreme-1k-aug-1000-hint'),
    train: { model, epochs: 40000, evalInterval: 1000 },
  },
  {
    from: 'fork: tiny, on a cluster',
    text: `salloc -C gpu -G 1 -N 1 -q interactive -t 02:00:00\ncd /global/homes/x/HRM\nsource .venv/bin/activate\nDISABLE_COMPILE=1 OMP_NUM_THREADS=8 python pretrain.py data_path=data/sudoku-extreme-small epochs=500 eval_interval=100 global_batch_size=4 ${FASTER} arch.hidden_size=32 arch.H_layers=1 arch.L_layers=1 arch.num_heads=1 arch.expansion=2`,
    dataset: folder('data/sudoku-extreme-small'),
    train: { model: { hiddenSize: 32, hLayers: 1, lLayers: 1, numHeads: 1, expansion: 2, puzzleEmbeddingDim: 32 } }, // prettier-ignore
  },
  {
    from: 'fork: smoke test with a key of its own',
    text: `DATA_PATH="data/sudoku-extreme-1k-aug-1000"\npython pretrain.py \\\n    data_path=$DATA_PATH \\\n    arch=hrm_v1 \\\n    +arch.forward_dtype=float32 \\\n    arch.hidden_size=8 \\\n    +smoke_test=true \\\n    epochs=1`,
    refused: ['REFERENCE_KEY_UNKNOWN', 'smoke_test'],
  },
  {
    from: 'the same without it',
    text: `DATA_PATH="data/sudoku-extreme-1k-aug-1000"\npython pretrain.py \\\n    data_path=$DATA_PATH \\\n    arch=hrm_v1 \\\n    +arch.forward_dtype=float32 \\\n    arch.hidden_size=8 \\\n    arch.H_layers=1 \\\n    arch.L_layers=1 \\\n    arch.puzzle_emb_ndim=8 \\\n    arch.num_heads=1 \\\n    arch.expansion=1.0 \\\n    global_batch_size=1 \\\n    epochs=1 \\\n    eval_interval=1 \\\n    checkpoint_every_eval=False`,
    dataset: sudoku,
    train: { model: { use: 'hrm', hiddenSize: 8, expansion: 1, puzzleEmbeddingDim: 8 }, globalBatchSize: 1 }, // prettier-ignore
  },
  {
    from: 'fork: a gated model',
    text: 'python pretrain.py arch=hrm_v1_gated',
    refused: ['REFERENCE_ARCH_UNKNOWN', 'hrm_v1_gated'],
  },
  {
    from: 'fork: gates as keys',
    text: 'python pretrain.py \\\n    arch=hrm_v1 \\\n    arch.use_gating=true \\\n    arch.gate_hidden_ratio=0.25',
    refused: ['REFERENCE_KEY_UNKNOWN', 'arch.use_gating, arch.gate_hidden_ratio'],
  },
  {
    from: 'fork URM: TRM on one folder',
    text: `run_name="pretrain_att_sudoku"\ncheckpoint_path="checkpoints/\${run_name}" \nmkdir -p $checkpoint_path\n\ntorchrun --nproc-per-node 1 pretrain.py \\\narch=trm \\\n${SUDOKU} \\\nevaluators="[]" \\\nepochs=50000 eval_interval=2000 \\\n${FASTER} \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=6 \\\n+run_name=\${run_name} \\\n+checkpoint_path=\${checkpoint_path} \\\n+ema=True\n`,
    name: 'pretrain_att_sudoku',
    dataset: sudoku,
    train: { model: { use: 'trm', numLayers: 2, hCycles: 3, lCycles: 6 }, averager: { use: 'ema' }, evalInterval: 2000 }, // prettier-ignore
  },
  {
    from: 'fork URM: its own model',
    text: `run_name="URM-sudoku"\ntorchrun --nproc-per-node 8 pretrain.py \\\ndata_path=PATH_TO_SUDOKU \\\narch=urm arch.loops=16 arch.H_cycles=2 arch.L_cycles=6 arch.num_layers=4`,
    refused: ['REFERENCE_ARCH_UNKNOWN', 'urm'],
  },
  {
    from: 'fork: arguments in a variable',
    text: `COMMON_ARGS="data_path=data/arc1concept-aug-1000 \\\n  epochs=31590 \\\n  eval_interval=2106 \\\n  global_batch_size=512 \\\n  lr=3e-4 \\\n  lr_warmup_steps=100 \\\n  puzzle_emb_weight_decay=0.01"\n\nrun_name="R7d-$(date +%y%m%d)"\nDISABLE_COMPILE=1 $CONDA_RUN torchrun --nproc-per-node 1 pretrain.py \\\n  arch=hrm_v1 \\\n  weight_decay=0.1 \\\n  $COMMON_ARGS \\\n  +run_name="$run_name"`,
    name: 'R7d-',
    dataset: { use: 'arc', subsets: ['training', 'evaluation', 'concept'] },
    train: { epochs: 31590, evalInterval: 2106, globalBatchSize: 512, optimizer: { learningRate: 3e-4, warmupSteps: 100 }, rowOptimizer: { weightDecay: 0.01 } }, // prettier-ignore
  },
  {
    from: 'fork: a loop over architectures, in a function',
    text: `run_experiment() {\n  local ARCH=$1\n  local NAME=$2\n  torchrun --nproc-per-node 1 pretrain.py \\\n    data_path=data/x \\\n    arch=$ARCH \\\n    epochs=10 \\\n    +run_name=$NAME\n}\n\nrun_experiment hrm_v1 "first"\nrun_experiment hrm "second"\n`,
    training: 2,
    name: 'second',
    dataset: folder('data/x'),
    train: { model: { use: 'hrm' }, epochs: 10 },
  },
  {
    from: 'guide in another language: continued lines, comments between',
    text: 'OMP_NUM_THREADS=8 python pretrain.py \\\n  data_path=data/arc-aug-1000 \\\n  epochs=100000 eval_interval=10000 \\\n  global_batch_size=384 lr=1e-4 puzzle_emb_lr=1e-4 \\\n  weight_decay=0.1 puzzle_emb_weight_decay=0.1',
    dataset: { use: 'arc', subsets: ['training', 'evaluation', 'concept'] },
    versions: 1000,
    train: { globalBatchSize: 384, ...optimizer(1e-4, 0.1) },
  },
  {
    from: 'guide: three dots for the rest',
    text: 'OMP_NUM_THREADS=8 torchrun --nproc-per-node 8 pretrain.py data_path=...',
    refused: ['REFERENCE_COMMAND_INVALID', 'data_path=...'],
  },
  {
    from: 'notebook cell',
    text: `!pip install -r requirements.txt\nimport os\nos.environ['WANDB_MODE'] = 'offline'\n!python pretrain.py ${SUDOKU} epochs=5 eval_interval=1 global_batch_size=128 ${RATES}`,
    dataset: sudoku,
    train: { epochs: 5, globalBatchSize: 128 },
  },
];
