/** Runs the stages build and augment for a parity case, without a pipeline around them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  datasetOf,
  definePlugin,
  type Artifact,
  type DatasetMetadata,
  type Plugin,
  type Split,
  type StageServices,
} from '@eddy/core';
import augmentStage from '@eddy/core/stages/augment';
import buildStage from '@eddy/core/stages/build';
import sudoku from '@eddy/datasets/sudoku';
import sudokuShuffle from '@eddy/datasets/sudoku-shuffle';
import { firstValueFrom, NEVER, of } from 'rxjs';

export interface BuiltDataset {
  readonly metadata: DatasetMetadata;
  readonly splits: Readonly<Record<string, Split>>;
}

/** @param augmentation  options of sudoku-shuffle, or none. */
export async function buildSudoku(
  dataset: object,
  augmentation?: { readonly numVersions: number },
): Promise<BuiltDataset> {
  const folder = await mkdtemp(path.join(tmpdir(), 'eddy-parity-'));
  const stage = stageServices(folder);
  try {
    const build = buildStage.config.parse({ dataset: { use: 'sudoku', ...dataset } });
    let artifact = await resultOf(buildStage, build, stage);
    if (augmentation !== undefined) {
      const shuffle = { use: 'sudoku-shuffle', mode: 'materialised', ...augmentation };
      const augment = augmentStage.config.parse({ augmentation: shuffle });
      artifact = await resultOf(augmentStage, augment, stage, artifact);
    }
    const { metadata, open } = datasetOf(artifact);
    const splits = Object.keys(metadata.splits).map(async (name) => [name, await open(name)]);
    return { metadata, splits: Object.fromEntries(await Promise.all(splits)) };
  } finally {
    await rm(folder, { recursive: true });
  }
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
  const plugins: readonly Plugin[] = [sudoku, sudokuShuffle].map((plugin) =>
    definePlugin(plugin as Plugin),
  );
  let made = 0;
  return {
    name: 'parity',
    bus: { events$: NEVER, emit: () => undefined },
    parts: {
      create: async (_kind, { use, ...options }) => {
        const plugin = plugins.find(({ name }) => name === use)!;
        const services = {
          configFolder: folder,
          cacheFolder: folder,
          offline: true,
          notify: () => undefined,
        };
        return (await plugin.create(plugin.config.parse(options), services as never)) as never;
      },
      identify: (_kind, { use }) => use,
    },
    artifacts: {
      async reuseOrMake(_stage, _key, make, signal) {
        const target = path.join(folder, String(made++));
        await make(target, signal);
        return { path: target, reused: false };
      },
    },
    stop: { requested: false, signal: new AbortController().signal },
    artifactKey: (inputs) => inputs.join(),
  } as Partial<StageServices> as StageServices;
}
