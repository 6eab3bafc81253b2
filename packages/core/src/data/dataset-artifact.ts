/** What an artifact of kind `dataset` carries: the value that train and evaluate read. */
import { InternalError } from '@eddy/tensor/errors';
import type { Artifact } from '../contracts/stage.ts';
import type { PluginReference } from '../contracts/services.ts';
import type { StoredDataset } from './dataset-store.ts';
import type { AttachedAugmentation } from './versioned-split.ts';

export const DATASET_ARTIFACT = 'dataset';

export interface DatasetArtifact extends StoredDataset {
  /** To apply while sampling; already in the data when it was materialised. */
  readonly augmentation?: AttachedAugmentation;
  /** The augmentation plugin that was applied last, in either mode. */
  readonly augmentedBy?: PluginReference;
}

/** The dataset behind an artifact of kind `dataset`. */
export function datasetOf(artifact: Artifact): DatasetArtifact {
  if (artifact.kind !== DATASET_ARTIFACT || artifact.value === undefined) {
    throw new InternalError(`stage ${artifact.stage} handed on a ${artifact.kind}, not a dataset`);
  }
  return artifact.value as DatasetArtifact;
}
