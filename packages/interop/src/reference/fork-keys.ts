/** Keys that forks of TRM and HRM added, as their public commands use them. */
import { noInfluence, type ReferenceKey } from './reference-key.ts';

/** Names, logs and measurements: the experiment is the same without. */
export const FORK_KEYS: Readonly<Record<string, ReferenceKey>> = {
  entity: noInfluence('W&B entity'),
  wandb_entity: noInfluence('W&B entity'),
  wandb_project: noInfluence('W&B project'),
  wandb: noInfluence('settings of W&B'),
  use_wandb: noInfluence('whether W&B is used'),
  log_path: noInfluence('file of the log'),
  log_interval: noInfluence('steps between lines of the log'),
  log_every: noInfluence('steps between lines of the log'),
  log_z_dynamics: noInfluence('measurements of the latent'),
  z_snapshot: noInfluence('measurements of the latent'),
  perf_profiler: noInfluence('a profiler'),
  profile: noInfluence('a profiler'),
  checkpoint_interval: noInfluence('epochs between checkpoints: train.checkpoint.every here'),
  save_interval: noInfluence('epochs between checkpoints: train.checkpoint.every here'),
  num_workers: noInfluence('processes that load data'),
};

/** Why a key of a fork cannot be carried over. */
export const FORK_REASONS: Readonly<Record<string, string>> = {
  grad_accum_steps:
    'micro-batches are chosen by themselves: give the whole batch as global_batch_size',
  gradient_accumulation_steps: 'micro-batches are chosen by themselves: give the whole batch as global_batch_size', // prettier-ignore
  optim: 'the optimizer is AdamATan2 in the reference; another is train.optimizer.use',
  optimizer: 'the optimizer is AdamATan2 in the reference; another is train.optimizer.use',
  use_muon: 'the optimizer is AdamATan2 in the reference; another is train.optimizer.use',
  data_fraction: 'a part of the data is build.dataset.subsampleSize',
  load_optimizer_state: 'a step_N file has no state of an optimizer',
  max_steps: 'a limit of steps is train.maxSteps',
  grad_clip: 'gradients are not clipped by the reference',
  'arch.loops': 'URM’s model is not one of the reference',
  'arch.num_layers': 'URM’s model is not one of the reference; of TRM it is arch.L_layers',
  'arch.dropout': 'the reference’s models have no dropout',
  'arch.use_gating': 'a gated HRM is not one of the reference',
  'arch.mixer_type': 'a model of a fork',
};
