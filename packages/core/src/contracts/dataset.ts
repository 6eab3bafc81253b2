/**
 * Puzzle datasets. Semantics of the reference: an *example* is one (input, label) grid; a *puzzle*
 * is one augmented version of a task with its own identifier; a *group* is an original and all its
 * augmentations. One epoch visits each group once, one random puzzle per group.
 */
import type { RandomStream } from '../random/random-stream.ts';
import type { GridStyle } from './grid-style.ts';

/** What a model needs to know, available from the config alone, before anything is built. */
export interface DatasetShape {
  readonly vocabSize: number;
  /** Tokens of one example. */
  readonly seqLen: number;
  /** Identifiers including the blank one; undefined when only the build can tell (ARC). */
  readonly numPuzzleIdentifiers?: number;
  /** Grid to draw examples on. */
  readonly grid: { readonly rows: number; readonly cols: number };
  /** Kind of puzzle, for evaluators and reports: `sudoku`, `maze`, `arc`. */
  readonly task: string;
  /** How pages and reports draw the tokens; by default as the built-in task of this name, else as numbers. */
  readonly gridStyle?: GridStyle;
}

export interface DatasetMetadata extends DatasetShape {
  readonly numPuzzleIdentifiers: number;
  readonly padId: number;
  /** Label tokens equal to this are not scored. */
  readonly ignoreLabelId: number | null;
  readonly blankIdentifierId: number;
  readonly splits: Readonly<Record<string, SplitMetadata>>;
}

/** What is known before the splits were streamed. */
export type MetadataWithoutSizes = Omit<DatasetMetadata, 'splits' | 'numPuzzleIdentifiers'>;

export interface SplitMetadata {
  readonly numGroups: number;
  readonly numPuzzles: number;
  readonly numExamples: number;
  readonly meanPuzzleExamples: number;
}

/** A group as a dataset plugin yields it. Tokens fit in a byte. */
export interface PuzzleGroup {
  readonly puzzles: readonly Puzzle[];
}

/**
 * A group whose puzzles are made as they are taken, once and in order: they may be thousands. The tokens
 * of a puzzle may be written over when the next one is taken.
 */
export interface StreamedGroup {
  readonly puzzles: Iterable<Puzzle>;
}

export interface Puzzle {
  readonly identifier: number;
  readonly examples: readonly Example[];
}

export interface Example {
  readonly input: Uint8Array;
  readonly label: Uint8Array;
  /** Difficulty as the source rates it. */
  readonly rating?: number;
}

/** Arrays of an example's size that one may be written to, whatever they hold. */
export interface ExampleBuffer {
  readonly input: Uint8Array;
  readonly label: Uint8Array;
}

/** A split in memory, as typed arrays (columns of the Arrow file). */
export interface Split {
  readonly name: string;
  readonly seqLen: number;
  /** [numExamples × seqLen] */
  readonly inputs: Uint8Array;
  readonly labels: Uint8Array;
  readonly ratings: Float32Array | null;
  /** [numPuzzles] */
  readonly puzzleIdentifiers: Int32Array;
  /** [numPuzzles + 1] example offsets */
  readonly puzzleIndices: Int32Array;
  /** [numGroups + 1] puzzle offsets */
  readonly groupIndices: Int32Array;
}

/** Built by a dataset plugin: describes itself, then streams its splits. */
export interface DatasetSource {
  describe(): DatasetShape;
  metadata(): MetadataWithoutSizes;
  /** Names of the splits, in the order to build. */
  readonly splits: readonly string[];
  groups(split: string, signal: AbortSignal): AsyncIterable<PuzzleGroup>;
  /** index → name, [0] = "<blank>"; called after the splits were streamed. */
  identifiers(): readonly string[];
  /**
   * Sizes of the splits where the options, or what is published about the data, tell them without a build: what
   * `validate` compares batches with, and what `plan` plans without data. A split that is left out, and every
   * split where the method is, has a size that only the build can tell.
   */
  expectedSizes?(): Readonly<Record<string, SplitMetadata>>;
  /** Content hashes of the files this build reads, fetched where they are not here, for the artifact key. */
  fingerprint(signal?: AbortSignal): Promise<string>;
  /**
   * Puzzles as people write them (`pipeline predict`).
   *
   * @throws PUZZLE_INVALID with `line:column` of the text, or an error whose `at` is another place in it
   */
  parse?(text: string): ParsedPuzzles;
  /**
   * Tokens of one example as text that `parse` takes: a character a cell, rows on lines or not; on
   * lines where a puzzle may be smaller than the grid, whose upper left corner it has then.
   */
  format?(tokens: Uint8Array): string;
  /** What is wrong with an answer, a sentence each: broken rules, changed clues; none when it is right. */
  violations?(input: Uint8Array, answer: Uint8Array): readonly string[];
  /** Tells puzzles in disguise, for the leakage guard; left out where nobody has said how. */
  readonly symmetries?: ExampleSymmetries;
}

