/**
 * Every key of the reference's configuration, what it becomes here, and where it cannot be carried
 * over, why. `docs/reference-map.md` and `pipeline from-reference` are both made of this table.
 */
import { printValue, type Draft, type ReferenceValue } from './draft.ts';
import { carryEvaluators } from './evaluators.ts';

export interface KeyContext {
  readonly draft: Draft;
  /** The key in full: `arch.hidden_size`. */
  readonly key: string;
  readonly value: ReferenceValue;
  /** Behind the value in our file: the key, and whether nobody gave it. */
  readonly comment: string;
  /** Other values of the composed config. */
  readonly other: (key: string) => ReferenceValue | undefined;
  /** What is solved: `sudoku`, `maze`, `arc`, or unknown. */
  readonly task: string | undefined;
}

export interface ReferenceKey {
  readonly meaning: string;
  /** For people: our key, or what stands for it. */
  readonly ours: string;
  readonly carry: (context: KeyContext) => void;
}

/** One key here has the same meaning. */
function as(path: string, meaning: string): ReferenceKey {
  return {
    meaning,
    ours: path,
    carry: ({ draft, value, comment }) => draft.set(path, value, comment),
  };
}

/** One key there is several here. */
function asAll(paths: readonly string[], meaning: string): ReferenceKey {
  return {
    meaning,
    ours: paths.join(', '),
    carry: ({ draft, value, comment }) => {
      for (const path of paths) draft.set(path, value, comment);
    },
  };
}

/** Left out, and said, unless the value is one that does nothing there either. */
function left(
  ours: string,
  meaning: string,
  idle: (value: ReferenceValue) => boolean,
  why: string,
) {
  return {
    meaning,
    ours,
    carry: ({ draft, key, value }: KeyContext) => {
      if (!idle(value)) draft.note(`${key}=${JSON.stringify(value)}`, why);
    },
  } satisfies ReferenceKey;
}

const isEmpty = (value: ReferenceValue) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);
const never = () => false;
const always = () => true;

/** A name that a run may have: other characters become hyphens. */
function runName(value: ReferenceValue): string {
  const text = printValue(value).replace(/[^A-Za-z0-9._-]+/g, '-');
  return text.replace(/^[^A-Za-z0-9]+/, '').slice(0, 100) || 'from-reference';
}

