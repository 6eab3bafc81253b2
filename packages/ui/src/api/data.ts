/** `GET /api/runs/:id/data` and below: the datasets that a run was given. */
import type { GridStyle } from '@eddy/core/report';
import type { LeakageReport } from '@eddy/core/report';

export interface DataView {
  readonly datasets: readonly DatasetView[];
  readonly leakage: readonly { readonly text: string; readonly report: LeakageReport }[];
}

/** A dataset as one or several stages handed it on. */
export interface DatasetView {
  /** Stage that made it, and those that handed it on as it is: `build`, `augment`. */
  readonly stages: readonly string[];
  readonly key: string;
  readonly task: string;
  readonly rows: number;
  readonly cols: number;
  readonly vocabSize: number;
  readonly identifiers: number;
  readonly splits: readonly {
    readonly name: string;
    readonly examples: number;
    readonly puzzles: number;
    readonly groups: number;
  }[];
  /** Why it cannot be shown: its folder is gone, or damaged. */
  readonly problem?: string;
}

/** `GET …/data/examples?stage=&split=&from=&count=` */
export interface ExamplesView {
  readonly task: string;
  readonly rows: number;
  readonly cols: number;
  readonly gridStyle?: GridStyle;
  /** Label tokens equal to this are not scored; null where all are. */
  readonly notScored: number | null;
  /** Examples of the split. */
  readonly total: number;
  readonly examples: readonly ExampleView[];
}

export interface ExampleView {
  readonly index: number;
  readonly input: readonly number[];
  readonly label: readonly number[];
  readonly rating?: number;
  readonly group: number;
  readonly puzzle: number;
  /** Name of the puzzle's identifier; absent for the blank one. */
  readonly identifier?: string;
}

/** `GET …/data/versions?split=&index=&count=`: what training sees of an example. */
export interface VersionsView {
  /** Versions with the original; 0 where the data are no longer in the cache. */
  readonly total: number;
  readonly versions: readonly {
    readonly version: number;
    readonly input: readonly number[];
    readonly label: readonly number[];
  }[];
}
