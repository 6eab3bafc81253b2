/** `GET /api/compare?id=…&id=…`: in what 2 to 8 runs differ. */
import type { RunStatus } from './runs.ts';

export interface CompareView {
  /** In the order of the request; the others are compared with the first. */
  readonly runs: readonly ComparedRun[];
  readonly differences: readonly DifferenceView[];
  /** Where each run leaves the path of the first; none for the first itself. */
  readonly divergences: readonly DivergenceView[];
  readonly puzzles?: PuzzlesView;
}

export interface ComparedRun {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly status: RunStatus;
  /** Its result as a sentence. */
  readonly headline?: string;
}

/** Something that is not the same in all runs. */
export interface DifferenceView {
  readonly group: 'options' | 'data' | 'versions' | 'machine';
  /** Option path, stage, package … */
  readonly what: string;
  /** A value for each run; null where it has none. */
  readonly values: readonly (string | null)[];
}

export interface DivergenceView {
  readonly id: string;
  /** Steps that this run and the first both have; 0 where there is nothing to compare. */
  readonly commonSteps: number;
  /** The first of them with another value; absent where all are equal. */
  readonly step?: number;
  /** Metrics that differ at that step. */
  readonly metrics: readonly string[];
}

/** Which puzzles each run solves, at the evaluation that it is judged by. */
export interface PuzzlesView {
  readonly set: string;
  /** Step of the evaluation of each run; null where it has none of the same puzzles. */
  readonly steps: readonly (number | null)[];
  /** Folder of that evaluation, as the page Reasoning names it. */
  readonly evaluations: readonly (string | null)[];
  readonly recorded: number;
  /** Those that some solve and others do not first, the largest first. */
  readonly groups: readonly PuzzleGroup[];
}

/** The puzzles that exactly these runs solve. */
export interface PuzzleGroup {
  /** Ids of the runs that solve them, of those with outcomes. */
  readonly solvedBy: readonly string[];
  readonly count: number;
  /** Indices in the split, ascending; the first ones. */
  readonly examples: readonly number[];
}
