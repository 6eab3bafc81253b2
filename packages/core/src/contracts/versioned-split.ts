/** A split as an augmentation shows it: the originals and the versions of each. */
import type { Example, ExampleBuffer, Split } from './dataset.ts';

/** Where an example is: a row of the split, and which version of it. */
export interface VersionedRow {
  /** Index in the split's inputs and labels. */
  readonly example: number;
  readonly puzzle: number;
  readonly group: number;
  /** 0 = the original. */
  readonly version: number;
}

export interface VersionedSplit {
  /** The originals. */
  readonly split: Split;
  /** Versions of each puzzle of a group, the original among them. */
  numVersions(group: number): number;
  /** Identifier of a version of a puzzle. */
  identifier(puzzle: number, version: number): number;
  /**
   * Its tokens may be views of the split's.
   *
   * @param into  where the tokens of a version may be written; they may also be elsewhere.
   */
  example(row: VersionedRow, into?: ExampleBuffer): Example;
}
