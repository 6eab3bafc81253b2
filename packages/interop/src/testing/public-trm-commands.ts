/**
 * Commands of public repositories of TinyRecursiveModels and its forks, as they are pasted: the facts of
 * each command line, and what must come out.
 */
export interface PublicCommand {
  /** Where such a command stands. */
  readonly from: string;
  readonly text: string;
  /** Code of the error, with what it names. */
  readonly refused?: readonly [code: string, received: string];
  readonly name?: string;
  readonly dataset?: Readonly<Record<string, unknown>>;
  readonly versions?: number;
  readonly train?: Readonly<Record<string, unknown>>;
  /** Training of the text, where it has several. */
  readonly training?: number;
}

const sudoku = { use: 'sudoku', subsampleSize: 1000 };
const maze = { use: 'maze' };
const arc1 = { use: 'arc', subsets: ['training', 'evaluation', 'concept'], testSubsets: ['evaluation'] }; // prettier-ignore
const arc2 = { use: 'arc', subsets: ['training2', 'evaluation2', 'concept'], testSubsets: ['evaluation2'] }; // prettier-ignore
const folder = (name: string) => ({ use: 'reference-folder', folder: name });
const rates = (
  learningRate: number,
  rows: number,
  weightDecay: number,
  rowDecay = weightDecay,
) => ({
  optimizer: { learningRate, weightDecay },
  rowOptimizer: { learningRate: rows, weightDecay: rowDecay },
});
const ema = { averager: { use: 'ema', rate: 0.999 } };
const attention = { use: 'trm', numLayers: 2, hCycles: 3, mlpT: false, positionEncoding: 'rope' };
const mixer = { ...attention, lCycles: 6, mlpT: true, positionEncoding: 'none' };

const RATES = 'lr=1e-4 puzzle_emb_lr=1e-4 weight_decay=1.0 puzzle_emb_weight_decay=1.0';
const SUDOKU = 'data_paths="[data/sudoku-extreme-1k-aug-1000]" evaluators="[]" epochs=50000 eval_interval=5000'; // prettier-ignore
const MAZE = 'data_paths="[data/maze-30x30-hard-1k]" evaluators="[]" epochs=50000 eval_interval=5000'; // prettier-ignore
const RENDEZVOUS = '--rdzv_backend=c10d --rdzv_endpoint=localhost:0 --nnodes=1';

