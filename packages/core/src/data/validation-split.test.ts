import { describe, expect, it } from 'vitest';

import { exampleMetadata } from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import type { DatasetSource, ExampleSymmetries, PuzzleGroup, Split } from '../contracts/dataset.ts';
import { contentOf, writeDataset } from './dataset-store.ts';
import { guardValidation, leakageReports } from './leakage-guard.ts';
import { leakageText } from './leakage.ts';
import { holdOutValidation } from './validation-split.ts';

/** Tokens may be read from either end; the fingerprint is their sum, which other puzzles share. */
const symmetries: ExampleSymmetries = {
  task: 'example',
  canonicalKey: ({ input }) => [String(input), String(input.toReversed())].sort()[0]!,
  fingerprint: ({ input }) => String(input.reduce((sum, token) => sum + token, 0)),
};
const { signal } = new AbortController();
const folder = freshFolder();

/** A puzzle of examples with these tokens. */
const puzzle = (identifier: number, ...inputs: readonly string[]) => ({
  identifier,
  examples: inputs.map((text) => {
    const input = Uint8Array.from(text, Number);
    return { input, label: input };
  }),
});
const single = (text: string, ...versions: readonly string[]): PuzzleGroup => ({
  puzzles: [text, ...versions].map((tokens) => puzzle(0, tokens)),
});

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
    identifiers: () => ['<blank>', 'a', 'b', 'c', 'd', 'e'],
    fingerprint: () => Promise.resolve(''),
    symmetries,
    ...rest,
  };
}

/** The tokens of each puzzle of each group. */
function textOf({ groupIndices, puzzleIndices, inputs, seqLen }: Split): string[][][] {
  return Array.from({ length: groupIndices.length - 1 }, (_, group) =>
    Array.from({ length: groupIndices[group + 1]! - groupIndices[group]! }, (_, i) => {
      const p = groupIndices[group]! + i;
      return Array.from({ length: puzzleIndices[p + 1]! - puzzleIndices[p]! }, (_, j) => {
        const at = (puzzleIndices[p]! + j) * seqLen;
        return inputs.slice(at, at + seqLen).join('');
      });
    }),
  );
}

async function heldOut(
  splits: Readonly<Record<string, readonly PuzzleGroup[]>>,
  part: number,
  given: ExampleSymmetries | undefined = symmetries,
) {
  const source = sourceOf(splits);
  const dataset = await writeDataset(folder.path, contentOf(source, signal));
  const before = dataset.metadata;
  await holdOutValidation(folder.path, { part, symmetries: given, signal });
  const { openDataset } = await import('./dataset-store.ts');
  const { metadata, open } = await openDataset(folder.path);
  const [train, validation] = [await open('train'), await open('validation')];
  return { before, metadata, open, train: textOf(train), validation: textOf(validation) };
}

/** 200 puzzles of four digits, none the mirror of another; then the mirrors of the first 60. */
const TEXTS = [...new Set(Array.from({ length: 2000 }, (_, i) => String(1000 + ((i * 37) % 2000))))]
  .filter((text) => [...text].reverse().join('') > text)
  .slice(0, 200);
const MIRRORS = TEXTS.slice(0, 60).map((text) => [...text].reverse().join(''));
const ALL = [...TEXTS, ...MIRRORS];