export const ROOT_KEYS: Readonly<Record<string, ReferenceKey>> = {
  data_paths: {
    meaning: 'folders of training data',
    ours: 'build.dataset, augment.augmentation',
    carry: () => undefined, // `datasets.ts`: the builder's options are needed for it
  },
  data_paths_test: left(
    'evaluate.split',
    'folders of test data',
    isEmpty,
    'a dataset is built with its test split; build one from these folders to evaluate on it',
  ),
  evaluators: {
    meaning: 'measures beyond the model’s metrics',
    ours: 'evaluate.evaluators',
    carry: carryEvaluators,
  },
  global_batch_size: as('train.globalBatchSize', 'rows of one step, over all devices'),
  epochs: as('train.epochs', 'passes over the groups'),
  eval_interval: {
    meaning: 'epochs between evaluations',
    ours: 'train.evalInterval',
    carry: ({ draft, value, comment, other }) =>
      draft.set('train.evalInterval', value ?? other('epochs'), comment),
  },
  min_eval_interval: left(
    'none',
    'first interval that is evaluated',
    (value) => value === 0 || value === null,
    'every interval is evaluated here',
  ),
  checkpoint_every_eval: left(
    'every evaluation makes a checkpoint; train.checkpoint.keep says how many stay',
    'whether each evaluation saves the weights',
    (value) => value === true,
    'every evaluation makes a checkpoint here; train.checkpoint.keep (3) bounds how many stay',
  ),
  eval_save_outputs: left(
    'none',
    'tensors to dump per evaluation',
    isEmpty,
    'no evaluation dumps tensors under these names',
  ),
  lr: as('train.optimizer.learningRate', 'learning rate of the parameters'),
  lr_min_ratio: asAll(
    ['train.optimizer.minLearningRateRatio', 'train.rowOptimizer.minLearningRateRatio'],
    'floor of the cosine decay',
  ),
  lr_warmup_steps: asAll(
    ['train.optimizer.warmupSteps', 'train.rowOptimizer.warmupSteps'],
    'steps of linear warm-up',
  ),
  beta1: as('train.optimizer.beta1', 'decay of the mean of the gradient'),
  beta2: as('train.optimizer.beta2', 'decay of the mean of its square'),
  weight_decay: as('train.optimizer.weightDecay', 'decoupled decay of the parameters'),
  puzzle_emb_lr: as('train.rowOptimizer.learningRate', 'learning rate of the puzzle table'),
  puzzle_emb_weight_decay: as('train.rowOptimizer.weightDecay', 'decay of its touched rows'),
  seed: as('seed', 'root of randomness; the numbers drawn differ from NumPy’s and PyTorch’s'),
  ema: {
    meaning: 'evaluate and save an average of the weights',
    ours: 'train.averager',
    carry: ({ draft, value, comment, other }) => {
      if (value !== true) return;
      draft.set('train.averager.use', 'ema', comment);
      draft.set('train.averager.rate', other('ema_rate') ?? 0.999, 'ema_rate');
    },
  },
  ema_rate: { meaning: 'decay of the average', ours: 'train.averager.rate', carry: always },
  freeze_weights: {
    meaning: 'train only the puzzle embedding',
    ours: 'train.freeze: all',
    carry: ({ draft, value, comment }) => {
      if (value === true) draft.set('train.freeze', 'all', comment);
    },
  },
  load_checkpoint: {
    meaning: 'weights to start from',
    ours: 'train.loadCheckpoint.from',
    carry: ({ draft, value, comment }) => {
      if (isEmpty(value)) return;
      draft.set('train.loadCheckpoint.from', value, comment);
      draft.note(
        `load_checkpoint=${printValue(value)}`,
        'a step_N file must become a checkpoint first: pipeline import FILE --pipeline THIS -o FOLDER, then name FOLDER',
      );
    },
  },
  checkpoint_path: left(
    '--run-dir',
    'folder of the run',
    isEmpty,
    'the folder of a run is not part of a pipeline: pipeline run FILE --run-dir FOLDER',
  ),
  project_name: {
    meaning: 'W&B project',
    ours: 'loggers: wandb-offline.project',
    carry: always, // `loggers` in translate.ts
  },
  run_name: {
    meaning: 'name of the run',
    ours: 'name',
    carry: ({ draft, value, comment }) => {
      if (!isEmpty(value)) draft.set('name', runName(value), comment);
    },
  },
};

const MODEL = 'train.model';
const model = (option: string, meaning: string) => as(`${MODEL}.${option}`, meaning);

/** Layers of the one network there; HRM has two, and the transformer only the upper one. */
function layers(level: 'H' | 'L'): ReferenceKey {
  return {
    meaning: `blocks of the ${level} network`,
    ours:
      level === 'H'
        ? 'train.model.hLayers (hrm), numLayers (transformer)'
        : 'train.model.numLayers, lLayers (hrm)',
    carry: ({ draft, value, comment, other }) => {
      const use = other('arch');
      const own = {
        hrm: `${level.toLowerCase()}Layers`,
        transformers_baseline: level === 'H' ? 'numLayers' : undefined,
      };
      const option = Object.hasOwn(own, printValue(use))
        ? own[use as keyof typeof own]
        : level === 'L'
          ? 'numLayers'
          : undefined; // TRM ignores H_layers
      if (option !== undefined) draft.set(`${MODEL}.${option}`, value, comment);
      else if (value !== 0)
        draft.note(`arch.${level}_layers=${printValue(value)}`, 'the reference ignores it, too');
    },
  };
}

