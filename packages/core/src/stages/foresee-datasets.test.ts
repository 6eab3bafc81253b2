import { expect, it } from 'vitest';

import type { Augmentation, DatasetSource, TaskAugmentation } from '../contracts/dataset.ts';
import { exampleMetadata } from '../testing/example-dataset.ts';
import {
  expectedDataset,
  foreseeSource,
  wholeMetadata,
  withExpectedVersions,
} from './foresee-datasets.ts';

const sizes = (rows: number) => ({
  numGroups: rows,
  numPuzzles: rows,
  numExamples: 2 * rows,
  meanPuzzleExamples: 2,
});
const source = {
  describe: () => ({ ...exampleMetadata, numPuzzleIdentifiers: 1 }),
  metadata: () => exampleMetadata,
  splits: ['train', 'test'],
  expectedSizes: () => ({ train: sizes(100), test: sizes(7) }),
} as unknown as DatasetSource;

const expectedOf = (...args: Parameters<typeof foreseeSource>) =>
  expectedDataset(foreseeSource(...args).artifacts)!;

it('knows a dataset whose sizes the options tell', () => {
  expect(wholeMetadata(expectedOf(source, 'build'))).toEqual({
    ...exampleMetadata,
    numPuzzleIdentifiers: 1,
    splits: { train: sizes(100), test: sizes(7) },
  });
});

it('knows the names of splits whose sizes only the build tells', () => {
  const unsized = { ...source, expectedSizes: () => ({ train: sizes(3) }) };
  const expected = expectedOf(unsized, 'build');
  expect(expected.splits).toEqual({ train: sizes(3), test: undefined });
  expect(wholeMetadata(expected)).toBeUndefined();
});

it('divides train where a part is held out', () => {
  const { splits } = expectedOf(source, 'build', 0.1);
  expect(splits).toEqual({ train: sizes(90), test: sizes(7), validation: sizes(10) });
});

it('counts versions that are written, and not those made while sampling', () => {
  const expected = expectedOf(source, 'build');
  const versions = {
    numVersions: 9,
    mode: 'materialised',
    splits: ['train'],
  } as unknown as Augmentation;
  expect(withExpectedVersions(expected, versions).splits).toEqual({
    train: { ...sizes(100), numPuzzles: 1000, numExamples: 2000 },
    test: sizes(7),
  });
  expect(withExpectedVersions(expected, { ...versions, mode: 'on-the-fly' })).toEqual(expected);
  const ofTasks = { mode: 'on-the-fly', codesOf: () => [] } as unknown as TaskAugmentation;
  expect(wholeMetadata(withExpectedVersions(expected, ofTasks))).toBeUndefined();
});
