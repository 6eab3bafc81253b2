/** Stage `build`: a dataset plugin's examples → a dataset folder, once per content key. */
import { z } from 'zod';

import { DATASET_ARTIFACT, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { contentOf, DATASET_FORMAT, openDataset, writeDataset } from '../data/dataset-store.ts';
import { guardAgainstLeakage, leakageReports, type NamedSource } from '../data/leakage-guard.ts';
import { leakageText } from '../data/leakage.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { StageServices } from '../contracts/services.ts';
import { cancellable } from './cancellable.ts';

const config = z.strictObject({
  dataset: partReference('dataset').describe('the dataset to build'),
  leakage: z
    .strictObject({
      action: z
        .enum(['report', 'fail', 'drop', 'off'])
        .default('report')
        .describe(
          'on test examples that occur in train under the symmetries of the task: say so, fail, or ' +
            'leave the training groups out that hold them',
        ),
      against: z
        .array(partReference('dataset'))
        .default([])
        .describe('other datasets whose test examples must not occur in train either'),
    })
    .prefault({})
    .describe('compares training data with test data'),
});

type BuildConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'stage',
  name: 'build',
  apiVersion: 1,
  summary: 'builds a dataset into a folder of Arrow files',
  config,
  needs: ['stage'],
  create: (options, { stage }) => buildStage(options, stage),
});

function buildStage(options: BuildConfig, services: StageServices): Stage {
  return {
    needs: [],
    provides: [DATASET_ARTIFACT],
    run: () => cancellable(services.stop, (signal) => build(options, services, signal)),
  };
}

async function build(
  { dataset, leakage }: BuildConfig,
  services: StageServices,
  signal: AbortSignal,
): Promise<Artifact> {
  const source = await services.parts.create('dataset', dataset);
  const against: NamedSource[] = [];
  for (const reference of leakage.against) {
    const other = await services.parts.create('dataset', reference);
    against.push({ name: reference.use, source: other });
  }
  const contents = [source, ...against.map((other) => other.source)];
  const fingerprints = await Promise.all(contents.map((content) => content.fingerprint(signal)));
  const key = services.artifactKey([DATASET_FORMAT, ...fingerprints]);
  const { path } = await services.artifacts.reuseOrMake(
    services.name,
    key,
    async (folder, making) => {
      await writeDataset(folder, {
        ...contentOf(source, making),
        progress: (split, done) =>
          services.bus.emit({ type: 'progress', stage: services.name, label: split, done }),
      });
      const { action } = leakage;
      await guardAgainstLeakage(folder, { source, against, action, signal: making });
    },
    signal,
  );
  for (const report of await leakageReports(path)) {
    const text = leakageText(report);
    services.bus.emit({ type: 'leakage-checked', stage: services.name, report, text });
  }
  const value: DatasetArtifact = await openDataset(path);
  return { kind: DATASET_ARTIFACT, stage: services.name, key, path, value };
}