export const ARCH_KEYS: Readonly<Record<string, ReferenceKey>> = {
  name: { meaning: 'module and class of the model', ours: 'train.model.use', carry: always },
  loss: {
    meaning: 'loss.name: the loss head; loss.loss_type: cross entropy of tokens',
    ours: 'train.model.loss',
    carry: ({ draft, value, comment }) => {
      const { name, loss_type } = value as Record<string, ReferenceValue>;
      const ours = { stablemax_cross_entropy: 'stablemax', softmax_cross_entropy: 'softmax' };
      if (Object.hasOwn(ours, printValue(loss_type))) {
        draft.set(`${MODEL}.loss`, ours[loss_type as keyof typeof ours], comment);
      } else
        draft.note(`arch.loss.loss_type=${printValue(loss_type)}`, 'stablemax or softmax here');
      if (name !== undefined && name !== 'losses@ACTLossHead') {
        draft.note(
          `arch.loss.name=${printValue(name)}`,
          'each model has its loss: ACT, as losses@ACTLossHead',
        );
      }
    },
  },
  hidden_size: model('hiddenSize', 'width of every activation'),
  num_heads: model('numHeads', 'attention heads'),
  expansion: model('expansion', 'inner width of SwiGLU over its outer width'),
  H_cycles: {
    meaning: 'updates of the answer per step',
    ours: 'train.model.hCycles',
    carry: ({ draft, value, comment, other }) => {
      // "Kept for compatibility" in the transformer: it makes one pass.
      if (other('arch') !== 'transformers_baseline') draft.set(`${MODEL}.hCycles`, value, comment);
      else if (value !== 1)
        draft.note(`arch.H_cycles=${printValue(value)}`, 'the reference ignores it, too');
    },
  },
  L_cycles: {
    meaning: 'updates of the latent before each update of the answer',
    ours: 'train.model.lCycles',
    carry: ({ draft, value, comment, other }) => {
      if (other('arch') !== 'transformers_baseline') draft.set(`${MODEL}.lCycles`, value, comment);
      else draft.note(`arch.L_cycles=${printValue(value)}`, 'the reference ignores it, too');
    },
  },
  H_layers: layers('H'),
  L_layers: layers('L'),
  mlp_t: model('mlpT', 'mix positions by an MLP in place of attention'),
  pos_encodings: model('positionEncoding', 'rope, learned or none'),
  rope_theta: model('ropeTheta', 'base of the RoPE frequencies'),
  rms_norm_eps: model('rmsNormEpsilon', 'added to the mean square'),
  puzzle_emb_ndim: model('puzzleEmbeddingDim', 'length of a puzzle’s vector'),
  puzzle_emb_len: {
    meaning: 'positions before the tokens that hold it',
    ours: 'train.model.puzzleEmbeddingLength',
    carry: ({ draft, value, comment, other }) => {
      if (other('arch.puzzle_emb_ndim') === 0 && value !== 0) {
        draft.set(
          `${MODEL}.puzzleEmbeddingLength`,
          0,
          'puzzle_emb_len: 0, as without an embedding',
        );
        return;
      }
      draft.set(`${MODEL}.puzzleEmbeddingLength`, value, comment);
    },
  },
  halt_max_steps: model('haltMaxSteps', 'supervision steps at most'),
  halt_exploration_prob: model('haltExplorationProbability', 'chance of a forced minimum of steps'),
  no_ACT_continue: model('noActContinue', 'halt on q_halt alone'),
  act_enabled: model('actEnabled', 'whether the transformer halts adaptively'),
  act_inference: model('actInference', 'whether it does in evaluation'),
  forward_dtype: {
    meaning: 'dtype of activations',
    ours: 'engine.precision',
    carry: ({ draft, value, comment }) => {
      const ours = { bfloat16: 'bf16-mixed', float32: 'float32' };
      if (!Object.hasOwn(ours, printValue(value))) {
        draft.note(`arch.forward_dtype=${printValue(value)}`, 'bfloat16 or float32 here');
        return;
      }
      draft.set('engine.use', 'auto', 'the fastest engine that runs here');
      draft.set('engine.precision', ours[value as keyof typeof ours], comment);
    },
  },
  causal: left('none', 'ignored there', always, ''),
  batch_size: left('none', 'injected at build time', always, ''),
  vocab_size: left('none', 'injected at build time', always, ''),
  seq_len: left('none', 'injected at build time', always, ''),
  num_puzzle_identifiers: left('none', 'injected at build time', always, ''),
};

export const UNKNOWN_KEY: ReferenceKey = left(
  'none',
  'not a key of the reference',
  never,
  'not a key that the reference reads: it drops it without a word',
);
