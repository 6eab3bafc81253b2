/** What every augmentation plugin must do, for authors inside and outside this repository. */
import { describe, expect, it } from 'vitest';

import type { Augmentation, DatasetMetadata, Example, PuzzleGroup } from '../contracts/dataset.ts';
import { materialisedGroups } from '../data/materialise.ts';
import { trainingBatches } from '../data/sampler.ts';
import type { AttachedAugmentation } from '../data/versioned-split.ts';
import { randomStream } from '../random/random-stream.ts';
import { splitOf } from './example-dataset.ts';

export interface AugmentationSuite {
  readonly name: string;
  /** May make fewer versions than asked for, where the task has no more. */
  create(options: { readonly numVersions: number }): Augmentation;
  /** Examples that it can augment. */
  readonly examples: readonly Example[];
  readonly metadata: Pick<DatasetMetadata, 'vocabSize' | 'seqLen'>;
  /** Whether one example is a right version of another. */
  isVersion(version: Example, original: Example): boolean;
}

/**
 * Registers the suite with vitest.
 *
 * @example
 * augmentationSuite({ name: 'mirror', create: mirror, examples, metadata, isVersion: (a, b) => … });
 */
export function augmentationSuite(suite: AugmentationSuite): void {
  const { examples, metadata } = suite;
  const { numVersions } = suite.create({ numVersions: 8 });
  const draw = (example: Example, version: number) =>
    suite
      .create({ numVersions })
      .apply(example, randomStream(0).stream('train', 0, version), version);

  describe(`augmentation ${suite.name}`, () => {
    it('makes right versions, within the vocabulary and as difficult', () => {
      for (const original of examples) {
        for (let version = 1; version <= numVersions; version++) {
          const augmented = draw(original, version);
          for (const tokens of [augmented.input, augmented.label]) {
            expect(tokens.length).toBe(metadata.seqLen);
            expect(Math.max(...tokens)).toBeLessThan(metadata.vocabSize);
          }
          expect(suite.isVersion(augmented, original)).toBe(true);
          expect(augmented.rating).toBe(original.rating);
        }
      }
    });

    it('makes different versions', () => {
      for (const original of examples) {
        const versions = Array.from({ length: numVersions }, (_, v) =>
          String(draw(original, v + 1).label),
        );
        expect(new Set(versions).size).toBeGreaterThan(1);
      }
    });

    it('is a function of example and stream, and leaves its argument alone', () => {
      for (const original of examples) {
        const before = structuredClone(original);
        expect(draw(original, 1)).toEqual(draw(original, 1));
        expect(original).toEqual(before);
      }
    });

    it('makes the same in arrays that it is given, whatever they hold', () => {
      const { seqLen } = metadata;
      const into = { input: new Uint8Array(seqLen), label: new Uint8Array(seqLen) };
      for (const original of examples) {
        for (let version = 1; version <= numVersions; version++) {
          into.input.fill(255);
          into.label.fill(255);
          const random = randomStream(0).stream('train', 0, version);
          const made = suite.create({ numVersions }).apply(original, random, version, into);
          expect(made).toEqual(draw(original, version));
        }
      }
    });

    it('undoes what it did to an answer, where it can', () => {
      for (const original of examples) {
        for (let version = 1; version <= numVersions; version++) {
          const random = () => randomStream(0).stream('train', 0, version);
          const augmentation = suite.create({ numVersions });
          if (augmentation.invert === undefined) return;
          const { label } = augmentation.apply(original, random(), version);
          const back = augmentation.invert(label, random(), version);
          expect([...back]).toEqual([...original.label]);
          // A model may answer anything.
          for (const token of [0, metadata.vocabSize - 1]) {
            const answer = new Uint8Array(metadata.seqLen).fill(token);
            const inverted = augmentation.invert(answer, random(), version);
            expect(inverted.length).toBe(metadata.seqLen);
            expect(Math.max(...inverted)).toBeLessThan(metadata.vocabSize);
          }
        }
      }
    });

    it('gives the same batches materialised and on the fly', async () => {
      const groups = examples.map((example) => ({
        puzzles: [{ identifier: 0, examples: [example] }],
      }));
      const attached: AttachedAugmentation = {
        augmentation: suite.create({ numVersions: 3 }),
        random: randomStream(1),
      };
      const original = splitOf('train', groups, metadata);
      const written: PuzzleGroup[] = [];
      const { signal } = new AbortController();
      const opened = Promise.resolve(original.split);
      for await (const { puzzles } of materialisedGroups(() => opened, attached, signal)) {
        // The next puzzle is written over this one.
        written.push({ puzzles: Array.from(puzzles, (puzzle) => structuredClone(puzzle)) });
      }
      const options = { random: randomStream(2), globalBatchSize: examples.length, epochs: 8 };
      const materialised = trainingBatches({ ...splitOf('train', written, metadata), ...options });
      expect([...materialised]).toEqual([
        ...trainingBatches({ ...original, ...options, augmentation: attached }),
      ]);
    });
  });
}
