/** Stage `build`: a dataset plugin's examples → a dataset folder, once per content key. */
import { z } from 'zod';

import { DATASET_ARTIFACT, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { DATASET_FORMAT, openDataset, writeDataset } from '../data/dataset-store.ts';
import type { Artifact, Stage } from '../pipeline/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../plugin/plugin.ts';
import type { PluginReference, StageServices } from '../run/services.ts';
import { cancellable } from './cancellable.ts';

const config = z.strictObject({
  dataset: partReference('dataset').describe('the dataset to build'),
});

export default definePlugin({
  kind: 'stage',
  name: 'build',
  apiVersion: 1,
  summary: 'builds a dataset into a folder of Arrow files',
  config,
  needs: ['stage'],
  create: ({ dataset }, { stage }) => buildStage(dataset, stage),
});

function buildStage(reference: PluginReference, services: StageServices): Stage {
  return {
    needs: [],
    provides: [DATASET_ARTIFACT],
    run: () => cancellable(services.stop, (signal) => build(reference, services, signal)),
  };
}

async function build(
  reference: PluginReference,
  services: StageServices,
  signal: AbortSignal,
): Promise<Artifact> {
  const source = await services.parts.create('dataset', reference);
  const key = services.artifactKey([DATASET_FORMAT, await source.fingerprint()]);
  const { path } = await services.artifacts.reuseOrMake(
    services.name,
    key,
    async (folder, making) => {
      await writeDataset(folder, {
        metadata: source.metadata(),
        splits: source.splits,
        groups: (split) => source.groups(split, making),
        identifiers: () => source.identifiers(),
        progress: (split, done) =>
          services.bus.emit({ type: 'progress', stage: services.name, label: split, done }),
      });
    },
    signal,
  );
  const value: DatasetArtifact = await openDataset(path);
  return { kind: DATASET_ARTIFACT, stage: services.name, key, path, value };
}
