/** Several datasets → one: trained on together, evaluated apart, identifiers of one list. */
import type { DatasetSource, MetadataWithoutSizes, PuzzleGroup, SplitMetadata } from '@eddy/core';

import { combinedDatasetsDiffer } from './errors.ts';

interface Part {
  /** Name of its plugin. */
  readonly use: string;
  readonly source: DatasetSource;
}

/** Where a split of the whole takes its groups from. */
interface Member {
  readonly part: number;
  /** Of that part. */
  readonly split: string;
}

const BLANK = '<blank>';
const TRAIN = 'train';
const AGREEING = [
  'task',
  'vocabSize',
  'seqLen',
  'grid',
  'padId',
  'ignoreLabelId',
  'blankIdentifierId',
] as const satisfies readonly (keyof MetadataWithoutSizes)[];

/**
 * An epoch visits every group of every dataset once. Puzzles keep their names and get identifiers of
 * their own, apart from the blank one, which all share. `train` is joint; another split that several
 * datasets have becomes one for each, `test-maze`, `test-maze-2`, to be evaluated by a stage each.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 puzzle_dataset.py, which takes several
 * folders but gives different puzzles the same identifiers and fails to evaluate.
 * @throws COMBINED_DATASETS_DIFFER
 */
export function combinedSource(parts: readonly Part[]): DatasetSource {
  const metadata = agreedMetadata(parts);
  const names = setNames(parts);
  const members = membersOf(parts, names);
  const identifiers = new Identifiers();
  const [{ source: first }] = parts as readonly [Part, ...Part[]];
  return {
    describe: () => {
      const shapes = parts.map(({ source }) => source.describe());
      const { numPuzzleIdentifiers: _own, ...shape } = shapes[0]!;
      const numbers = shapes.map(({ numPuzzleIdentifiers }) => numPuzzleIdentifiers);
      // Others than the blank one count only where a puzzle has them: the build can tell.
      return numbers.every((number) => number === 1)
        ? { ...shape, numPuzzleIdentifiers: 1 }
        : shape;
    },
    metadata: () => metadata,
    splits: [...members.keys()],
    expectedSizes: () => summedSizes(parts, members),
    async *groups(split, signal) {
      for (const member of members.get(split)!) {
        const { source } = parts[member.part]!;
        for await (const group of source.groups(member.split, signal)) {
          yield identifiers.renumbered(group, member.part);
        }
      }
    },
    identifiers: () =>
      identifiers.names(
        parts.map(({ source }) => source.identifiers()),
        names,
      ),
    fingerprint: async (signal) =>
      (await Promise.all(parts.map(({ source }) => source.fingerprint(signal)))).join(' '),
    ...(first.symmetries && { symmetries: first.symmetries }),
    ...(first.parse && { parse: (text) => first.parse!(text) }),
    ...(first.format && { format: (tokens) => first.format!(tokens) }),
    ...(first.violations && { violations: (input, answer) => first.violations!(input, answer) }),
  };
}

function agreedMetadata(parts: readonly Part[]): MetadataWithoutSizes {
  const all = parts.map(({ source }) => source.metadata());
  for (const [i, metadata] of all.entries()) {
    for (const key of AGREEING) {
      const [expected, received] = [all[0]![key], metadata[key]].map((v) => JSON.stringify(v));
      if (received === expected) continue;
      throw combinedDatasetsDiffer({
        expected: `${key} ${expected}, as datasets[0] (${parts[0]!.use})`,
        received: `${key} ${received} of datasets[${i}] (${parts[i]!.use})`,
      });
    }
  }
  return all[0]!;
}

/** The sizes of the splits all of whose members have known sizes. */
function summedSizes(
  parts: readonly Part[],
  members: ReadonlyMap<string, readonly Member[]>,
): Readonly<Record<string, SplitMetadata>> {
  const own = parts.map(({ source }) => source.expectedSizes?.() ?? {});
  const known = [...members].flatMap(([split, of]): [string, SplitMetadata][] => {
    const sizes = of.map((member) => own[member.part]![member.split]);
    if (sizes.includes(undefined)) return [];
    const sum = (key: keyof SplitMetadata) => sizes.reduce((total, size) => total + size![key], 0);
    const [numGroups, numPuzzles, numExamples] = [
      sum('numGroups'),
      sum('numPuzzles'),
      sum('numExamples'),
    ];
    const meanPuzzleExamples = numExamples / Math.max(1, numPuzzles);
    return [[split, { numGroups, numPuzzles, numExamples, meanPuzzleExamples }]];
  });
  return Object.fromEntries(known);
}

/** The plugins' names, numbered where one comes again: maze, maze-2. */
function setNames(parts: readonly Part[]): string[] {
  return parts.map(({ use }, i) => {
    const before = parts.slice(0, i).filter((part) => part.use === use).length;
    return before === 0 ? use : `${use}-${before + 1}`;
  });
}

function membersOf(parts: readonly Part[], names: readonly string[]): Map<string, Member[]> {
  const members = new Map<string, Member[]>();
  const splits = new Set(parts.flatMap(({ source }) => source.splits));
  for (const split of splits) {
    const having = parts.flatMap(({ source }, part) =>
      source.splits.includes(split) ? [part] : [],
    );
    if (split === TRAIN || having.length === 1) {
      members.set(split, having.map((part) => ({ part, split }))); // prettier-ignore
    } else {
      for (const part of having) members.set(`${split}-${names[part]!}`, [{ part, split }]);
    }
  }
  return members;
}

/** Identifiers of the whole, in the order in which puzzles bring them. */
class Identifiers {
  readonly #known: { readonly part: number; readonly own: number }[] = [];
  readonly #numbers = new Map<string, number>();

  renumbered({ puzzles }: PuzzleGroup, part: number): PuzzleGroup {
    return {
      puzzles: puzzles.map((puzzle) => ({
        ...puzzle,
        identifier: this.#numberOf(part, puzzle.identifier),
      })),
    };
  }

  /**
   * @param own  names of each part; one that is taken gets the set's name behind it, and a number where
   *   that is taken too: the place of a name in the list is its identifier.
   */
  names(own: readonly (readonly string[])[], sets: readonly string[]): string[] {
    const names = new Set([BLANK]);
    for (const { part, own: identifier } of this.#known) {
      const plain = own[part]![identifier]!;
      let name = plain;
      for (let i = 1; names.has(name); i++) {
        name = `${plain}@${sets[part]!}${i === 1 ? '' : `-${i}`}`;
      }
      names.add(name);
    }
    return [...names];
  }

  #numberOf(part: number, own: number): number {
    if (own === 0) return 0;
    const key = `${part}:${own}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#known.push({ part, own });
    this.#numbers.set(key, this.#known.length);
    return this.#known.length;
  }
}
