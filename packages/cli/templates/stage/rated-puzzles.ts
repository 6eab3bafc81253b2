import {
  cancellable,
  datasetOf,
  definePlugin,
  type Artifact,
  type Split,
  type Stage,
  type StageServices,
} from '@eddy/core';
import { materialisedGroups, openDataset, writeDataset, type StoredDataset } from '@eddy/core/data';
import { concatMap } from 'rxjs';
import { z } from 'zod';

const config = z.strictObject({
  split: z.string().default('train').describe('the split to filter; the others stay whole'),
  min: z.number().default(0).describe('lowest rating that is kept'),
  max: z.number().optional().describe('highest rating that is kept; any by default'),
});

type Options = z.output<typeof config>;

/** Keeps the groups of a split whose examples are all rated within bounds. */
export class RatedPuzzles implements Stage {
  readonly needs = ['dataset'];
  readonly provides = ['dataset'];
  readonly #options: Options;
  readonly #services: StageServices;

  constructor(options: Options, services: StageServices) {
    this.#options = options;
    this.#services = services;
  }

  run(inputs$: Parameters<Stage['run']>[0]) {
    const { stop } = this.#services;
    return inputs$.pipe(
      concatMap((input) => cancellable(stop, (signal) => this.#filter(input, signal))),
    );
  }

  /** The filtered dataset is kept in the cache, under a key of the options and of the input's key. */
  async #filter(input: Artifact, signal: AbortSignal): Promise<Artifact> {
    const { name, artifacts } = this.#services;
    const key = this.#services.artifactKey([input.key]);
    const write = (folder: string) => this.#write(folder, datasetOf(input), signal);
    const { path } = await artifacts.reuseOrMake(name, key, write, signal);
    return { kind: 'dataset', stage: name, key, path, value: await openDataset(path) };
  }

  async #write(folder: string, original: StoredDataset, signal: AbortSignal): Promise<void> {
    const identifiers = await original.identifiers();
    await writeDataset(folder, {
      metadata: original.metadata,
      splits: Object.keys(original.metadata.splits),
      groups: (split) => this.#groups(original, split, signal),
      identifiers: () => identifiers,
    });
  }

  async *#groups(original: StoredDataset, name: string, signal: AbortSignal) {
    const split = await original.open(name);
    let group = 0;
    for await (const puzzles of materialisedGroups(Promise.resolve(split), undefined, signal)) {
      if (name !== this.#options.split || this.#isKept(split, group)) yield puzzles;
      group += 1;
    }
  }

  #isKept({ ratings, puzzleIndices, groupIndices }: Split, group: number): boolean {
    if (ratings === null) return true;
    const { min, max = Infinity } = this.#options;
    const first = puzzleIndices[groupIndices[group]!]!;
    const end = puzzleIndices[groupIndices[group + 1]!]!;
    return ratings.subarray(first, end).every((rating) => rating >= min && rating <= max);
  }
}

export default definePlugin({
  kind: 'stage',
  name: 'rated-puzzles',
  apiVersion: 1,
  summary: 'keeps the puzzles whose rating lies within bounds',
  config,
  needs: ['stage'],
  create: (options, { stage }) => new RatedPuzzles(options, stage),
});
