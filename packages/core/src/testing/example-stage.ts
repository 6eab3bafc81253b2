/** What a stage is given in a test: services without a run, and a small dataset to read. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { from, lastValueFrom, toArray } from 'rxjs';

import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { writeDataset } from '../data/dataset-store.ts';
import { artifactKey } from '../pipeline/artifact-key.ts';
import { FileArtifactStore } from '../pipeline/artifact-store.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { PluginReference, StageServices } from '../contracts/services.ts';
import { eagerEngine } from './eager-engine.ts';
import { exampleMetadata, numberedGroups } from './example-dataset.ts';

/**
 * Services of a stage called `example` whose run and cache lie in `folder`. It has no parts to create
 * and no options; give your own where the stage under test asks for them.
 */
export function exampleStageServices(
  folder: string,
  own: Partial<StageServices> = {},
): StageServices {
  const bus = createEventBus();
  const noPart = (kind: string, { use }: PluginReference) =>
    Promise.reject(new Error(`the test has no ${kind} ${use}`));
  return {
    name: 'example',
    bus,
    parts: { create: noPart, describe: noPart },
    artifacts: new FileArtifactStore({
      root: join(folder, 'artifacts'),
      isForced: () => false,
      inputsOf: () => undefined,
      onReuse: (stage, key, path) => bus.emit({ type: 'stage-reused', stage, key, path }),
    }),
    stop: { requested: false, signal: new AbortController().signal },
    engine: () => Promise.resolve(eagerEngine()),
    restartEngine: () => Promise.resolve(eagerEngine()),
    artifactKey: (inputs) => artifactKey({ stage: 'example', config: {}, plugins: {}, inputs }),
    stages: () => [],
    runFolder: folder,
    ...own,
  };
}

/** The artifacts that a stage makes of these. */
export function artifactsOf(stage: Stage, inputs: readonly Artifact[]): Promise<Artifact[]> {
  return lastValueFrom(stage.run(from(inputs)).pipe(toArray()));
}

/**
 * Builds a dataset in a new folder below `folder`.
 *
 * @param splits  the number of examples of each group, by split. The examples of group g are rated 10·g.
 */
export async function exampleDataset(
  folder: string,
  splits: Readonly<Record<string, readonly number[]>>,
): Promise<Artifact> {
  const path = await mkdtemp(join(folder, 'dataset-'));
  const value = await writeDataset(path, {
    metadata: exampleMetadata,
    splits: Object.keys(splits),
    groups: async function* (split) {
      yield* numberedGroups(splits[split]!.map((examples) => [examples]));
    },
    identifiers: () => ['<blank>'],
  });
  return { kind: DATASET_ARTIFACT, stage: 'build', key: JSON.stringify(splits), path, value };
}
