/** More commands of public repositories, most of them parts of scripts, as `public-trm-commands.ts` has those of READMEs. */
import type { PublicCommand } from './public-trm-commands.ts';

const sudoku = { use: 'sudoku', subsampleSize: 1000 };
const maze = { use: 'maze' };
const folder = (name: string) => ({ use: 'reference-folder', folder: name });
const rates = (learningRate: number, rows: number, decay: number, rowDecay = decay) => ({
  optimizer: { learningRate, weightDecay: decay },
  rowOptimizer: { learningRate: rows, weightDecay: rowDecay },
});
const MAZE = 'data_paths="[data/maze-30x30-hard-1k]"';

/** A function with an array of its own arguments; `$NPROC` says which of two commands runs. */
const WRAPPED = `NPROC=1
PY=python
DATA=data/maze-30x30-hard-1k
train() {
  local name="$1"
  shift
  local -a base=(
    "+run_name=\${name}"
    "data_paths=[\${DATA}]"
    "evaluators=[]"
    "global_batch_size=128"
  )
  if [[ "\${NPROC}" -gt 1 ]]; then
    "\${TORCHRUN}" --nproc-per-node "\${NPROC}" pretrain.py "\${base[@]}" "$@"
  else
    "\${PY}" pretrain.py "\${base[@]}" "$@"
  fi
}
builder=(dataset/build_maze_dataset.py --source-repo somebody/mazes --output-dir "\${DATA}")
if [[ "\${AUG:-false}" == "true" ]]; then builder+=(--aug); fi
"\${PY}" "\${builder[@]}"
train attention arch=trm arch.H_cycles=3 arch.L_cycles=4
`;

/** An array holds the launcher and the script. */
const IN_AN_ARRAY = `GPUS=1
if [ "$GPUS" -gt 1 ]; then
  LAUNCH=(torchrun --nproc-per-node "$GPUS" pretrain.py)
else
  LAUNCH=(python pretrain.py)
fi
one() { local n="$1"; shift; "\${LAUNCH[@]}" "+run_name=$n" "data_paths=[data/sudoku-extreme-1k-aug-1000]" ema=True "$@"; }
one "plain" "arch=trm"
one "mixer" "arch=trm" "arch.mlp_t=True" "arch.pos_encodings=none"
`;

/** Jobs are files that a queue takes: each a here-document with the rest of the arguments in one place. */
const QUEUED = `rates="lr=2e-4 puzzle_emb_lr=1e-3 weight_decay=0.5 puzzle_emb_weight_decay=0.25"
job() {
  local name="$1" model="$2" seed="$3"; shift 3
  enqueue "$name" <<EOF
uv run pretrain.py arch=\${model} \${rates} \\\\
  $* \\\\
  data_paths="[data/\${name}]" seed=\${seed}
EOF
}
job k6 trm_singlez 4 arch.mlp_t=False arch.H_cycles=2
`;

/** A script that writes one for Slurm: backslashes and dollars of the inner one are escaped. */
const WRITTEN_FOR_SLURM = `OUT=/scratch/\${USER}/hrm
N=8
cat >> "jobs/full.slurm" << EOF
if [[ ! -d "\${OUT}/data/full" ]]; then
  python dataset/build_sudoku_dataset.py \\\\
    --output-dir "\${OUT}/data/full" --min-difficulty 3
fi
torchrun --nproc-per-node \${N} pretrain.py \\\\
  data_path="\${OUT}/data/full" \\\\
  epochs=100 lr_min_ratio=0.1 \\\\
  arch.loss.loss_type=softmax_cross_entropy arch.halt_max_steps=8
echo "ended: \\$(date)"
EOF
`;

