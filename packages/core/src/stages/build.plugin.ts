/** Stage `build`: a dataset plugin's examples → a dataset folder, once per content key. */
import { z } from 'zod';

import { DATASET_ARTIFACT, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { contentOf, DATASET_FORMAT, openDataset, writeDataset } from '../data/dataset-store.ts';
import {
  guardAgainstLeakage,
  guardValidation,
  leakageReports,
  type NamedSource,
} from '../data/leakage-guard.ts';
import { holdOutValidation } from '../data/validation-split.ts';
import { leakageText } from '../data/leakage.ts';
import type { KeptResult, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { StageServices } from '../contracts/services.ts';
import { foreseeSource } from './foresee-datasets.ts';
import { keptStage } from './kept-stage.ts';

const config = z.strictObject({
  dataset: partReference('dataset').describe('the dataset to build'),
  leakage: z
    .strictObject({
      action: z
        .enum(['report', 'fail', 'drop', 'off'])
        .default('report')
        .describe(
          'what to do with test examples that occur in train under a symmetry of the task: report them, fail, or  ' +
            'drop the training groups that contain them',
        ),
      against: z
        .array(partReference('dataset'))
        .default([])
        .describe('other datasets whose test examples must not occur in train either'),
    })
    .prefault({})
    .describe('compares training data with test data'),
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      'share of the training puzzles to hold out as the split validation, such as 0.1; it chooses checkpoints  ' +
        '(train.monitor), so that test data does not',
    ),
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
  const kinds = { needs: [], provides: [DATASET_ARTIFACT] };
  return {
    ...keptStage(services, kinds, (_input, signal) => builtDataset(options, services, signal)),
    foresee: async () =>
      foreseeSource(
        await services.parts.create('dataset', options.dataset),
        services.name,
        options.validation,
      ),
  };
}

async function builtDataset(
  { dataset, leakage, validation: part }: BuildConfig,
  services: StageServices,
  signal: AbortSignal,
): Promise<KeptResult> {
  const { name: stage, bus, parts } = services;
  const source = await parts.create('dataset', dataset);
  const against: NamedSource[] = [];
  for (const reference of leakage.against) {
    const other = await parts.create('dataset', reference);
    against.push({ name: reference.use, source: other });
  }
  const contents = [source, ...against.map((other) => other.source)];
  const fingerprints = await Promise.all(contents.map((content) => content.fingerprint(signal)));
  const key = services.artifactKey([DATASET_FORMAT, ...fingerprints]);
  return {
    key,
    make: async (folder, making) => {
      await writeDataset(folder, {
        ...contentOf(source, making),
        progress: (split, done) => bus.emit({ type: 'progress', stage, label: split, done }),
      });
      const { action } = leakage;
      await guardAgainstLeakage(folder, { source, against, action, signal: making });
      if (part === undefined) return;
      // After the guard: what it drops from training would choose checkpoints by test puzzles.
      await holdOutValidation(folder, { part, symmetries: source.symmetries, signal: making });
      if (action !== 'off') await guardValidation(folder, source, making);
    },
    read: async (path) => {
      for (const report of await leakageReports(path)) {
        bus.emit({ type: 'leakage-checked', stage, report, text: leakageText(report) });
      }
      const value: DatasetArtifact = await openDataset(path);
      return { kind: DATASET_ARTIFACT, stage, key, path, value };
    },
  };
}
