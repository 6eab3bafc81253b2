import { describe, expect, it } from 'vitest';

import { exampleMetadata, splitOf } from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import type { DatasetSource, ExampleSymmetries, PuzzleGroup } from '../contracts/dataset.ts';
import { contentOf, openDataset, writeDataset } from './dataset-store.ts';
import { guardAgainstLeakage, leakageReports, type LeakageAction } from './leakage-guard.ts';
import { compareSplits, leakageText } from './leakage.ts';

/** Tokens may be read from either end. */
const symmetries: ExampleSymmetries = {
  task: 'example',
  canonicalKey: ({ input }) => [String(input), String(input.toReversed())].sort()[0]!,
  fingerprint: ({ input }) => String(input.reduce((sum, token) => sum + token, 0)),
};
const { signal } = new AbortController();

/** Groups of one puzzle each, of examples with these tokens. */
const groupsOf = (...groups: readonly (readonly string[])[]): PuzzleGroup[] =>
  groups.map((inputs) => ({
    puzzles: [
      {
        identifier: 0,
        examples: inputs.map((text) => {
          const input = Uint8Array.from(text, Number);
          return { input, label: input };
        }),
      },
    ],
  }));

const TRAIN = groupsOf(['1234', '1111'], ['4312'], ['5678'], ['2134']);
// Mirrored 1234 and 1111 in one group, 2143 of the same sum as others, 8765 mirrored, 9999 alone.
const TEST = groupsOf(['4321', '1111'], ['2143'], ['8765', '9999']);

function sourceOf(
  splits: Readonly<Record<string, readonly PuzzleGroup[]>>,
  rest: Partial<DatasetSource> = {},
): DatasetSource {
  return {
    describe: () => ({ ...exampleMetadata, numPuzzleIdentifiers: 1 }),
    metadata: () => exampleMetadata,
    splits: Object.keys(splits),
    async *groups(split) {
      yield* splits[split]!;
    },
    identifiers: () => ['<blank>'],
    fingerprint: () => Promise.resolve(''),
    symmetries,
    ...rest,
  };
}

const folder = freshFolder();

async function guarded(
  source: DatasetSource,
  action: LeakageAction,
  against: readonly DatasetSource[] = [],
) {
  await writeDataset(folder.path, contentOf(source, signal));
  const named = against.map((other) => ({ name: 'other', source: other }));
  await guardAgainstLeakage(folder.path, { source, against: named, action, signal });
  return leakageReports(folder.path);
}

const FOUND = { task: 'example', examples: 5, leakedExamples: 3, groups: 3, leakedGroups: 2 };

describe('compareSplits', () => {
  it('finds copies by the canonical key, with and without a fingerprint', async () => {
    const [train, test] = [splitOf('train', TRAIN).split, splitOf('test', TEST).split];
    const { canonicalKey } = symmetries;
    for (const by of [symmetries, { task: 'example', canonicalKey }]) {
      const { report, trainGroups } = await compareSplits(train, test, by, signal);
      expect(report).toEqual(FOUND);
      expect([...trainGroups].sort()).toEqual([0, 2]);
    }
  });

  it('says it in a sentence', () => {
    const report = { ...FOUND, of: 'test', droppedGroups: 0 };
    expect(leakageText(report)).toBe(
      '3 of 5 test examples (of 2 of 3 groups) occur in train under the symmetries of example',
    );
    const single = { ...report, task: 'sudoku', examples: 1000, groups: 1000, leakedExamples: 0 };
    expect(leakageText(single)).toBe(
      '0 of 1,000 test examples occur in train under the symmetries of sudoku',
    );
    expect(leakageText({ ...report, of: 'arc', droppedGroups: 2 })).toMatch(
      /test examples of arc .*; 2 groups were dropped from train$/,
    );
  });
});

describe('guardAgainstLeakage', () => {
  const leaky = sourceOf({ train: TRAIN, test: TEST });
  const clean = sourceOf({ train: groupsOf(['5678'], ['1212']), test: groupsOf(['9999']) });

  it('reports and leaves the data alone', async () => {
    expect(await guarded(leaky, 'report')).toEqual([{ ...FOUND, of: 'test', droppedGroups: 0 }]);
    const { metadata } = await openDataset(folder.path);
    expect(metadata.splits['train']!.numGroups).toBe(4);
    expect(await guarded(clean, 'fail')).toMatchObject([{ leakedExamples: 0 }]);
  });

  it('fails', async () => {
    await expect(guarded(leaky, 'fail')).rejects.toMatchObject({ code: 'LEAKAGE_FOUND' });
  });

  it('drops the training groups, of all comparisons, and leaves the test split alone', async () => {
    const other = sourceOf({ only: groupsOf(['1234'], ['4312']) });
    const more = sourceOf({ train: [...TRAIN, ...groupsOf(['1212'])], test: TEST });
    expect(await guarded(more, 'drop', [other])).toEqual([
      { ...FOUND, of: 'test', droppedGroups: 2 },
      {
        task: 'example',
        of: 'other',
        examples: 2,
        leakedExamples: 2,
        groups: 2,
        leakedGroups: 2,
        // Group 0 was dropped already; 4312 and 2134 are mirror images.
        droppedGroups: 2,
      },
    ]);
    const { metadata } = await openDataset(folder.path);
    expect(metadata.splits['train']!.numGroups).toBe(1);
  });

  it('keeps what no test example is like', async () => {
    await guarded(leaky, 'drop');
    const dataset = await openDataset(folder.path);
    expect([...(await dataset.open('train')).inputs]).toEqual([4, 3, 1, 2, 2, 1, 3, 4]);
    expect((await dataset.open('test')).inputs).toHaveLength(20);
  });

  it('compares with datasets of the same kind only', async () => {
    const shape = { ...exampleMetadata, task: 'sudoku', numPuzzleIdentifiers: 1 };
    const other = sourceOf({ test: TEST }, { describe: () => shape });
    await expect(guarded(clean, 'report', [other])).rejects.toMatchObject({
      code: 'LEAKAGE_TASKS_DIFFER',
    });
  });

  it('does nothing when it is off, or cannot tell', async () => {
    expect(await guarded(leaky, 'off')).toEqual([]);
    const { symmetries: _none, ...blind } = leaky;
    expect(await guarded(blind, 'fail')).toEqual([]);
  });
});