export const PUBLIC_SCRIPTS: readonly PublicCommand[] = [
  {
    from: 'function, shift, an array of arguments, a comparison of numbers',
    text: WRAPPED,
    name: 'attention',
    dataset: { ...maze, source: { hub: { repo: 'somebody/mazes' } } },
    train: { globalBatchSize: 128, model: { use: 'trm', hCycles: 3, lCycles: 4 } },
  },
  {
    from: 'launcher in an array that depends on the number of GPUs',
    text: IN_AN_ARRAY,
    training: 2,
    name: 'mixer',
    dataset: sudoku,
    train: { model: { mlpT: true, positionEncoding: 'none' } },
  },
  {
    from: 'the same, without a number: both trainings are named by what they differ in',
    text: IN_AN_ARRAY.replaceAll('data/sudoku', 'some/where/with/a/long/name/data/sudoku'),
    refused: ['REFERENCE_TRAININGS_SEVERAL', '… +run_name=mixer arch.mlp_t=True'],
  },
  {
    from: 'here-document for a queue, with $*',
    text: QUEUED,
    dataset: folder('data/k6'),
    train: { model: { use: 'trm-singlez', mlpT: false, hCycles: 2 }, ...rates(2e-4, 1e-3, 0.5, 0.25) }, // prettier-ignore
  },
  {
    from: 'here-document for Slurm, escaped',
    text: WRITTEN_FOR_SLURM,
    dataset: { use: 'sudoku', minDifficulty: 3 },
    train: { epochs: 100, optimizer: { minLearningRateRatio: 0.1 }, model: { use: 'hrm', loss: 'softmax', haltMaxSteps: 8 } }, // prettier-ignore
  },
  {
    from: 'settings with defaults, Python in a variable, frozen by a tiny rate',
    text: 'PY="${PY:-python}"\nDATA="${DATA:-data/arc-2-evalonly}"\nCKPT="${CKPT:-c/step_9}"\nLR="${LR:-1e-9}"; ROWS="${ROWS:-1e-2}"\n$PY pretrain.py \\\n  data_path="$DATA" load_checkpoint="$CKPT" checkpoint_path=out \\\n  lr="$LR" puzzle_emb_lr="$ROWS" puzzle_emb_weight_decay=0.1 lr_warmup_steps=200 \\\n  global_batch_size="${GBS:-96}" project_name=adapt run_name="${MODE:-first}"\nBEST=$(ls -t out/step_* | head -1)\n',
    name: 'first',
    dataset: folder('data/arc-2-evalonly'),
    train: { model: { use: 'hrm' }, globalBatchSize: 96, optimizer: { learningRate: 1e-9, warmupSteps: 200 }, rowOptimizer: { learningRate: 1e-2 }, loadCheckpoint: { from: 'c/step_9' } }, // prettier-ignore
  },
  {
    from: 'names of W&B with the date in them',
    text: 'TAG=$(date +%H%M)\nexport GROUP="opt_${TAG}"\ntorchrun --nproc-per-node 1 ${REPO}/src/pretrain.py arch=trm data_paths="[src/data/queens]" evaluators="[{name: queens@Queens}]" min_eval_interval=0 lr_warmup_steps=500 weight_decay=0.03 +run_name=q_${TAG} +wandb.group=${GROUP} ema=True',
    name: 'q_',
    dataset: folder('src/data/queens'),
    train: { optimizer: { weightDecay: 0.03, warmupSteps: 500 } },
  },
  {
    from: 'the same with positions of a fork',
    text: 'python pretrain.py arch=trm data_paths="[src/data/queens]" arch.pos_encodings=default',
    refused: ['REFERENCE_VALUE_INVALID', 'default'],
  },
  {
    from: 'data built into another folder than the training reads by default',
    text: 'uv run python -m dataset.build_arc_dataset \\\n  --input-file-prefix kaggle/combined/arc-agi \\\n  --output-dir data/arc2 --subsets training2 evaluation2 --test-set-name evaluation2 --num-aug 30 && \\\nnohup torchrun --nproc-per-node 8 pretrain.py \\\n  --config-name cfg_pretrain eval_interval=2500 > t.log &',
    refused: ['REFERENCE_DATA_UNCLEAR', 'data/arc2 is built, and data/arc-aug-1000 is what'],
  },
  {
    from: 'the same with the folder, as the fix says',
    text: 'uv run python -m dataset.build_arc_dataset \\\n  --input-file-prefix kaggle/combined/arc-agi \\\n  --output-dir data/arc2 --subsets training2 evaluation2 --test-set-name evaluation2 --num-aug 30 && \\\nnohup torchrun --nproc-per-node 8 pretrain.py \\\n  --config-name cfg_pretrain eval_interval=2500 data_paths=[data/arc2] > t.log &',
    dataset: { use: 'arc', subsets: ['training2', 'evaluation2'], testSubsets: ['evaluation2'] },
    versions: 30,
    train: { evalInterval: 2500, model: { use: 'trm' } },
  },
  {
    from: 'an option of a fork’s builder',
    text: 'python -m dataset.build_arc_dataset --input-file-prefix k/arc-agi --output-dir data/a --subsets training --test-set-name evaluation --train-only-subsets concept\npython pretrain.py arch=trm data_paths=[data/a]',
    refused: ['REFERENCE_KEY_UNKNOWN', '--train-only-subsets'],
  },
  {
    from: 'another builder, whose folder is read as it is',
    text: 'python -m dataset.build_arc_dataset_dihedral --output-dir data/arc1_d --subsets training\npython pretrain.py arch=trm data_paths="[data/arc1_d]" arch.L_layers=2 ema=True',
    dataset: folder('data/arc1_d'),
    train: { model: { numLayers: 2 } },
  },
  {
    from: 'seeds in a loop, keys of a fork',
    text: 'for seed in 0 1; do\n  python pretrain.py arch=trm data_paths="[data/sudoku-extreme-1k-aug-1000]" warmup_steps=100 pretrained_ckpt="somebody/weights" seed=$seed\ndone',
    training: 2,
    refused: ['REFERENCE_KEY_UNKNOWN', 'warmup_steps, pretrained_ckpt'],
  },
  {
    from: 'seeds in a loop, the second',
    text: `for seed in 3 5; do\n  python pretrain.py arch=trm ${MAZE} lr=1e-5 run_name="ft_\${seed}" seed=$seed\ndone`,
    training: 2,
    name: 'ft_5',
    dataset: maze,
    train: { optimizer: { learningRate: 1e-5 } },
  },
  {
    from: 'variants in a loop, a mixer of a fork',
    text: 'VARIANTS="${1:-none other}"\nfor M in $VARIANTS; do\n  python pretrain.py arch=trm data_paths="[data/arc-aug-1000]" arch.mixer_type=${M} 2>&1 | grep -E "step|loss" | head -30\ndone',
    training: 1,
    refused: ['REFERENCE_KEY_UNKNOWN', 'arch.mixer_type'],
  },
  {
    from: 'part of the data',
    text: 'torchrun --nproc-per-node 4 pretrain.py arch=trm data_paths="[data/arc1concept-aug-1000]" max_train_puzzles=100',
    refused: ['REFERENCE_KEY_UNKNOWN', 'max_train_puzzles'],
  },
  {
    from: 'pretraining of a language model of the same name: a config group',
    text: 'torchrun pretrain.py arch/size@arch=L lr=2.5e-4 global_batch_size=172032',
    refused: ['REFERENCE_COMMAND_INVALID', 'arch/size@arch=L'],
  },
  {
    from: 'another script with the keys of the training',
    text: 'torchrun --standalone --nproc-per-node 8 \\\npretrain-no-eval.py \\\narch=trm \\\ndata_paths="[kaggle-data]" lr=0.0003 global_batch_size=3072',
    refused: ['REFERENCE_TRAINING_MISSING', 'pretrain-no-eval.py arch=trm'],
  },
  {
    from: 'those keys alone, as the fix says',
    text: 'arch=trm \\\ndata_paths="[kaggle-data]" lr=0.0003 global_batch_size=3072',
    dataset: folder('kaggle-data'),
    train: { optimizer: { learningRate: 0.0003 }, globalBatchSize: 3072 },
  },
  {
    from: 'Python that starts the training',
    text: 'cmd = ["python", "pretrain.py", "arch=trm", f"epochs={EPOCHS}"]\nsubprocess.run(cmd, cwd=TRM)\n',
    refused: ['REFERENCE_COMMAND_INVALID', 'cmd = ["python"'],
  },
  {
    from: 'a cell of a notebook that is a script',
    text: '%%bash\ncd TinyRecursiveModels\npython pretrain.py arch=trm data_paths="[data/sudoku-extreme-1k-aug-1000]" epochs=12\n',
    dataset: sudoku,
    train: { epochs: 12 },
  },
  {
    from: 'WSL, a path of Windows, batch sizes from sums',
    text: `BS=$((96*8))\nwsl python3 /mnt/c/HRM/pretrain.py arch=hrm_v1 data_path=data/maze-30x30-hard-1k global_batch_size=$BS`,
    dataset: maze,
    train: { model: { use: 'hrm' }, globalBatchSize: 768 },
  },
  {
    from: 'an array by its index',
    text: `RATES=(1e-4 3e-4)\npython pretrain.py arch=trm ${MAZE} lr=\${RATES[1]}`,
    dataset: maze,
    train: { optimizer: { learningRate: 3e-4 } },
  },
  {
    from: 'an array by the number of a job',
    text: `SEEDS=(0 1 2)\nSEED=\${SEEDS[$SLURM_ARRAY_TASK_ID]}\npython pretrain.py arch=trm ${MAZE} seed=$SEED`,
    refused: ['REFERENCE_VARIABLE_UNSET', '${SEEDS[$SLURM_ARRAY_TASK_ID]}'],
  },
  {
    from: 'a page that made quotation marks nice',
    text: 'python pretrain.py arch=trm data_paths=“[data/maze-30x30-hard-1k]” epochs=21',
    dataset: maze,
    train: { epochs: 21 },
  },
  {
    from: 'PowerShell with a setting',
    text: `$env:DISABLE_COMPILE = "1"\npython pretrain.py \`\n  arch=trm \`\n  ${MAZE} \`\n  epochs=16 \`\n  ema=True\n`,
    dataset: maze,
    train: { epochs: 16, averager: { use: 'ema' } },
  },
  {
    from: 'a Makefile',
    text: `maze:\n\tDISABLE_COMPILE=1 python pretrain.py arch=trm \\\n\t  ${MAZE} epochs=20\n`,
    dataset: maze,
    train: { epochs: 20 },
  },
  {
    from: 'a Makefile with a variable of make',
    text: `maze:\n\tpython pretrain.py arch=trm ${MAZE} epochs=$(EPOCHS)\n`,
    refused: ['REFERENCE_VARIABLE_UNSET', '$(EPOCHS)'],
  },
  {
    from: 'several seeds by Hydra',
    text: `python pretrain.py --multirun arch=trm seed=0,1,2 ${MAZE}`,
    refused: ['REFERENCE_COMMAND_INVALID', '--multirun'],
  },
  {
    from: 'Hydra shows the configuration',
    text: `python pretrain.py arch=trm ${MAZE} --cfg job`,
    refused: ['REFERENCE_COMMAND_INVALID', '--cfg'],
  },
  {
    from: 'a continuation that a comment ends',
    text: `python pretrain.py \\\n  arch=trm \\\n  # the large one\n  ${MAZE} \\\n  epochs=24\n`,
    refused: ['REFERENCE_COMMAND_INVALID', 'data_paths=…'],
  },
  {
    from: 'two nodes, restarted until it ends',
    text: `until torchrun --nnodes 2 --nproc-per-node 4 pretrain.py arch=trm ${MAZE} epochs=44; do sleep 5; done`,
    dataset: maze,
    train: { epochs: 44, globalBatchSize: 768 },
  },
];
