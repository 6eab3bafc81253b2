/**
 * Stage `augment`: adds the versions of an augmentation to a dataset, either into a new folder
 * (`mode: materialised`) or while batches are drawn (`mode: on-the-fly`). Both give the same batches.
 */
import { concatMap } from 'rxjs';
import { z } from 'zod';

import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { materialisedGroups } from '../data/materialise.ts';
import {
  DATASET_FORMAT,
  openDataset,
  writeDataset,
  type StoredDataset,
} from '../data/dataset-store.ts';
import type { AttachedAugmentation } from '../data/sampler.ts';
import type { Artifact, Stage } from '../pipeline/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../plugin/plugin.ts';
import { randomStream } from '../random/random-stream.ts';
import type { StageServices } from '../run/services.ts';
import { cancellable } from './cancellable.ts';

const config = z.strictObject({
  augmentation: partReference('augmentation').describe('the augmentation to apply'),
  seed: z
    .int()
    .min(0)
    .default(0)
    .describe('seed of the versions; apart from the seed of the run, so that runs share data'),
});

export default definePlugin({
  kind: 'stage',
  name: 'augment',
  apiVersion: 1,
  summary: 'adds augmented versions to a dataset, on disk or while sampling',
  config,
  needs: ['stage'],
  create: (options, { stage }) => augmentStage(options, stage),
});

function augmentStage(options: z.output<typeof config>, services: StageServices): Stage {
  return {
    needs: [DATASET_ARTIFACT],
    provides: [DATASET_ARTIFACT],
    run: (inputs$) =>
      inputs$.pipe(
        concatMap((input) =>
          cancellable(services.stop, (signal) => augment(options, services, input, signal)),
        ),
      ),
  };
}

async function augment(
  options: z.output<typeof config>,
  services: StageServices,
  input: Artifact,
  signal: AbortSignal,
): Promise<Artifact> {
  const dataset = datasetOf(input);
  const augmentation = await services.parts.create('augmentation', options.augmentation, {
    dataset: dataset.metadata,
  });
  const attached: AttachedAugmentation = {
    augmentation,
    random: randomStream(options.seed).stream('augmentation'),
  };
  const key = services.artifactKey([DATASET_FORMAT, input.key]);
  const artifact = { kind: DATASET_ARTIFACT, stage: services.name, key };
  if (augmentation.mode === 'on-the-fly') {
    const value: DatasetArtifact = { ...dataset, augmentation: attached };
    return { ...artifact, path: input.path, value };
  }
  const { path } = await services.artifacts.reuseOrMake(
    services.name,
    key,
    (folder, making) => materialise(folder, dataset, attached, services, making),
    signal,
  );
  const value: DatasetArtifact = await openDataset(path);
  return { ...artifact, path, value };
}

async function materialise(
  folder: string,
  dataset: StoredDataset,
  attached: AttachedAugmentation,
  services: StageServices,
  signal: AbortSignal,
): Promise<void> {
  const { metadata } = dataset;
  const identifiers = await dataset.identifiers();
  const { numVersions, splits: augmented } = attached.augmentation;
  await writeDataset(folder, {
    metadata,
    splits: Object.keys(metadata.splits),
    groups: (split) => materialisedGroups(dataset.open(split), attached, signal),
    identifiers: () => identifiers,
    progress: (split, done) => {
      const total =
        metadata.splits[split]!.numExamples * (augmented.includes(split) ? 1 + numVersions : 1);
      services.bus.emit({ type: 'progress', stage: services.name, label: split, done, total });
    },
  });
}
