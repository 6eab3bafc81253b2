// Shape suffixes: L = positions, B = batch, D = hidden size.
/** TRM with a single latent: its options, its recursion, the plugin. */
import { definePlugin, type Model } from '@eddy/core';
import { z } from 'zod';

import {
  addLatents,
  cycles,
  Level,
  type BlockShape,
  type DatasetSizes,
  type RecurrentNetwork,
} from '../kit/index.ts';
import {
  createTinyRecursive,
  tinyRecursiveOptions,
  tinyRecursiveProblems,
} from '../trm/tiny-recursive.ts';

export const trmSinglezConfig = z.strictObject(tinyRecursiveOptions);

export type TrmSinglezConfig = z.output<typeof trmSinglezConfig>;

/**
 * TRM with a single latent: an ablation of the paper.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871, section 4.2
 * @reference models/recursive_reasoning/trm_singlez.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrmSinglez(config: TrmSinglezConfig, dataset: DatasetSizes): Model {
  return createTinyRecursive({
    name: 'trm-singlez',
    config,
    dataset,
    problems: tinyRecursiveProblems(config, { datasetShape: dataset }),
    network: (blocks) => singlezNetwork(config, blocks),
  });
}

/**
 * One latent, which is the answer and the reasoning at once:
 *
 *   hCycles × (lCycles × z ← f(z + X), then z ← f(z))
 *
 * The latent has the name z_L of the one that TRM would keep.
 *
 * @source arXiv:2510.04871, section 4.2
 * @reference models/recursive_reasoning/trm_singlez.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
function singlezNetwork(config: TrmSinglezConfig, blocks: BlockShape): RecurrentNetwork<'z_L'> {
  const { hCycles, lCycles, numLayers } = config;
  const level = new Level({ name: 'layers', reference: 'L_level', numLayers, blocks });
  return {
    parameters: level.parameters,
    latents: { z_L: { start: 'L_init', reference: 'L_init' } },
    answer: 'z_L',
    recur(parameters, x_LBD, latents) {
      const f = level.bind(parameters);
      return cycles(hCycles, latents, ({ z_L }, again) => ({
        z_L: f(again(lCycles, z_L, (z) => f(addLatents(z, x_LBD)))),
      }));
    },
  };
}

export default definePlugin({
  kind: 'model',
  name: 'trm-singlez',
  apiVersion: 1,
  summary: 'TRM with a single latent (an ablation of arXiv 2510.04871)',
  config: trmSinglezConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'noActContinue', 'loss'],
  check: tinyRecursiveProblems,
  create: (config, { dataset }) => createTrmSinglez(config, dataset),
});
