/**
 * Stage `augment`: adds the versions of an augmentation to a dataset, either into a new folder
 * (`mode: materialised`) or while batches are drawn (`mode: on-the-fly`). Both give the same batches.
 */
import { join } from 'node:path';

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
import type { Artifact, KeptResult, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../contracts/plugin.ts';
import { randomStream, type RandomStream } from '../random/random-stream.ts';
import type { StageServices } from '../contracts/services.ts';
import { expectedDataset, withExpectedVersions } from './foresee-datasets.ts';
import { keptStage } from './kept-stage.ts';

const config = z.strictObject({
  augmentation: partReference('augmentation').describe('the augmentation to apply'),
  seed: z
    .int()
    .min(0)
    .default(0)
    .describe('seed of the versions; separate from the run’s seed, so that runs share data'),
});

type AugmentConfig = z.output<typeof config>;

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

function augmentStage(options: AugmentConfig, services: StageServices): Stage {
  const kinds = { needs: [DATASET_ARTIFACT], provides: [DATASET_ARTIFACT] };
  return {
    ...keptStage(services, kinds, (input) => augmented(options, services, input!)),
    foresee: async (inputs) => {
      const original = expectedDataset(inputs);
      if (original === undefined) return { artifacts: [] };
      const { numPuzzleIdentifiers = 1 } = original;
      const dataset = { ...original.metadata, numPuzzleIdentifiers, splits: {} };
      const reference = options.augmentation;
      const augmentation = await services.parts.create('augmentation', reference, { dataset });
      const value = withExpectedVersions(original, augmentation);
      return { artifacts: [{ kind: DATASET_ARTIFACT, stage: services.name, value }] };
    },
  };
}

async function augmented(
  options: AugmentConfig,
  services: StageServices,
  input: Artifact,
): Promise<Artifact | KeptResult> {
  const original = datasetOf(input);
  const augmentation = await services.parts.create('augmentation', options.augmentation, {
    dataset: original.metadata,
  });
  const random = randomStream(options.seed).stream('augmentation');
  const key = services.artifactKey([DATASET_FORMAT, input.key]);
  const augmentedBy = options.augmentation;
  const artifact = { kind: DATASET_ARTIFACT, stage: services.name, key };
  const withVersions = (
    dataset: StoredDataset,
    attached: AttachedAugmentation,
    path: string,
  ): Artifact | KeptResult => {
    if (augmentation.mode === 'on-the-fly') {
      const value: DatasetArtifact = { ...dataset, augmentation: attached, augmentedBy };
      return { ...artifact, path, value };
    }
    return {
      key,
      make: (folder, making) => materialise(folder, dataset, attached, services, making),
      read: async (folder) => {
        const value: DatasetArtifact = { ...(await openDataset(folder)), augmentedBy };
        return { ...artifact, path: folder, value };
      },
    };
  };
  if (!('codesOf' in augmentation)) {
    return withVersions(original, { augmentation, random }, input.path);
  }
  const drawn = { original, augmentation, random, services };
  return drawnVersions(services.artifactKey([key, 'versions']), drawn, withVersions);
}

/** The dataset with the identifiers of its versions, which are drawn once and kept. */
function drawnVersions(
  key: string,
  {
    original,
    augmentation,
    random,
    services: { name: stage, bus },
  }: {
    readonly original: StoredDataset;
    readonly augmentation: TaskAugmentation;
    readonly random: RandomStream;
    readonly services: StageServices;
  },
  next: (
    dataset: StoredDataset,
    attached: AttachedAugmentation,
    path: string,
  ) => Artifact | KeptResult,
): KeptResult {
  return {
    key,
    make: async (folder, signal) => {
      const drawn = await planVersions(original, augmentation, random, {
        signal,
        progress: (done, total) =>
          bus.emit({ type: 'progress', stage, label: 'versions', done, total }),
      });
      await writeVersionPlan(join(folder, PLAN_FILE), drawn);
    },
    read: async (path) => {
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
      return next(dataset, attached, path);
    },
  };
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
    groups: (split) => materialisedGroups(() => dataset.open(split), attached, signal),
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