describe('the validation split', () => {
  it('holds the part that was asked for out of training, mirrored puzzles on one side', async () => {
    const groups = ALL.map((text) => single(text));
    const test = [single('9999')];
    const { before, metadata, open, train, validation } = await heldOut(
      { train: groups, test },
      0.1,
    );
    expect(Object.keys(metadata.splits)).toEqual(['train', 'test', 'validation']);
    expect(metadata.splits).toMatchObject({
      train: { numGroups: 234, numExamples: 234, meanPuzzleExamples: 1 },
      validation: { numGroups: 26, numExamples: 26 },
      test: before.splits['test']!,
    });
    expect(textOf(await open('test'))).toEqual([[['9999']]]);
    expect([...train, ...validation].flat(2).sort()).toEqual([...ALL].sort());
    const keys = (texts: readonly string[]) =>
      new Set(texts.map((text) => [text, [...text].reverse().join('')].sort()[0]!));
    const shared = [...keys(validation.flat(2))].filter((key) => keys(train.flat(2)).has(key));
    expect(shared).toEqual([]);
    // Mirrors are among them: the rule was needed.
    expect(keys(validation.flat(2)).size).toBeLessThan(26);
  });

  it('is the same whatever the order of the puzzles', async () => {
    const chosen = async (texts: readonly string[]) => {
      const { validation } = await heldOut({ train: texts.map((text) => single(text)) }, 0.1);
      return validation.flat(2).sort();
    };
    expect(await chosen(ALL.toReversed())).toEqual(await chosen(ALL));
  });

  it('parts no equal examples where nobody has said what is the same', async () => {
    const groups = [...ALL, ...TEXTS.slice(0, 100)].map((text) => single(text));
    const { train, validation } = await heldOut({ train: groups }, 0.2, undefined);
    expect(validation).toHaveLength(72);
    const trained = new Set(train.flat(2));
    expect(validation.flat(2).filter((text) => trained.has(text))).toEqual([]);
  });

  it('has the originals only of puzzles with versions, whose versions are nowhere', async () => {
    const groups = TEXTS.slice(0, 20).map((text) => single(text, text.replaceAll('1', '9')));
    const { train, validation, metadata } = await heldOut({ train: groups }, 0.25);
    expect(validation).toHaveLength(5);
    for (const [own, ...versions] of validation) {
      expect(TEXTS).toContain(own![0]);
      expect(versions).toEqual([]);
    }
    expect(train.map((puzzles) => puzzles.length)).toEqual(Array(15).fill(2));
    expect(metadata.splits['train']).toMatchObject({ numGroups: 15, numPuzzles: 30 });
  });

  it('keeps groups together that have an example in common, by way of others too', async () => {
    const chain = [
      { puzzles: [puzzle(0, '1234', '1111')] },
      { puzzles: [puzzle(0, '1111', '2222')] },
      { puzzles: [puzzle(0, '2222', '4321')] },
    ];
    const others = ['5678', '5677', '5676', '5675', '5674', '5673'].map((text) => single(text));
    const { train, validation } = await heldOut({ train: [...chain, ...others] }, 0.5);
    const isOfChain = ([own]: readonly string[][]) => own!.length === 2;
    expect([0, 3]).toContain(validation.filter(isOfChain).length);
    expect(train.filter(isOfChain).length + validation.filter(isOfChain).length).toBe(3);
    expect(validation.flat(2)).toHaveLength(6);
  });

  it('takes single pairs of tasks that have identifiers of their own, and of their versions', async () => {
    const task = (identifier: number, ...inputs: readonly string[]): PuzzleGroup => ({
      // The versions are their mirrors, in another order.
      puzzles: [
        puzzle(identifier, ...inputs),
        puzzle(identifier + 10, ...inputs.map((text) => [...text].reverse().join('')).reverse()),
      ],
    });
    const groups = [
      task(1, '1234', '1235', '1236', '1237'),
      task(2, '2234', '2235', '2236'),
      task(3, '3234', '3235'),
      // The first pair is one of task 1, mirrored.
      task(4, '4321', '4235', '4236', '4237', '4238'),
    ];
    const { train, validation, metadata } = await heldOut({ train: groups }, 0.3);
    const all = [...train, ...validation].map((puzzles) => puzzles[0]!).flat();
    expect(all.sort()).toEqual(
      groups
        .flatMap(({ puzzles }) => puzzles[0]!.examples.map(({ input }) => input.join('')))
        .sort(),
    );
    expect(train).toHaveLength(4);
    for (const [own, version] of [...train, ...validation]) {
      const mirrored = own!.map((text) => [...text].reverse().join('')).sort();
      expect([...version!].sort()).toEqual(mirrored);
    }
    // Fewer than half of a task, so nothing of the third, and at most 1, 1 and 2 of the others.
    for (const [own] of validation) expect(own![0]![0]).not.toBe('3');
    expect(validation.flatMap(([own]) => own!).length).toBeGreaterThanOrEqual(3);
    expect(metadata.numPuzzleIdentifiers).toBe(6);
    const sides = (text: string) =>
      [train, validation].map((split) => split.flat(2).includes(text));
    expect(sides('1234')).toEqual(sides('4321'));
  });

  it('is of whole puzzles where none has examples to spare', async () => {
    const groups = TEXTS.slice(0, 5).map((text, i) => ({ puzzles: [puzzle(i + 1, text)] }));
    const { train, validation } = await heldOut({ train: groups }, 0.2);
    expect([train.length, validation.length]).toEqual([4, 1]);
  });

  it.each([
    ['a single puzzle', ['1234']],
    ['puzzles that are all the same', ['1234', '4321', '1234']],
  ])('cannot be made of %s', async (_, texts) => {
    await expect(heldOut({ train: texts.map((text) => single(text)) }, 0.1)).rejects.toMatchObject({
      code: 'VALIDATION_EMPTY',
      facts: { at: 'build.validation', received: `0.1 of ${texts.length} examples` },
    });
  });

  it('cannot be made of nearly everything, of no training split, or a second time', async () => {
    const train = ['1234', '5678'].map((text) => single(text));
    await expect(heldOut({ train }, 0.9)).rejects.toMatchObject({ code: 'VALIDATION_EMPTY' });
    await expect(heldOut({ test: train }, 0.5)).rejects.toMatchObject({
      code: 'VALIDATION_EMPTY',
      facts: { received: 'test' },
    });
    await expect(heldOut({ train, validation: train }, 0.5)).rejects.toMatchObject({
      code: 'VALIDATION_EXISTS',
    });
  });

  it('is compared with training by the leakage guard', async () => {
    await heldOut({ train: ALL.map((text) => single(text)) }, 0.1);
    await guardValidation(folder.path, { symmetries }, signal);
    const [report] = await leakageReports(folder.path);
    expect(report).toMatchObject({ of: 'validation', examples: 26, leakedExamples: 0 });
    expect(leakageText(report!)).toBe(
      '0 of 26 validation examples occur in train under the symmetries of example',
    );
  });
});
