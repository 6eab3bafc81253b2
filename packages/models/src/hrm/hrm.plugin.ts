// Shape suffixes: L = positions, B = batch, D = hidden size.
/** The Hierarchical Reasoning Model: its options, its recursion, the plugin. */
import { definePlugin, type Model } from '@eddy/core';
import { bfloat16, noGradient, repeat } from '@eddy/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';

import {
  addLatents,
  blockOptions,
  count,
  Level,
  mixingOptions,
  puzzleOptions,
  recursiveModel,
  recursiveProblems,
  refuseProblems,
  supervisionOptions,
  type BlockShape,
  type DatasetSizes,
  type RecurrentNetwork,
} from '../kit/index.ts';

export const hrmConfig = z.strictObject({
  ...blockOptions,
  hCycles: count(64).default(2).describe('number of updates of z_H in each supervision step'),
  lCycles: count(64).default(2).describe('number of updates of z_L before each update of z_H'),
  hLayers: count(64).default(4).describe('number of blocks of the slow network, which updates z_H'),
  lLayers: count(64).default(4).describe('number of blocks of the fast network, which updates z_L'),
  ...mixingOptions,
  ...puzzleOptions,
  ...supervisionOptions,
});

export type HrmConfig = z.output<typeof hrmConfig>;

/**
 * The Hierarchical Reasoning Model. Whether a row goes on is learned by Q-learning: it halts when
 * q_halt exceeds q_continue, whose target is the model's own next step.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2506.21734
 * @reference models/recursive_reasoning/hrm.py `HierarchicalReasoningModel_ACTV1`
 */
export function createHrm(config: HrmConfig, dataset: DatasetSizes): Model {
  refuseProblems('hrm', recursiveProblems(config, { datasetShape: dataset }));
  return recursiveModel({
    config,
    dataset,
    network: (blocks) => hrmNetwork(config, blocks),
    halting: { inTraining: 'q-halt-over-continue', inEvaluation: 'nothing', trainsContinue: true },
  });
}

/**
 * The recursion of HRM: two networks at two speeds.
 *
 *   hCycles × (lCycles × z_L ← f_L(z_L, z_H + X), then z_H ← f_H(z_H, z_L))
 *
 * The gradient is that of the last update of each latent alone, as at a fixed point: all others are one
 * piece without gradient.
 *
 * @source arXiv:2506.21734, section 2
 * @reference models/recursive_reasoning/hrm.py `HierarchicalReasoningModel_ACTV1_Inner`
 */
function hrmNetwork(config: HrmConfig, blocks: BlockShape): RecurrentNetwork<'z_H' | 'z_L'> {
  const { hCycles, lCycles, hLayers, lLayers } = config;
  const slow = new Level({ name: 'hLayers', reference: 'H_level', numLayers: hLayers, blocks });
  const fast = new Level({ name: 'lLayers', reference: 'L_level', numLayers: lLayers, blocks });
  return {
    parameters: { ...slow.parameters, ...fast.parameters },
    latents: {
      z_H: { start: 'H_init', reference: 'H_init' },
      z_L: { start: 'L_init', reference: 'L_init' },
    },
    answer: 'z_H',
    recur(parameters, x_LBD, { z_H, z_L }) {
      const [fH, fL] = [slow.bind(parameters), fast.bind(parameters)];
      const think = (times: number, h: Tensor, l: Tensor): Tensor => {
        const injected = addLatents(h, x_LBD);
        return repeat(times, [l], ([z]) => [fL(addLatents(z!, injected))])[0]!;
      };
      let latents: Tensor[] = [bfloat16(z_H), bfloat16(z_L)];
      if (hCycles * lCycles > 1) {
        latents = noGradient(latents, (state) => {
          const [h, l] = repeat(hCycles - 1, state, ([answer, thought]) => {
            const next = think(lCycles, answer!, thought!);
            return [fH(addLatents(answer!, next)), next];
          });
          return [h!, think(lCycles - 1, h!, l!)];
        });
      }
      const [h, l] = latents as [Tensor, Tensor];
      const thought = fL(addLatents(l, addLatents(h, x_LBD)));
      return { z_H: fH(addLatents(h, thought)), z_L: thought };
    },
  };
}

export default definePlugin({
  kind: 'model',
  name: 'hrm',
  apiVersion: 1,
  summary:
    'Hierarchical Reasoning Model (arXiv 2506.21734): two networks, one-step gradient, Q-learned halting',
  config: hrmConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'loss'],
  check: recursiveProblems,
  create: (config, { dataset }) => createHrm(config, dataset),
});
