/**
 * What the reference's own YAML files say before any override.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 config/cfg_pretrain.yaml, config/arch/*.yaml
 */
import type { ReferenceValue } from './draft.ts';

type Values = Readonly<Record<string, ReferenceValue>>;

export const ROOT_DEFAULTS: Values = {
  data_paths: ['data/arc-aug-1000'],
  data_paths_test: [],
  evaluators: [{ name: 'arc@ARC' }],
  global_batch_size: 768,
  epochs: 100_000,
  eval_interval: 10_000,
  min_eval_interval: 0,
  checkpoint_every_eval: true,
  eval_save_outputs: [],
  lr: 1e-4,
  lr_min_ratio: 1,
  lr_warmup_steps: 2000,
  beta1: 0.9,
  beta2: 0.95,
  weight_decay: 0.1,
  puzzle_emb_lr: 1e-2,
  puzzle_emb_weight_decay: 0.1,
  seed: 0,
  ema: false,
  ema_rate: 0.999,
  freeze_weights: false,
  load_checkpoint: null,
  checkpoint_path: null,
  project_name: null,
  run_name: null,
};

/** What the class of the configuration says, where a key of the YAML is removed by `~key`. */
export const CLASS_DEFAULTS: Values = {
  data_paths_test: [],
  evaluators: [],
  eval_interval: null,
  min_eval_interval: 0,
  checkpoint_every_eval: false,
  eval_save_outputs: [],
  seed: 0,
  ema: false,
  ema_rate: 0.999,
  freeze_weights: false,
};

const COMMON: Values = {
  loss: { name: 'losses@ACTLossHead', loss_type: 'stablemax_cross_entropy' },
  halt_exploration_prob: 0.1,
  halt_max_steps: 16,
  hidden_size: 512,
  expansion: 4,
  puzzle_emb_ndim: '${.hidden_size}',
  pos_encodings: 'rope',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  forward_dtype: 'bfloat16',
};

const TRM: Values = {
  ...COMMON,
  H_cycles: 3,
  L_cycles: 6,
  H_layers: 0,
  L_layers: 2,
  num_heads: 8,
  mlp_t: false,
  puzzle_emb_len: 16,
  no_ACT_continue: true,
};

export interface ReferenceArch {
  /** Our model. */
  readonly model: string;
  /** `name` in the reference's file: module and class. */
  readonly name: string;
  readonly defaults: Values;
}

/** The config group `arch`. */
export const REFERENCE_ARCHS: Readonly<Record<string, ReferenceArch>> = {
  trm: {
    model: 'trm',
    name: 'recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1',
    defaults: TRM,
  },
  trm_singlez: {
    model: 'trm-singlez',
    name: 'recursive_reasoning.trm_singlez@TinyRecursiveReasoningModel_ACTV1',
    defaults: TRM,
  },
  trm_hier6: {
    model: 'trm-hier6',
    name: 'recursive_reasoning.trm_hier6@TinyRecursiveReasoningModel_ACTV1',
    defaults: TRM,
  },
  hrm: {
    model: 'hrm',
    name: 'recursive_reasoning.hrm@HierarchicalReasoningModel_ACTV1',
    defaults: {
      ...COMMON,
      H_cycles: 2,
      L_cycles: 2,
      H_layers: 4,
      L_layers: 4,
      num_heads: 8,
      mlp_t: false,
    },
  },
  /** HRM's own repository: config/arch/hrm_v1.yaml. */
  hrm_v1: {
    model: 'hrm',
    name: 'hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1',
    defaults: { ...COMMON, H_cycles: 2, L_cycles: 2, H_layers: 4, L_layers: 4, num_heads: 8 },
  },
  transformers_baseline: {
    model: 'transformer',
    name: 'recursive_reasoning.transformers_baseline@Model_ACTV2',
    defaults: {
      ...COMMON,
      H_cycles: 1,
      H_layers: 8,
      num_heads: 12,
      act_enabled: true,
      act_inference: false,
    },
  },
};

/** Where a command is from: TinyRecursiveModels, or the Hierarchical Reasoning Model's repository. */
export type Repository = 'TRM' | 'HRM';

/** Keys that one of the two has and the other refuses. */
export const KEYS_OF_ONE_REPOSITORY: Readonly<Record<Repository, readonly string[]>> = {
  TRM: ['data_paths', 'data_paths_test', 'evaluators', 'min_eval_interval', 'ema', 'ema_rate', 'freeze_weights'], // prettier-ignore
  HRM: ['data_path', 'device'],
};

/**
 * What HRM's config/cfg_pretrain.yaml says otherwise.
 *
 * @reference sapientinc/HRM@42410da config/cfg_pretrain.yaml
 */
const HRM_DEFAULTS: Values = { evaluators: [] };

export const DEFAULT_ARCH: Readonly<Record<Repository, string>> = { TRM: 'trm', HRM: 'hrm_v1' };

export function rootDefaultsOf(repository: Repository): Values {
  return repository === 'TRM' ? ROOT_DEFAULTS : { ...ROOT_DEFAULTS, ...HRM_DEFAULTS };
}

/** Which arch a file means; in `all_config.yaml` only the class is left of it. */
export function archOfClass(name: ReferenceValue | undefined): string | undefined {
  const found = Object.entries(REFERENCE_ARCHS).find(([, arch]) => arch.name === name);
  return found?.[0];
}
