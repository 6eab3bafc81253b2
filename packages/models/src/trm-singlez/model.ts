import type { Model } from '@eddy/core';

import { refuseProblems } from '../network/problems.ts';
import type { DatasetSizes } from '../network/sizes.ts';
import { createTinyRecursive } from '../tiny-recursive/model.ts';
import { trmSinglezProblems, type TrmSinglezConfig } from './config.ts';
import { TrmSinglezNetwork } from './network.ts';

/**
 * TRM with a single latent: an ablation of the paper.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871, section 4.2
 * @reference models/recursive_reasoning/trm_singlez.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrmSinglez(config: TrmSinglezConfig, dataset: DatasetSizes): Model {
  refuseProblems('trm-singlez', trmSinglezProblems(config, { datasetShape: dataset }));
  return createTinyRecursive(config, dataset, (blocks) => new TrmSinglezNetwork(config, blocks));
}
