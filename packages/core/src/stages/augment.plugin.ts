/**
 * Stage `augment`: adds the versions of an augmentation to a dataset, either into a new folder
 * (`mode: materialised`) or while batches are drawn (`mode: on-the-fly`). Both give the same batches.
 */
import { join } from 'node:path';

import { concatMap } from 'rxjs';
import { z } from 'zod';

import type { TaskAugmentation } from '../contracts/dataset.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { materialisedGroups } from '../data/materialise.ts';
import {
  DATASET_FORMAT,
  openDataset,
  writeDataset,
  type StoredDataset,
} from '../data/dataset-store.ts';
import { metadataWithVersions, namesOfVersions, planVersions } from '../data/version-plan.ts';
import { readVersionPlan, writeVersionPlan } from '../data/version-plan-file.ts';
import { sizesOf, versionedSplit, type AttachedAugmentation } from '../data/versioned-split.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../contracts/plugin.ts';
import { randomStream, type RandomStream } from '../random/random-stream.ts';
import type { StageServices } from '../contracts/services.ts';
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

const PLAN_FILE = 'versions.safetensors';

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
  const original = datasetOf(input);
  const augmentation = await services.parts.create('augmentation', options.augmentation, {
    dataset: original.metadata,
  });
  const augmentedBy = options.augmentation;
  const random = randomStream(options.seed).stream('augmentation');
  const key = services.artifactKey([DATASET_FORMAT, input.key]);
  const artifact = { kind: DATASET_ARTIFACT, stage: services.name, key };
  const { dataset, attached, path } =
    'codesOf' in augmentation
      ? await withTaskVersions({ original, augmentation, random, key, services, signal })
      : { dataset: original, attached: { augmentation, random }, path: input.path };
  if (augmentation.mode === 'on-the-fly') {
    const value: DatasetArtifact = { ...dataset, augmentation: attached, augmentedBy };
    return { ...artifact, path, value };
  }
  const { path: folder } = await services.artifacts.reuseOrMake(
    services.name,
    key,
    (made, making) => materialise(made, dataset, attached, services, making),
    signal,
  );
  const value: DatasetArtifact = { ...(await openDataset(folder)), augmentedBy };
  return { ...artifact, path: folder, value };
}

/** The dataset with the identifiers of its versions, which are drawn once and kept. */
async function withTaskVersions(args: {
  readonly original: StoredDataset;
  readonly augmentation: TaskAugmentation;
  readonly random: RandomStream;
  readonly key: string;
  readonly services: StageServices;
  readonly signal: AbortSignal;
}): Promise<{ dataset: StoredDataset; attached: AttachedAugmentation; path: string }> {
  const { original, augmentation, random, services, signal } = args;
  const { path } = await services.artifacts.reuseOrMake(
    services.name,
    services.artifactKey([args.key, 'versions']),
    async (folder, making) => {
      const drawn = await planVersions(original, augmentation, random, {
        signal: making,
        progress: (done, total) =>
          services.bus.emit({
            type: 'progress',
            stage: services.name,
            label: 'versions',
            done,
            total,
          }),
      });
      await writeVersionPlan(join(folder, PLAN_FILE), drawn);
    },
    signal,
  );
  const plan = await readVersionPlan(join(path, PLAN_FILE), original.metadata);
  const attached = { augmentation, random, plan };
  const originalNames = await original.identifiers();
  let names: readonly string[] | undefined;
  const dataset = {
    ...original,
    metadata: await metadataWithVersions(original, attached),
    // A million names: made once, when somebody asks.
    identifiers: () =>
      Promise.resolve((names ??= namesOfVersions(originalNames, augmentation, plan))),
  };
  return { dataset, attached, path };
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
  const totals: Record<string, number> = {};
  for (const split of Object.keys(metadata.splits)) {
    totals[split] = sizesOf(versionedSplit(await dataset.open(split), attached)).numExamples;
  }
  await writeDataset(folder, {
    metadata,
    splits: Object.keys(metadata.splits),
    groups: (split) => materialisedGroups(dataset.open(split), attached, signal),
    numExamples: (split) => totals[split]!,
    identifiers: () => identifiers,
    progress: (split, done) =>
      services.bus.emit({
        type: 'progress',
        stage: services.name,
        label: split,
        done,
        total: totals[split]!,
      }),
  });
}
