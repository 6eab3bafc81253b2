/** The reference's arch config in our words. */
import type { Model } from '@eddy/core';
import {
  createHrm,
  createTransformer,
  createTrm,
  createTrmHier6,
  createTrmSinglez,
  hrmConfig,
  transformerConfig,
  trmConfig,
  trmHier6Config,
  trmSinglezConfig,
  type DatasetSizes,
} from '@eddy/models';

/** `arch` of a fixture, with the class under `arch`. */
export type ArchConfig = Readonly<Record<string, unknown>>;

/** Our model for a class of the reference, from options in its words. */
const MODELS: Record<string, (arch: ArchConfig, dataset: DatasetSizes) => Model> = {
  'hrm@HierarchicalReasoningModel_ACTV1': (arch, dataset) => {
    const layers = { hLayers: arch['H_layers'], lLayers: arch['L_layers'] };
    const config = hrmConfig.parse({ ...commonOf(arch), ...cyclesOf(arch), ...layers });
    return createHrm(config, dataset);
  },
  'transformers_baseline@Model_ACTV2': (arch, dataset) => {
    const { mlpT: _none, ...common } = commonOf(arch);
    const options = { ...common, numLayers: arch['H_layers'] };
    return createTransformer(transformerConfig.parse(options), dataset);
  },
  'trm@TinyRecursiveReasoningModel_ACTV1': (arch, dataset) =>
    createTrm(trmConfig.parse(tinyRecursiveOf(arch)), dataset),
  'trm_hier6@TinyRecursiveReasoningModel_ACTV1': (arch, dataset) =>
    createTrmHier6(trmHier6Config.parse(tinyRecursiveOf(arch)), dataset),
  'trm_singlez@TinyRecursiveReasoningModel_ACTV1': (arch, dataset) =>
    createTrmSinglez(trmSinglezConfig.parse(tinyRecursiveOf(arch)), dataset),
};

/** The model that a fixture's arch config describes. */
export function modelOf(arch: ArchConfig): Model {
  const name = arch['arch'] as string;
  const create = MODELS[name.replace('recursive_reasoning.', '')];
  if (create === undefined) throw new Error(`no model for ${name}`);
  return create(arch, {
    vocabSize: arch['vocab_size'] as number,
    seqLen: arch['seq_len'] as number,
    numPuzzleIdentifiers: arch['num_puzzle_identifiers'] as number,
  });
}

function commonOf(arch: ArchConfig): Record<string, unknown> {
  return {
    hiddenSize: arch['hidden_size'],
    numHeads: arch['num_heads'],
    expansion: arch['expansion'],
    mlpT: arch['mlp_t'],
    positionEncoding: arch['pos_encodings'],
    ropeTheta: arch['rope_theta'],
    rmsNormEpsilon: arch['rms_norm_eps'],
    puzzleEmbeddingDim: arch['puzzle_emb_ndim'],
    haltMaxSteps: arch['halt_max_steps'],
    haltExplorationProbability: arch['halt_exploration_prob'],
    loss: arch['loss_type'] === 'softmax_cross_entropy' ? 'softmax' : 'stablemax',
  };
}

function cyclesOf(arch: ArchConfig): Record<string, unknown> {
  return { hCycles: arch['H_cycles'], lCycles: arch['L_cycles'] };
}

function tinyRecursiveOf(arch: ArchConfig): Record<string, unknown> {
  return {
    ...commonOf(arch),
    ...cyclesOf(arch),
    numLayers: arch['L_layers'],
    puzzleEmbeddingLength: arch['puzzle_emb_len'],
    noActContinue: arch['no_ACT_continue'],
  };
}
