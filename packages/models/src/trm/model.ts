import type { Model } from '@eddy/core';

import { refuseProblems } from '../network/problems.ts';
import type { DatasetSizes } from '../network/sizes.ts';
import { createTinyRecursive } from '../tiny-recursive/model.ts';
import { trmProblems, type TrmConfig } from './config.ts';
import { TrmNetwork } from './network.ts';

/**
 * The Tiny Recursive Model with adaptive computation time.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2510.04871
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1`
 */
export function createTrm(config: TrmConfig, dataset: DatasetSizes): Model {
  refuseProblems('trm', trmProblems(config, { datasetShape: dataset }));
  return createTinyRecursive(config, dataset, (blocks) => new TrmNetwork(config, blocks));
}
