/**
 * Every key of the reference's configuration outside `arch`, what it becomes here, and where it cannot be
 * carried over, why. `docs/reference-map.md` and `pipeline from-reference` are both made of this table.
 */
import { printValue, type ReferenceValue } from './draft.ts';
import { carryEvaluators } from './evaluators.ts';
import { always, as, asAll, isEmpty, left, type ReferenceKey } from './reference-key.ts';

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
  data_path: {
    meaning: 'HRM: folder of the data',
    ours: 'build.dataset, augment.augmentation',
    carry: () => undefined, // composed to `data_paths`
  },
  device: left(
    'engine.use',
    'HRM: device to train on',
    (value) => isEmpty(value) || value === 'auto',
    'the engine is chosen by engine.use: auto takes the fastest that runs here',
  ),
  data_paths_test: {
    meaning: 'folders of test data',
    ours: 'a second pipeline that builds them, with evaluate.checkpoint',
    carry: ({ draft, key, value, other }) => {
      if (isEmpty(value) || JSON.stringify(value) === JSON.stringify(other('data_paths'))) return;
      draft.note(
        `${key}=${JSON.stringify(value)}`,
        'a dataset has its own test split; make a pipeline that builds these folders and names a checkpoint of this one in evaluate.checkpoint',
      );
    },
  },
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
  checkpoint_every_eval: {
    meaning: 'save the weights at each evaluation, not only at the end',
    ours: 'train.checkpoint.keepEvaluated',
    carry: ({ draft, value, comment }) => {
      // Without it the last ones and the best one stay, which is more than the reference's last one.
      if (value === true) draft.set('train.checkpoint.keepEvaluated', true, comment);
    },
  },
  eval_save_outputs: {
    meaning: 'tensors to dump per evaluation',
    ours: 'evaluate.evaluators: predictions.tensors',
    carry: always, // with `evaluators`
  },
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
