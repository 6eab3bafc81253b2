import type { Model } from '@eddy/core';

import { refuseProblems } from '../network/problems.ts';
import type { DatasetSizes } from '../network/sizes.ts';
import { createTinyRecursive } from '../tiny-recursive/model.ts';
import { trmHier6Problems, type TrmHier6Config } from './config.ts';
import { TrmHier6Network } from './network.ts';

/**
 * TRM with six latents of reasoning: an ablation of the paper.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871, section 4.2
 * @reference models/recursive_reasoning/trm_hier6.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrmHier6(config: TrmHier6Config, dataset: DatasetSizes): Model {
  refuseProblems('trm-hier6', trmHier6Problems(config, { datasetShape: dataset }));
  return createTinyRecursive(config, dataset, (blocks) => new TrmHier6Network(config, blocks));
}
