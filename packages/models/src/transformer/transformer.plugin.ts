// Shape suffixes: L = positions, B = batch, D = hidden size.
/** The reference's baseline: its options, its one pass, the plugin. */
import { definePlugin, type ConfigProblem, type Model } from '@eddy/core';
import { bfloat16 } from '@eddy/tensor';
import { z } from 'zod';

import {
  addLatents,
  blockOptions,
  count,
  Level,
  numHeads,
  puzzleOptions,
  recursiveModel,
  recursiveProblems,
  refuseProblems,
  supervisionOptions,
  type BlockShape,
  type DatasetSizes,
  type RecurrentNetwork,
  type ShapeFacts,
} from '../kit/index.ts';

export const transformerConfig = z.strictObject({
  ...blockOptions,
  numHeads: numHeads(12),
  numLayers: count(64).default(8).describe('number of blocks (H_layers in the reference)'),
  positionEncoding: z
    .enum(['rope', 'learned'])
    .default('rope')
    .describe('how attention encodes positions'),
  ...puzzleOptions,
  ...supervisionOptions,
  actEnabled: z
    .boolean()
    .default(true)
    .describe('rows may halt early in training, when q_halt exceeds q_continue'),
  actInference: z
    .boolean()
    .default(false)
    .describe('rows also halt by this rule in evaluation, and keep that answer'),
});

export type TransformerConfig = z.output<typeof transformerConfig>;

function transformerProblems(config: TransformerConfig, facts: ShapeFacts): ConfigProblem[] {
  return recursiveProblems({ ...config, mlpT: false }, facts);
}

/**
 * The reference's baseline: a transformer under the same deep supervision. q_continue gets no loss
 * there, so it stays near its start while q_halt learns.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @reference models/recursive_reasoning/transformers_baseline.py `Model_ACTV2`
 */
export function createTransformer(config: TransformerConfig, dataset: DatasetSizes): Model {
  refuseProblems('transformer', transformerProblems(config, { datasetShape: dataset }));
  const { numLayers, actEnabled, actInference } = config;
  return recursiveModel({
    config: { ...config, mlpT: false },
    dataset,
    network: (blocks) => transformerNetwork(numLayers, blocks),
    halting: {
      inTraining: actEnabled ? 'q-halt-over-continue' : 'nothing',
      inEvaluation: actInference ? 'q-halt-over-continue' : 'nothing',
      trainsContinue: false,
    },
  });
}

/**
 * A plain transformer that sees its last answer again: one pass of all blocks a supervision step.
 *
 *   z_H ← blocks(z_H + X)
 *
 * @reference models/recursive_reasoning/transformers_baseline.py `Model_ACTV2_Inner`
 */
function transformerNetwork(numLayers: number, blocks: BlockShape): RecurrentNetwork<'z_H'> {
  const level = new Level({ name: 'layers', reference: 'H_level', numLayers, blocks });
  return {
    parameters: level.parameters,
    latents: { z_H: { start: 'H_init', reference: 'H_init' } },
    answer: 'z_H',
    recur(parameters, x_LBD, { z_H }) {
      const f = level.bind(parameters);
      return { z_H: f(addLatents(bfloat16(z_H), x_LBD)) };
    },
  };
}

export default definePlugin({
  kind: 'model',
  name: 'transformer',
  apiVersion: 1,
  summary: 'The reference’s baseline: a transformer with deep supervision and optional halting',
  config: transformerConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'loss', 'actEnabled', 'actInference'],
  check: transformerProblems,
  create: (config, { dataset }) => createTransformer(config, dataset),
});
