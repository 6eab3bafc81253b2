import { datasetOf } from '@eddy/core';
import {
  artifactsOf,
  exampleDataset,
  exampleStageServices,
  pluginSuite,
  freshFolder,
  stageSuite,
} from '@eddy/core/testing';
import { expect, it } from 'vitest';

import plugin, { ratingFilter } from './rated-puzzles.ts';

pluginSuite({ plugin });

/** Groups of 3, 2 and 4 examples; those of group g are rated 10·g. */
const dataset = (folder: string) => exampleDataset(folder, { train: [3, 2, 4], test: [1] });

stageSuite({
  name: 'rated-puzzles',
  create: (services) => ratingFilter(plugin.config.parse({}), services),
  inputs: async (folder) => [await dataset(folder)],
});

const folder = freshFolder();

it.each([
  [{ min: 10 }, 6],
  [{ max: 10 }, 5],
  [{ min: 5, max: 15 }, 2],
  [{}, 9],
])('keeps what is rated within %j', async (bounds, examples) => {
  const services = exampleStageServices(folder.path);
  const stage = ratingFilter(plugin.config.parse(bounds), services);
  const [output] = await artifactsOf(stage, [await dataset(folder.path)]);
  const { splits } = datasetOf(output!).metadata;
  expect(splits['train']!.numExamples).toBe(examples);
  expect(splits['test']!.numExamples).toBe(1);
});
