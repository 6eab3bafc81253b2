import type { Model } from '@eddy/core';

import { ActModel } from '../act/act-model.ts';
import { refuseProblems } from '../network/problems.ts';
import { puzzlePrefix, type DatasetSizes } from '../network/sizes.ts';
import { transformerProblems, type TransformerConfig } from './config.ts';
import { TransformerNetwork } from './network.ts';

/**
 * The reference's baseline: a transformer under the same deep supervision. q_continue gets no loss
 * there, so it stays near its start while q_halt learns.
 *
 * @throws MODEL_CONFIG_INVALID where the plugin's `check` finds a problem.
 * @reference models/recursive_reasoning/transformers_baseline.py `Model_ACTV2`
 */
export function createTransformer(config: TransformerConfig, dataset: DatasetSizes): Model {
  refuseProblems('transformer', transformerProblems(config, { datasetShape: dataset }));
  const { actEnabled, actInference } = config;
  return new ActModel({
    blocks: { ...config, mlpT: false },
    prefix: puzzlePrefix(config.hiddenSize, config.puzzleEmbeddingDim),
    dataset,
    network: (blocks) => new TransformerNetwork(config.numLayers, blocks),
    act: {
      ...config,
      haltInTraining: actEnabled ? 'q-halt-over-continue' : 'nothing',
      haltInEvaluation: actInference ? 'q-halt-over-continue' : 'nothing',
      trainsContinue: false,
    },
  });
}
