// Shape suffixes: L = positions, B = batch, D = hidden size.
/** The Tiny Recursive Model: its options, its recursion, the plugin. */
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
} from './tiny-recursive.ts';

export const trmConfig = z.strictObject(tinyRecursiveOptions);

export type TrmConfig = z.output<typeof trmConfig>;

export { tinyRecursiveProblems as trmProblems };

/**
 * The Tiny Recursive Model with adaptive computation time.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrm(config: TrmConfig, dataset: DatasetSizes): Model {
  return createTinyRecursive({
    name: 'trm',
    config,
    dataset,
    problems: tinyRecursiveProblems(config, { datasetShape: dataset }),
    network: (blocks) => trmNetwork(config, blocks),
  });
}

/**
 * The recursion of TRM: one small network f, used for both latents, the answer in work z_H and the
 * reasoning behind it z_L.
 *
 *   hCycles × (lCycles × z_L ← f(z_L, z_H + X), then z_H ← f(z_H, z_L));  f(z, injected) = blocks(z + injected)
 *
 * Only the last of the hCycles has a gradient.
 *
 * @source arXiv:2510.04871, section 4 and figure 3
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
function trmNetwork(config: TrmConfig, blocks: BlockShape): RecurrentNetwork<'z_H' | 'z_L'> {
  const { hCycles, lCycles, numLayers } = config;
  const level = new Level({ name: 'layers', reference: 'L_level', numLayers, blocks });
  return {
    parameters: level.parameters,
    latents: {
      z_H: { start: 'H_init', reference: 'H_init' },
      z_L: { start: 'L_init', reference: 'L_init' },
    },
    answer: 'z_H',
    recur(parameters, x_LBD, latents) {
      const f = level.bind(parameters);
      return cycles(hCycles, latents, ({ z_H, z_L }, again) => {
        const injected = addLatents(z_H, x_LBD);
        const thought = again(lCycles, z_L, (z) => f(addLatents(z, injected)));
        return { z_H: f(addLatents(z_H, thought)), z_L: thought };
      });
    },
  };
}

export default definePlugin({
  kind: 'model',
  name: 'trm',
  apiVersion: 1,
  summary: 'Tiny Recursive Model (arXiv 2510.04871): attention or MLP-mixer, ACT, puzzle embedding',
  config: trmConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'noActContinue', 'loss'],
  check: tinyRecursiveProblems,
  create: (config, { dataset }) => createTrm(config, dataset),
});
