// Shape suffixes: L = positions, B = batch, D = hidden size.
/** TRM with six latents of reasoning: its options, its recursion, the plugin. */
import { definePlugin, type ConfigProblem, type Model } from '@eddy/core';
import { z } from 'zod';

import {
  addLatents,
  cycles,
  Level,
  type BlockShape,
  type DatasetSizes,
  type Latent,
  type RecurrentNetwork,
  type ShapeFacts,
} from '../kit/index.ts';
import {
  createTinyRecursive,
  tinyRecursiveOptions,
  tinyRecursiveProblems,
} from '../trm/tiny-recursive.ts';

/** Latents of reasoning, beside the answer. */
const THOUGHTS = ['z_L1', 'z_L2', 'z_L3', 'z_L4', 'z_L5', 'z_L6'] as const;

export const trmHier6Config = z.strictObject(tinyRecursiveOptions);

export type TrmHier6Config = z.output<typeof trmHier6Config>;

export function trmHier6Problems(config: TrmHier6Config, facts: ShapeFacts): ConfigProblem[] {
  const problems = tinyRecursiveProblems(config, facts);
  if (config.lCycles > THOUGHTS.length) {
    problems.push({
      path: ['lCycles'],
      message: 'each update of a cycle has its own latent, and there are only six',
      expected: `at most ${THOUGHTS.length}`,
      received: String(config.lCycles),
      fix: `lCycles: ${THOUGHTS.length}, or use: trm, which has no such bound`,
    });
  }
  return problems;
}

/**
 * TRM with six latents of reasoning: an ablation of the paper.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871, section 4.2
 * @reference models/recursive_reasoning/trm_hier6.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrmHier6(config: TrmHier6Config, dataset: DatasetSizes): Model {
  return createTinyRecursive({
    name: 'trm-hier6',
    config,
    dataset,
    problems: trmHier6Problems(config, { datasetShape: dataset }),
    network: (blocks) => hier6Network(config, blocks),
  });
}

type Hier6Latent = 'z_H' | (typeof THOUGHTS)[number];

/**
 * Six latents of reasoning in place of one, each renewed once a cycle:
 *
 *   hCycles × (for i = 1 … lCycles: z_Li ← f(Σ z_L, z_H + X), then z_H ← f(z_H, Σ z_L))
 *
 * With fewer than six updates the latents that are never renewed stay at their start and still count
 * in the sum, as in the reference.
 *
 * @source arXiv:2510.04871, section 4.2, "multi-scale z"
 * @reference models/recursive_reasoning/trm_hier6.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
function hier6Network(config: TrmHier6Config, blocks: BlockShape): RecurrentNetwork<Hier6Latent> {
  const { hCycles, lCycles, numLayers } = config;
  const level = new Level({ name: 'layers', reference: 'L_level', numLayers, blocks });
  const starts = ['z_H', ...THOUGHTS].map((name): [string, Latent] => {
    const start = `${name.slice('z_'.length)}_init`;
    return [name, { start, reference: start }];
  });
  return {
    parameters: level.parameters,
    latents: Object.fromEntries(starts) as Record<Hier6Latent, Latent>,
    answer: 'z_H',
    recur(parameters, x_LBD, latents) {
      const f = level.bind(parameters);
      return cycles(hCycles, latents, ({ z_H, ...thoughts }) => {
        const total = () => {
          const { z_L1, z_L2, z_L3, z_L4, z_L5, z_L6 } = thoughts;
          return addLatents(z_L1, z_L2, z_L3, z_L4, z_L5, z_L6);
        };
        const injected = addLatents(z_H, x_LBD);
        for (const name of THOUGHTS.slice(0, lCycles)) {
          thoughts[name] = f(addLatents(total(), injected));
        }
        return { z_H: f(addLatents(z_H, total())), ...thoughts };
      });
    },
  };
}

export default definePlugin({
  kind: 'model',
  name: 'trm-hier6',
  apiVersion: 1,
  summary: 'TRM with six latents of reasoning (an ablation of arXiv 2510.04871)',
  config: trmHier6Config,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'noActContinue', 'loss'],
  check: trmHier6Problems,
  create: (config, { dataset }) => createTrmHier6(config, dataset),
});
