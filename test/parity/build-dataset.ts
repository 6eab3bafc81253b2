/** Runs the stages build and augment for a parity case, without a pipeline around them. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import {
  datasetOf,
  definePlugin,
  type Artifact,
  type DatasetMetadata,
  type Plugin,
  type PluginReference,
  type Split,
  type StageServices,
} from '@eddy/core';
import augmentStage from '@eddy/core/augment';
import buildStage from '@eddy/core/build';
import { withTemporaryFolder } from '@eddy/core/testing';
import { writeReferenceFolder } from '@eddy/datasets';
import arc from '@eddy/datasets/arc';
import arcTransform from '@eddy/datasets/arc-transform';
import dihedral from '@eddy/datasets/dihedral';
import maze from '@eddy/datasets/maze';
import referenceFolder from '@eddy/datasets/reference-folder';
import sudoku from '@eddy/datasets/sudoku';
import sudokuShuffle from '@eddy/datasets/sudoku-shuffle';
import { firstValueFrom, NEVER, of } from 'rxjs';

const PLUGINS = [sudoku, sudokuShuffle, maze, dihedral, arc, arcTransform, referenceFolder];

export interface BuiltDataset {
  readonly metadata: DatasetMetadata;
  readonly splits: Readonly<Record<string, Split>>;
  readonly identifiers: readonly string[];
}

/**
 * @param dataset  a reference to a dataset plugin with its options.
 * @param augmentation  a reference to an augmentation, to be materialised.
 * @param exportTo  also write the result in the reference's format into this folder.
 */
export async function buildDataset(
  dataset: PluginReference,
  augmentation?: PluginReference,
  exportTo?: string,
): Promise<BuiltDataset> {
  return withTemporaryFolder(async (folder) => {
    const stage = stageServices(folder);
    const build = buildStage.config.parse({ dataset });
    let artifact = await resultOf(buildStage, build, stage);
    if (augmentation !== undefined) {
      const materialised = { ...augmentation, mode: 'materialised' };
      const augment = augmentStage.config.parse({ augmentation: materialised });
      artifact = await resultOf(augmentStage, augment, stage, artifact);
    }
    const built = datasetOf(artifact);
    const { metadata, open } = built;
    if (exportTo !== undefined) await writeReferenceFolder(built, exportTo, stage.stop.signal);
    const splits = Object.keys(metadata.splits).map(async (name) => [name, await open(name)]);
    return {
      metadata,
      splits: Object.fromEntries(await Promise.all(splits)),
      identifiers: await built.identifiers(),
    };
  });
}

async function resultOf(
  plugin: typeof buildStage | typeof augmentStage,
  config: object,
  stage: StageServices,
  ...inputs: readonly Artifact[]
): Promise<Artifact> {
  const created = await plugin.create(config as never, { stage });
  return firstValueFrom(created.run(of(...inputs)));
}

function stageServices(folder: string): StageServices {
  const plugins: readonly Plugin[] = PLUGINS.map((plugin) => definePlugin(plugin as Plugin));
  let made = 0;
  return {
    name: 'parity',
    bus: { events$: NEVER, emit: () => undefined, recorded: () => Promise.resolve() },
    parts: {
      create: async (_kind, { use, ...options }, facts) => {
        const plugin = plugins.find(({ name }) => name === use)!;
        const services = {
          configFolder: folder,
          cacheFolder: folder,
          offline: true,
          notify: () => undefined,
          ...facts,
          datasetShape: facts?.dataset,
        };
        return (await plugin.create(plugin.config.parse(options), services as never)) as never;
      },
      describe: () => Promise.reject(new Error('not used')),
    },
    artifacts: {
      find: () => Promise.resolve(undefined),
      keep: () => Promise.reject(new Error('not used')),
      async reuseOrMake(_stage, _key, make, signal) {
        const target = path.join(folder, String(made++));
        await mkdir(target);
        await make(target, signal);
        return { path: target, reused: false };
      },
    },
    stop: { requested: false, signal: new AbortController().signal },
    artifactKey: (inputs) => inputs.join(),
  } as Partial<StageServices> as StageServices;
}
