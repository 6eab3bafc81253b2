/** What a stage can say before anything is made: the facts that `validate` and `plan` check. */
import type { MetadataWithoutSizes, SplitMetadata } from './dataset.ts';
import type { ConfigProblem } from './config-problem.ts';

/** An artifact that a stage is going to make, as far as it is known before the stage runs. */
export interface ExpectedArtifact {
  readonly kind: string;
  /** The stage that is going to make it. */
  readonly stage: string;
  /** Facts of the kind; an `ExpectedDataset` for a dataset. Undefined where nothing is known. */
  readonly value?: unknown;
}

/** The sizes of a split, where only the build can tell them: undefined. */
export type ExpectedSplits = Readonly<Record<string, SplitMetadata | undefined>>;

/** A dataset that is not there yet. */
export interface ExpectedDataset {
  readonly metadata: MetadataWithoutSizes;
  /** The number of identifiers including the blank one; undefined when only the build can tell. */
  readonly numPuzzleIdentifiers?: number;
  /** Every split that it is going to have. */
  readonly splits: ExpectedSplits;
}

/** What a stage says of its work before it does any. */
export interface Foresight {
  readonly artifacts: readonly ExpectedArtifact[];
  /** Problems and warnings; paths start at the options of the stage. */
  readonly problems?: readonly ConfigProblem[];
}