export const PUBLIC_TRM_COMMANDS: readonly PublicCommand[] = [
  {
    from: 'README, Sudoku, MLP',
    text: `run_name="pretrain_mlp_t_sudoku"\npython pretrain.py \\\narch=trm \\\n${SUDOKU} \\\n${RATES} \\\narch.mlp_t=True arch.pos_encodings=none \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=6 \\\n+run_name=\${run_name} ema=True`,
    name: 'pretrain_mlp_t_sudoku',
    dataset: sudoku,
    versions: 1000,
    train: { model: mixer, ...rates(1e-4, 1e-4, 1), ...ema, globalBatchSize: 768, epochs: 50000, evalInterval: 5000 }, // prettier-ignore
  },
  {
    from: 'README, the block of both Sudoku trainings with its line of prose: the second',
    text: `run_name="pretrain_mlp_t_sudoku"\npython pretrain.py \\\narch=trm ${SUDOKU} arch.mlp_t=True \\\n+run_name=\${run_name} ema=True\n\nExpected: Around 87% exact-accuracy (+- 2%)\n\nrun_name="pretrain_att_sudoku"\npython pretrain.py \\\narch=trm ${SUDOKU} \\\n${RATES} \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=6 \\\n+run_name=\${run_name} ema=True`,
    training: 2,
    name: 'pretrain_att_sudoku',
    dataset: sudoku,
    train: { model: { ...attention, lCycles: 6 }, ...rates(1e-4, 1e-4, 1), ...ema },
  },
  {
    from: 'README, the same without a choice',
    text: `python pretrain.py arch=trm ${SUDOKU} arch.mlp_t=True\n\nExpected: Around 87% exact-accuracy (+- 2%)\n\npython pretrain.py arch=trm ${SUDOKU}`,
    refused: ['REFERENCE_TRAININGS_SEVERAL', '2: python pretrain.py'],
  },
  {
    from: 'README, Maze, 4 GPUs',
    text: `run_name="pretrain_att_maze30x30"\ntorchrun --nproc-per-node 4 ${RENDEZVOUS} pretrain.py \\\narch=trm \\\n${MAZE} \\\n${RATES} \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=4 \\\n+run_name=\${run_name} ema=True`,
    name: 'pretrain_att_maze30x30',
    dataset: maze,
    train: { model: { ...attention, lCycles: 4 }, ...rates(1e-4, 1e-4, 1), ...ema, globalBatchSize: 768 }, // prettier-ignore
  },
  {
    from: 'README, Maze, 1 GPU, with its data',
    text: `python dataset/build_maze_dataset.py # 1000 examples, 8 augments\nrun_name="pretrain_att_maze30x30_1gpu"\npython pretrain.py \\\narch=trm ${MAZE} ${RATES} global_batch_size=128 \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=4 \\\n+run_name=\${run_name} ema=True`,
    name: 'pretrain_att_maze30x30_1gpu',
    dataset: maze,
    train: { globalBatchSize: 128, epochs: 50000 },
  },
  {
    from: 'README, ARC-AGI-1, with its data',
    text: `python -m dataset.build_arc_dataset \\\n  --input-file-prefix kaggle/combined/arc-agi \\\n  --output-dir data/arc1concept-aug-1000 \\\n  --subsets training evaluation concept \\\n  --test-set-name evaluation\nrun_name="pretrain_att_arc1concept_4"\ntorchrun --nproc-per-node 4 ${RENDEZVOUS} pretrain.py \\\narch=trm \\\ndata_paths="[data/arc1concept-aug-1000]" \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=4 \\\n+run_name=\${run_name} ema=True\n`,
    name: 'pretrain_att_arc1concept_4',
    dataset: { ...arc1, source: { combined: 'kaggle/combined/arc-agi' } },
    versions: 1000,
    train: { model: { ...attention, lCycles: 4 }, ...rates(1e-4, 1e-2, 0.1), ...ema, epochs: 100000, evalInterval: 10000 }, // prettier-ignore
  },
  {
    from: 'README, ARC-AGI-2',
    text: `run_name="pretrain_att_arc2concept_4"\ntorchrun --nproc-per-node 4 ${RENDEZVOUS} pretrain.py arch=trm data_paths="[data/arc2concept-aug-1000]" arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${run_name} ema=True`,
    dataset: arc2,
    versions: 1000,
  },
  {
    from: 'a user’s baseline, quoted by the recipe sudoku-transformer-small',
    text: `WANDB_MODE=offline python pretrain.py arch=transformers_baseline data_paths="[data/sudoku-extreme-1k-aug-1000]" evaluators="[]" epochs=10000 eval_interval=2000 ${RATES} arch.H_layers=4 arch.hidden_size=256 arch.num_heads=8 arch.halt_max_steps=8 +run_name=transformer_small ema=True`,
    dataset: sudoku,
    train: { model: { use: 'transformer', numLayers: 4, hiddenSize: 256, numHeads: 8, haltMaxSteps: 8 }, ...rates(1e-4, 1e-4, 1), ...ema }, // prettier-ignore
  },
  {
    from: 'notes: 8 GPUs, a blank behind a backslash',
    text: `run_name="pretrain_mlp_t_sudoku"\n\ntorchrun --nproc-per-node=8 ${RENDEZVOUS} pretrain.py \\\narch=trm \\\n${SUDOKU} \\\nlr=2e-4 puzzle_emb_lr=1e-4 weight_decay=1.0 puzzle_emb_weight_decay=1.0 \\\narch.mlp_t=True arch.pos_encodings=none \\\narch.L_layers=2 \\\narch.H_cycles=3 arch.L_cycles=6 \\\nlr_warmup_steps=4000 \\\nglobal_batch_size=1536 \\ \n+run_name=\${run_name} ema=True`,
    name: 'pretrain_mlp_t_sudoku',
    dataset: sudoku,
    train: { model: mixer, ...ema, optimizer: { learningRate: 2e-4, warmupSteps: 4000 }, globalBatchSize: 1536 }, // prettier-ignore
  },
  {
    from: 'notes: a run_name that an earlier line lacks',
    text: `torchrun --nproc-per-node=8 ${RENDEZVOUS} pretrain.py arch=trm ${MAZE} global_batch_size=1536 lr=2e-4 lr_warmup_steps=4000 puzzle_emb_lr=1e-4 checkpoint_every_eval=True weight_decay=1.0 puzzle_emb_weight_decay=1.0 arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${run_name} ema=True`,
    name: 'reference-trm',
    dataset: maze,
    train: { ...rates(2e-4, 1e-4, 1), globalBatchSize: 1536 },
  },
  {
    from: 'notes: MLP on ARC, lower-case true',
    text: `run_name="pretrain_att_arc1concept_h3l6"\ntorchrun --nproc-per-node 8 ${RENDEZVOUS} pretrain.py arch=trm data_paths="[data/arc1concept-aug-1000]" arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${run_name} ema=True lr=2e-4 weight_decay=0.1 global_batch_size=1536 lr_warmup_steps=4000 epochs=100000 puzzle_emb_lr=1e-2 eval_interval=5000 arch.mlp_t=true`,
    dataset: arc1,
    train: { model: { mlpT: true, lCycles: 4 }, globalBatchSize: 1536, evalInterval: 5000 },
  },
  {
    from: 'sbatch script of Slurm',
    text: `#!/bin/bash\n\n#SBATCH --job-name=trm\n#SBATCH --output=out_%j.log\n#SBATCH --gres=gpu:1\n\npython3 pretrain.py arch=trm ${SUDOKU} ${RATES} arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=pretrain_sudoku  ema=True global_batch_size=64`,
    name: 'pretrain_sudoku',
    dataset: sudoku,
    train: { globalBatchSize: 64, model: { ...attention, lCycles: 4 } },
  },
  {
    from: 'Slurm, srun and a background job that watches the GPU',
    text: `#!/bin/bash -l\n#SBATCH --gres=gpu:4\nmodule load cuda\nmkdir -p ./output\nwhile true; do\n  nvidia-smi >> ./output/gpu_\${SLURM_JOB_ID}.txt\n  sleep 10\ndone &\nrun_name="net_4heads"\nhidden_size=512\nnum_heads=4\nglobal_batch_size=128\nsrun torchrun --nproc-per-node 4 ${RENDEZVOUS} pretrain.py \\\narch=trm \\\ndata_paths="[data/mdm_dataset567/]" \\\nevaluators="[]" \\\nepochs=50000 eval_interval=100 \\\nglobal_batch_size=\${global_batch_size} \\\nlr=1e-4 puzzle_emb_lr=0 weight_decay=1.0 puzzle_emb_weight_decay=0 \\\narch.hidden_size=\${hidden_size} \\\narch.num_heads=\${num_heads} \\\narch.H_cycles=2 arch.L_cycles=2 \\\narch.pos_encodings=learned \\\n+run_name=\${run_name} ema=True`,
    name: 'net_4heads',
    dataset: folder('data/mdm_dataset567'),
    train: { globalBatchSize: 128, ...rates(1e-4, 0, 1, 0), model: { numHeads: 4, positionEncoding: 'learned', hCycles: 2, lCycles: 2 } }, // prettier-ignore
  },
  {
    from: 'the same with an arch of the fork',
    text: `torchrun --nproc-per-node 1 pretrain.py arch=trm_mdm data_paths="[data/mdm_dataset/]" epochs=50000`,
    refused: ['REFERENCE_ARCH_UNKNOWN', 'trm_mdm'],
  },
  {
    from: 'script that builds first, run name with the date, sources in a folder',
    text: `set -e\nDATA_DIR="src/data/sudoku"\nif [ ! -d "\${DATA_DIR}" ]; then\n  echo "building it..."\n  python src/dataset/build_sudoku_dataset.py \\\n    --output-dir src/data/sudoku \\\n    --subsample-size 1000 --num-aug 10\nelse\n  echo "found at \${DATA_DIR}"\nfi\ndate_tag=$(date +%Y%m%d_%H%M)\nrun_name="pretrain_sudoku_quick_\${date_tag}"\npython src/pretrain.py \\\n  arch=trm \\\n  data_paths="[src/data/sudoku]" \\\n  evaluators="[]" \\\n  epochs=2000 eval_interval=500 \\\n  ${RATES} \\\n  arch.mlp_t=True arch.pos_encodings=none \\\n  arch.L_layers=2 \\\n  arch.H_cycles=3 arch.L_cycles=6 \\\n  +run_name=\${run_name} ema=True\necho done\n`,
    name: 'pretrain_sudoku_quick_',
    dataset: sudoku,
    versions: 10,
    train: { epochs: 2000, evalInterval: 500, model: mixer },
  },
  {
    from: 'Windows batch size 64, two blanks, no quotes of the list',
    text: `python pretrain.py arch=trm data_paths="[data/sudoku-extreme-1k-aug-1000]" evaluators=[] epochs=100 eval_interval=100`,
    dataset: sudoku,
    train: { epochs: 100, evalInterval: 100, globalBatchSize: 768 },
  },
  {
    from: 'guide: a continuation behind the first line',
    text: `torchrun --nproc-per-node 4 pretrain.py arch=trm \\\n  data_paths="[data/arc1concept-aug-1000]" \\\n  arch.H_layers=2 arch.L_layers=2`,
    dataset: arc1,
    train: { model: { numLayers: 2, hCycles: 3, lCycles: 6 } },
  },
  {
    from: 'guide: weights to start from',
    text: `python pretrain.py \\\n  arch=trm \\\n  data_paths="[data/arc1concept-aug-1000]" \\\n  load_checkpoint="checkpoints/path/to/checkpoint" `,
    dataset: arc1,
    train: { loadCheckpoint: { from: 'checkpoints/path/to/checkpoint' } },
  },
  {
    from: 'fork with cells of 4 × 4, uv, float32',
    text: `#!/bin/sh\n\nDISABLE_COMPILE=1 uv run python pretrain.py \\\n    arch=trm \\\n    data_paths="[data/sudoku4x4]" \\\n    arch.halt_exploration_prob=0.0 \\\n    arch.halt_max_steps=4 \\\n    arch.H_cycles=2 \\\n    arch.L_cycles=2 \\\n    arch.H_layers=0 \\\n    arch.L_layers=1 \\\n    arch.hidden_size=64 \\\n    arch.num_heads=2 \\\n    arch.expansion=2 \\\n    arch.puzzle_emb_ndim=4 \\\n    arch.forward_dtype=float32 \\\n    arch.puzzle_emb_len=4 \\\n    global_batch_size=512 \\\n    epochs=1500 \\\n    lr=0.001 \\\n    puzzle_emb_lr=0.01 \\\n    weight_decay=0.0 \\\n    puzzle_emb_weight_decay=0.0 \\\n    lr_warmup_steps=0 \\\n    eval_interval=1 \\\n    +entity="somebody" \\\n    +project_name="totrm-sudoku4x4"\n`,
    dataset: folder('data/sudoku4x4'),
    train: { model: { haltMaxSteps: 4, haltExplorationProbability: 0, hiddenSize: 64, expansion: 2, puzzleEmbeddingDim: 4, puzzleEmbeddingLength: 4 }, ...rates(0.001, 0.01, 0), globalBatchSize: 512 }, // prettier-ignore
  },
  {
    from: 'fork with the cube of 2 × 2 × 2',
    text: `DISABLE_COMPILE=1 uv run python pretrain.py arch=trm data_paths="[data/rubik2x2]" arch.halt_exploration_prob=0.0 arch.halt_max_steps=8 arch.H_cycles=2 arch.L_cycles=2 arch.L_layers=1 arch.hidden_size=128 arch.num_heads=4 arch.expansion=2 arch.puzzle_emb_ndim=8 arch.forward_dtype=float32 arch.puzzle_emb_len=8 global_batch_size=256 epochs=5000 lr=0.001 puzzle_emb_lr=0.01 weight_decay=0.0 puzzle_emb_weight_decay=0.0 lr_warmup_steps=0 eval_interval=5 +project_name="rubik2x2"`,
    dataset: folder('data/rubik2x2'),
    train: { epochs: 5000, model: { haltMaxSteps: 8, numHeads: 4 } },
  },
  {
    from: 'fork with an arch and keys of its own',
    text: `uv run python pretrain.py arch=totrm data_paths="[data/arc2concept-aug-1000]" arch.tree_branching_steps=3`,
    refused: ['REFERENCE_ARCH_UNKNOWN', 'totrm'],
  },
  {
    from: 'fork with an optimizer of its own, one GPU by environment, commented lines behind',
    text: `#!/bin/bash\n\nrun_name="prodigy_no_warmup"\nCUDA_VISIBLE_DEVICES=4 python pretrain.py \\\narch=trm \\\n${SUDOKU} \\\noptim="prodigy" \\\nlr=1e-3 \\\n+run_name=\${run_name} \\\nema=True\n\n#arch.halt_max_steps=8 \\\n#+load_checkpoint="checkpoints/x/step_32550" \\\n`,
    refused: ['REFERENCE_KEY_UNKNOWN', 'optim (the optimizer is AdamATan2'],
  },
  {
    from: 'fork with corrections of its own',
    text: `python pretrain.py arch=trm 'data_paths=[data/sudoku-extreme-1k-aug-1000]' 'evaluators=[]' epochs=1 eval_interval=1 ${RATES} arch.H_cycles=3 arch.L_cycles=6 +boundary_only_correction=true +boundary_only_eps=1e-6 +kstep_correction=1 ema=True`,
    refused: ['REFERENCE_KEY_UNKNOWN', 'boundary_only_correction, boundary_only_eps, kstep_correction'], // prettier-ignore
  },
  {
    from: 'fork: python -u',
    text: `python -u pretrain.py \\\n    arch=trm \\\n    ${SUDOKU} \\\n    ${RATES} \\\n    arch.mlp_t=True arch.pos_encodings=none \\\n    arch.L_layers=2 \\\n    arch.H_cycles=3 arch.L_cycles=6 \\\n    +run_name=trm_r_mlp-sudoku_extreme ema=True`,
    name: 'trm_r_mlp-sudoku_extreme',
    train: { model: mixer },
  },
  {
    from: 'fork: evaluate.py with the keys of the training',
    text: `python evaluate.py \\\n  arch=trm \\\n  data_paths="[data/sudoku-extreme-1k-aug-1000]" \\\n  +load_checkpoint=checkpoints/x/step_65100`,
    refused: ['REFERENCE_TRAINING_MISSING', 'evaluate.py arch=trm'],
  },
  {
    from: 'fork: another script',
    text: `torchrun --nproc-per-node 8 ${RENDEZVOUS} \\\n  scripts/train.py \\\n  arch=trm \\\n  data_paths="[data/arc1concept-aug-1000]"`,
    refused: ['REFERENCE_TRAINING_MISSING', 'scripts/train.py'],
  },
  {
    from: 'fork: one environment assignment for the run name, in front',
    text: `TORCH_NCCL_ENABLE_MONITORING=0 run_name="pretrain_mlp_t_sudoku" torchrun --nproc-per-node 2 ${RENDEZVOUS}  pretrain.py arch=trm ${SUDOKU} ${RATES} arch.mlp_t=True arch.pos_encodings=none arch.L_layers=1 arch.H_cycles=3 arch.L_cycles=6 +run_name=\${run_name} ema=True`,
    name: 'reference-trm',
    train: { model: { ...mixer, numLayers: 1 } },
  },
  {
    from: 'fork: exported run name, tmux beside it',
    text: `tmux new -s trm_mamba\nexport run_name="pretrain_mamba_sudoku_smallbs"\n\npython pretrain.py   arch=trm   ${SUDOKU}   ${RATES}   arch.L_layers=2   arch.H_cycles=3 arch.L_cycles=6   global_batch_size=256   +run_name=\${run_name}   ema=True`,
    name: 'pretrain_mamba_sudoku_smallbs',
    train: { globalBatchSize: 256 },
  },
  {
    from: 'fork: numbers of GPUs decide between two commands of one experiment',
    text: `RUN_NAME="server_maze"\nNUM_GPUS=$(nvidia-smi --query-gpu=name --format=csv,noheader | wc -l)\nif [ "$NUM_GPUS" -gt 1 ]; then\n    torchrun --nproc_per_node=$NUM_GPUS pretrain.py arch=trm ${MAZE} ${RATES} arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${RUN_NAME} ema=True\nelse\n    python3 pretrain.py arch=trm ${MAZE} ${RATES} arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=4 +run_name=\${RUN_NAME} ema=True\nfi`,
    name: 'server_maze',
    dataset: maze,
    train: { model: { ...attention, lCycles: 4 } },
  },
  {
    from: 'fork: variables with defaults from the environment',
    text: `ARCH=\${ARCH:-trm}\nEPOCHS_A="\${EPOCHS_A:-1000}"\nexport WANDB_MODE="\${WANDB_MODE:-offline}"\npython pretrain.py \\\n  arch="\${ARCH}" \\\n  data_paths="[data/cl/task_a]" \\\n  evaluators="[]" \\\n  epochs="\${EPOCHS_A}" \\\n  eval_interval="\${EVAL_INTERVAL:-100}" \\\n  +checkpoint_path="\${TASK_A_CKPT_DIR}" \\\n  checkpoint_every_eval=True \\\n  ema="\${EMA:-False}"`,
    dataset: folder('data/cl/task_a'),
    train: { epochs: 1000, evalInterval: 100 },
  },
  {
    from: 'the same with a bag of further arguments that the text does not set',
    text: `python pretrain.py arch=trm data_paths="[data/cl/task_a]" epochs=5 \${EXTRA_PRETRAIN_ARGS}`,
    refused: ['REFERENCE_VARIABLE_UNSET', '${EXTRA_PRETRAIN_ARGS}'],
  },
  {
    from: 'fork: sbatch --wrap, several lines',
    text: `sbatch --parsable \\\n    --gres=gpu:1 \\\n    --job-name=maze_seq \\\n    --wrap="cd /home/x/TinyRecursiveModels && export DISABLE_COMPILE=1 WANDB_MODE=offline && python pretrain.py arch=trm data_paths='[data/cl/task_b]' evaluators='[]' epochs=600 eval_interval=600 global_batch_size=128 ${RATES} +run_name=seq_b checkpoint_every_eval=True ema=False arch.mlp_t=False arch.L_layers=2 lr_warmup_steps=0 lr_min_ratio=1.0"`,
    name: 'seq_b',
    dataset: folder('data/cl/task_b'),
    train: { epochs: 600, globalBatchSize: 128, optimizer: { warmupSteps: 0 } },
  },
  {
    from: 'fork: docker run with a shell and a script in another folder',
    text: `docker run --rm --gpus all \\\n  -e WANDB_API_KEY="$WANDB_API_KEY" \\\n  -v "$PWD":/workspace/trm \\\n  someone/trm-arc2:latest bash -lc '\n    cd /workspace/trm && \\\n    DISABLE_COMPILE=1 torchrun --nproc-per-node 1 trm_repo/pretrain.py \\\n      arch=trm data_paths="[/workspace/data/arc2concept-aug-100]" \\\n      epochs=1 eval_interval=1 arch.L_layers=1 arch.H_cycles=1 arch.L_cycles=1 \\\n      arch.hidden_size=64 arch.num_heads=4 arch.puzzle_emb_ndim=0 arch.puzzle_emb_len=0 \\\n      arch.forward_dtype=float32 project_name=trm-arc2 +run_name=smoke_local_docker \\\n      +checkpoint_path=/workspace/checkpoints/smoke_local_docker'`,
    name: 'smoke_local_docker',
    dataset: arc2,
    versions: 100,
    train: {
      epochs: 1,
      model: { hiddenSize: 64, puzzleEmbeddingDim: 0, puzzleEmbeddingLength: 0 },
    },
  },
  {
    from: 'fork: test data of their own, other names',
    text: `run_name="sudoku6x6_debug"\npython pretrain.py \\\n  arch=trm \\\n  data_paths="[data/sudoku-6x6]" \\\n  data_paths_test="[data/sudoku-6x6]" \\\n  evaluators="[]" \\\n  arch.puzzle_emb_ndim=0 \\\n  arch.L_layers=2 arch.H_cycles=3 arch.L_cycles=6 \\\n  global_batch_size=256 \\\n  epochs=20000 eval_interval=2000 \\\n  lr=1e-4 lr_warmup_steps=2000 lr_min_ratio=0.5 \\\n  weight_decay=0.1 puzzle_emb_lr=0 \\\n  +run_name=\${run_name} checkpoint_path="checkpoints/\${run_name}" \\\n  eval_save_outputs="[preds]"`,
    name: 'sudoku6x6_debug',
    dataset: folder('data/sudoku-6x6'),
    train: { epochs: 20000, optimizer: { minLearningRateRatio: 0.5 } },
  },
  {
    from: 'fork: a builder of its own makes the data',
    text: `python dataset/build_hanoi_dataset.py --output-dir data/hanoi\nrun_name="pretrain_mlp_t_hanoi"\npython pretrain.py \\\narch=trm \\\ndata_paths="[data/hanoi]" \\\nevaluators="[]" \\\nepochs=50000 eval_interval=5000 \\\n${RATES} \\\narch.mlp_t=True arch.pos_encodings=none +run_name=\${run_name} ema=True`,
    dataset: folder('data/hanoi'),
    train: { model: { mlpT: true, positionEncoding: 'none' } },
  },
  {
    from: 'fork: no augmentations, on ARC, small',
    text: `PYTHONPATH=$(pwd) python -m dataset.build_arc_dataset \\\n    --input-file-prefix kaggle/combined/arc-agi \\\n    --output-dir data/arc1concept-mini \\\n    --subsets training evaluation \\\n    --test-set-name evaluation \\\n    --num-aug 0\nDISABLE_COMPILE=1 python pretrain.py \\\n    arch=trm \\\n    data_paths="[data/arc1concept-mini]" \\\n    epochs=2 eval_interval=2 \\\n    global_batch_size=4 \\\n    arch.hidden_size=128 arch.puzzle_emb_ndim=128 \\\n    arch.num_heads=2 arch.expansion=2 \\\n    arch.L_layers=1 arch.L_cycles=2 arch.H_cycles=1 \\\n    +run_name=debug_run_tiny`,
    name: 'debug_run_tiny',
    dataset: { use: 'arc', subsets: ['training', 'evaluation'] },
    train: { globalBatchSize: 4, model: { hiddenSize: 128, hCycles: 1, lCycles: 2, numLayers: 1 } },
  },
  {
    from: 'fork: a prompt, a pipe into tee, an equals sign in the launcher',
    text: `$ torchrun --nproc_per_node=2 pretrain.py arch=trm ${SUDOKU} ${RATES} 2>&1 | tee "logs/pretrain_\${TS}.log"`,
    dataset: sudoku,
    train: { ...rates(1e-4, 1e-4, 1) },
  },
  {
    from: 'fork: one latent, 20,000 epochs, a note of a performance run',
    text: `rtk uv run pretrain.py arch=trm_singlez \\\n  global_batch_size=2048 epochs=20 eval_interval=20 min_eval_interval=0 \\\n  ${RATES} \\\n  ema=True ema_rate=0.999 evaluators="[]" checkpoint_every_eval=False \\\n  arch.mlp_t=False arch.H_cycles=3 arch.L_cycles=6 arch.L_layers=2 \\\n  arch.halt_max_steps=1 arch.forward_dtype=bfloat16 \\\n  data_paths="[data/sigma_k_10/6]" seed=1 \\\n  +log_z_dynamics=True +z_snapshot=False \\\n  +project_name=Sigma_k_perf +run_name=perf0 \\\n  perf_profiler.enabled=True`,
    name: 'perf0',
    dataset: folder('data/sigma_k_10/6'),
    train: { model: { use: 'trm-singlez', haltMaxSteps: 1 }, ...ema, globalBatchSize: 2048 },
  },
  {
    from: 'fork: dropout and 2-D positions',
    text: `torchrun --nproc-per-node 4 ${RENDEZVOUS} \\\npretrain.py arch=trm data_paths="[data/arc1concept_d]" arch.L_layers=2 ema=True global_batch_size=272 \\\neval_interval=800 arch.pos_encodings=rope2d arch.puzzle_emb_ndim=1 lr=0.0005`,
    refused: ['REFERENCE_VALUE_INVALID', 'rope2d'],
  },
  {
    from: 'fork: a config file of its own',
    text: `python pretrain.py --config-name cfg_pretrain_muon arch=trm \\\n  data_paths="[data/arc-aug-1000]" epochs=1`,
    refused: ['REFERENCE_COMMAND_INVALID', '--config-name cfg_pretrain_muon'],
  },
  {
    from: 'fork: the README’s builder, test options of a fork',
    text: `python dataset/build_sudoku_dataset.py --output-dir data/s --subsample-size 128 --num-aug 8 --test-subsample-size 128\npython pretrain.py arch=trm data_paths="[data/s]"`,
    refused: ['REFERENCE_KEY_UNKNOWN', '--test-subsample-size'],
  },
  {
    from: 'issue: everything left out but the arch',
    text: 'python pretrain.py arch=trm ...',
    refused: ['REFERENCE_COMMAND_INVALID', '...'],
  },
];
