import type { Model } from '@eddy/core';

import { ActModel, type ActModelOptions } from '../act/act-model.ts';
import type { DatasetSizes } from '../network/sizes.ts';
import { tinyRecursivePrefix, type TinyRecursiveConfig } from './options.ts';

/** TRM, or a variant that differs in its latents only. */
export function createTinyRecursive(
  config: TinyRecursiveConfig,
  dataset: DatasetSizes,
  network: ActModelOptions['network'],
): Model {
  const { noActContinue } = config;
  return new ActModel({
    blocks: config,
    prefix: tinyRecursivePrefix(config),
    dataset,
    network,
    act: {
      ...config,
      haltInTraining: noActContinue ? 'q-halt' : 'q-halt-over-continue',
      haltInEvaluation: 'nothing',
      trainsContinue: !noActContinue,
    },
  });
}
