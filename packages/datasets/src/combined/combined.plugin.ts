import { definePlugin, partReference, type DatasetSource } from '@eddy/core';
import { z } from 'zod';

import { combinedSource } from './combined-source.ts';

const config = z.strictObject({
  datasets: z
    .array(partReference('dataset'))
    .min(1)
    .describe('datasets of the same kind of puzzle: same vocabulary, length and grid'),
});

/** Several datasets as one: trained on together, evaluated apart. */
export default definePlugin({
  kind: 'dataset',
  name: 'combined',
  apiVersion: 1,
  summary: 'combines several datasets for training and evaluates each separately',
  config,
  needs: ['parts'],
  create: async ({ datasets }, { parts }): Promise<DatasetSource> => {
    const sources: DatasetSource[] = [];
    for (const reference of datasets) sources.push(await parts.create('dataset', reference));
    return combinedSource(datasets.map(({ use }, i) => ({ use, source: sources[i]! })));
  },
});