/** What somebody asks a model. */
export interface ParsedPuzzles {
  readonly puzzles: readonly AskedPuzzle[];
  /** What the text says and a model cannot be given, a sentence each. */
  readonly notes?: readonly string[];
}

export interface AskedPuzzle {
  /** [seqLen] */
  readonly input: Uint8Array;
  /** [seqLen]; the solution, where the text has it. */
  readonly label?: Uint8Array;
}

/** Which examples of a task are the same puzzle in disguise. */
export interface ExampleSymmetries {
  /** The task, as in "under the symmetries of sudoku". */
  readonly task: string;
  /** The same for two examples exactly when a symmetry of the task maps one to the other. */
  canonicalKey(example: Example): string;
  /** Cheaper: the same wherever the canonical key is, though different examples may share it. */
  fingerprint?(example: Example): string;
}

/** A symmetry group of a task: makes other, equally right, examples. */
export interface Augmentation {
  /** Versions per puzzle besides the original. */
  readonly numVersions: number;
  /**
   * Materialised into the dataset or applied while sampling. Version v of group g is the same in
   * both, because it is drawn from `random.stream(split, g, v)`, or follows from v.
   */
  readonly mode: 'materialised' | 'on-the-fly';
  /** Splits it applies to (train). */
  readonly splits: readonly string[];
  /**
   * @param version  1 to `numVersions`.
   * @param into  where the tokens may be written, so that nothing is allocated; an augmentation that
   *   leaves it alone gives arrays of its own.
   */
  apply(example: Example, random: RandomStream, version: number, into?: ExampleBuffer): Example;
  /**
   * Turns an answer to the version that `apply` made with this stream into one to the original; the
   * label of the version becomes that of the original. Any tokens may come, also wrong ones. Without
   * it, answers to several versions can't be compared.
   */
  invert?(answer: Uint8Array, random: RandomStream, version: number): Uint8Array;
}

/**
 * Makes versions of whole tasks: a version has the same identifier in every split, one of its own, with
 * a name that tells how it was made (ARC). How many there are is known only after all were drawn.
 */
export interface TaskAugmentation {
  readonly mode: 'materialised' | 'on-the-fly';
  /** Versions besides the original that a split shows, of those that a task has. */
  numVersions(split: string): number;
  /**
   * Draws the versions of a task besides the original: codes that `render` and `nameOf` understand,
   * never 0, fewer than asked for where the task has no more that differ.
   *
   * @param examples  all of the task, of all splits
   */
  codesOf(examples: readonly Example[], random: RandomStream): Iterable<number>;
  /** Name of the identifier of a version, from that of the original. */
  nameOf(task: string, code: number): string;
  /**
   * An example of a version; of the original too, whose code is 0.
   *
   * @param into  where the tokens may be written, as for `Augmentation.apply`.
   */
  render(original: Example, version: RenderedVersion, into?: ExampleBuffer): Example;
}

export interface RenderedVersion {
  readonly code: number;
  readonly split: string;
  /** Which of the `numExamples` of the puzzle. */
  readonly index: number;
  readonly numExamples: number;
  /**
   * The same for all examples of this version of this puzzle, so it only branches: what was drawn from
   * it would depend on which examples were rendered before.
   */
  readonly random: Pick<RandomStream, 'stream'>;
}

/** One batch on the host, int32. `count` rows are real, the rest padding. */
export interface HostBatch {
  readonly inputs: Int32Array;
  readonly labels: Int32Array;
  readonly puzzleIdentifiers: Int32Array;
  readonly count: number;
}
