import type { Model } from '@eddy/core';

import { ActModel } from '../act/act-model.ts';
import { refuseProblems } from '../network/problems.ts';
import { puzzlePrefix, type DatasetSizes } from '../network/sizes.ts';
import { hrmProblems, type HrmConfig } from './config.ts';
import { HrmNetwork } from './network.ts';

/**
 * The Hierarchical Reasoning Model. Whether a row goes on is learned by Q-learning: it halts when
 * q_halt exceeds q_continue, whose target is the model's own next step.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @source arXiv:2506.21734
 * @reference models/recursive_reasoning/hrm.py `HierarchicalReasoningModel_ACTV1`
 */
export function createHrm(config: HrmConfig, dataset: DatasetSizes): Model {
  refuseProblems('hrm', hrmProblems(config, { datasetShape: dataset }));
  return new ActModel({
    blocks: config,
    prefix: puzzlePrefix(config.hiddenSize, config.puzzleEmbeddingDim),
    dataset,
    network: (blocks) => new HrmNetwork(config, blocks),
    act: {
      ...config,
      haltInTraining: 'q-halt-over-continue',
      haltInEvaluation: 'nothing',
      trainsContinue: true,
    },
  });
}
