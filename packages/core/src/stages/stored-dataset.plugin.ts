/** Stage `stored-dataset`: hands on a dataset that was built before, from a folder. */
import { resolve } from 'node:path';

import { defer } from 'rxjs';
import { z } from 'zod';

import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { openDataset } from '../data/dataset-store.ts';
import type { Artifact } from '../contracts/stage.ts';
import { definePlugin } from '../contracts/plugin.ts';

const config = z.strictObject({
  folder: z.string().min(1).describe('folder of a built dataset: dataset.json, <split>.arrow'),
  key: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/)
    .describe('content key of the dataset: the name of its folder in the cache'),
});

/**
 * What `pipeline replay` puts in the place of a `build` whose sources are not at hand. The files of a
 * split are compared with the sha256 in `dataset.json` when they are read.
 */
export default definePlugin({
  kind: 'stage',
  name: 'stored-dataset',
  apiVersion: 1,
  summary: 'reads a dataset that was built before, from its folder',
  config,
  needs: ['stage', 'configFolder'],
  create: ({ folder, key }, { stage, configFolder }) => {
    const path = resolve(configFolder, folder);
    const artifact = async (): Promise<Artifact> => ({
      kind: DATASET_ARTIFACT,
      stage: stage.name,
      key,
      path,
      value: await openDataset(path),
    });
    return {
      needs: [],
      provides: [DATASET_ARTIFACT],
      resultOf: artifact,
      run: () => defer(artifact),
    };
  },
});
