import {
  datasetOf,
  definePlugin,
  keptStage,
  type Artifact,
  type KeptResult,
  type Split,
  type Stage,
  type StageServices,
} from '@eddy/core';
import { materialisedGroups, openDataset, writeDataset, type StoredDataset } from '@eddy/core/data';
import { z } from 'zod';

const config = z.strictObject({
  split: z.string().default('train').describe('the split to filter; the others stay whole'),
  min: z.number().default(0).describe('lowest rating that is kept'),
  max: z.number().optional().describe('highest rating that is kept; by default there is no limit'),
});

type Options = z.output<typeof config>;

/** Keeps the groups of a split whose examples are all rated within bounds. */
export function ratingFilter(options: Options, services: StageServices): Stage {
  const kinds = { needs: ['dataset'], provides: ['dataset'] };
  return keptStage(services, kinds, (input) =>
    Promise.resolve(filtered(input!, options, services)),
  );
}

/** The filtered dataset is kept in the cache, under a key of the options and of the input's key. */
function filtered(input: Artifact, options: Options, services: StageServices): KeptResult {
  const { name: stage } = services;
  const key = services.artifactKey([input.key]);
  return {
    key,
    make: (folder, signal) => write(folder, datasetOf(input), options, signal),
    read: async (path) => ({ kind: 'dataset', stage, key, path, value: await openDataset(path) }),
  };
}

async function write(
  folder: string,
  original: StoredDataset,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const identifiers = await original.identifiers();
  await writeDataset(folder, {
    metadata: original.metadata,
    splits: Object.keys(original.metadata.splits),
    groups: (split) => groups(original, split, options, signal),
    identifiers: () => identifiers,
  });
}

async function* groups(
  original: StoredDataset,
  name: string,
  options: Options,
  signal: AbortSignal,
) {
  const split = await original.open(name);
  let group = 0;
  for await (const puzzles of materialisedGroups(() => Promise.resolve(split), undefined, signal)) {
    if (name !== options.split || isKept(split, group, options)) yield puzzles;
    group += 1;
  }
}

function isKept(
  { ratings, puzzleIndices, groupIndices }: Split,
  group: number,
  { min, max = Infinity }: Options,
): boolean {
  if (ratings === null) return true;
  const first = puzzleIndices[groupIndices[group]!]!;
  const end = puzzleIndices[groupIndices[group + 1]!]!;
  return ratings.subarray(first, end).every((rating) => rating >= min && rating <= max);
}

export default definePlugin({
  kind: 'stage',
  name: 'rated-puzzles',
  apiVersion: 1,
  summary: 'keeps only puzzles whose rating is within bounds',
  config,
  needs: ['stage'],
  create: (options, { stage }) => ratingFilter(options, stage),
});
