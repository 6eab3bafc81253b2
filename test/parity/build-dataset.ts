/** Runs the stages build and augment for a parity case, without a pipeline around them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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
import arc from '@eddy/datasets/arc';
import arcTransform from '@eddy/datasets/arc-transform';
import sudoku from '@eddy/datasets/sudoku';
import sudokuShuffle from '@eddy/datasets/sudoku-shuffle';
import { firstValueFrom, NEVER, of } from 'rxjs';

export interface BuiltDataset {
  readonly metadata: DatasetMetadata;
  readonly identifiers: readonly string[];
  readonly splits: Readonly<Record<string, Split>>;
}

/** @param augmentation  options of sudoku-shuffle, or none. */
export function buildSudoku(
  dataset: object,
  augmentation?: { readonly numVersions: number },
): Promise<BuiltDataset> {
  return buildDataset(
    { use: 'sudoku', ...dataset },
    augmentation && { use: 'sudoku-shuffle', mode: 'materialised', ...augmentation },
  );
}

/** @param augmentation  with the mode in which it writes to disk; or none. */
export async function buildDataset(
  dataset: { readonly use: string },
  augmentation?: { readonly use: string; readonly mode: 'materialised' },
): Promise<BuiltDataset> {
  const folder = await mkdtemp(path.join(tmpdir(), 'eddy-parity-'));
  const stage = stageServices(folder);
  try {
    let artifact = await resultOf(buildStage, buildStage.config.parse({ dataset }), stage);
    if (augmentation !== undefined) {
      const augment = augmentStage.config.parse({ augmentation });
      artifact = await resultOf(augmentStage, augment, stage, artifact);
    }
    const { metadata, open, identifiers } = datasetOf(artifact);
    const splits = Object.keys(metadata.splits).map(async (name) => [name, await open(name)]);
    return {
      metadata,
      identifiers: await identifiers(),
      splits: Object.fromEntries(await Promise.all(splits)),
    };
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
  const plugins: readonly Plugin[] = [sudoku, sudokuShuffle, arc, arcTransform].map((plugin) =>
    definePlugin(plugin as Plugin),
  );
  let made = 0;
  return {
    name: 'parity',
    bus: { events$: NEVER, emit: () => undefined },
    parts: {
      create: async (_kind, { use, ...options }, facts) => {
        const plugin = plugins.find(({ name }) => name === use)!;
        const services = {
          configFolder: folder,
          cacheFolder: folder,
          offline: true,
          notify: () => undefined,
          ...facts,
        };
        return (await plugin.create(plugin.config.parse(options), services as never)) as never;
      },
      identify: (_kind, { use }) => use,
    },
    artifacts: {
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
