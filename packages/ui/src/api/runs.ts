/** `GET /api/runs`: the list of runs. */

export type RunStatus =
  /** Made and not started: a trial of a sweep whose turn has not come. */
  | 'waiting'
  | 'running'
  | 'done'
  | 'failed'
  | 'stopped'
  /** Ended without a word, for instance killed. */
  | 'interrupted';

/** The figure that a run is judged by. */
export interface RowMetric {
  readonly name: string;
  readonly label: string;
  readonly isShare: boolean;
  /** `train` while nothing was evaluated. */
  readonly split: string;
  readonly value: number;
  readonly step: number;
  /** Of which checkpoint it is and why that one was chosen, as a sentence. */
  readonly text: string;
  /**
   * The best of all `evaluations`: optimistic, because the data that measure it chose it. Absent where neither
   * direction is better.
   */
  readonly best?: number;
  readonly bestStep?: number;
  /** How many checkpoints of the training were evaluated on this split. */
  readonly evaluations: number;
}

export interface RunRow {
  readonly id: string;
  readonly name: string;
  /** Below the folder that is shown. */
  readonly folder: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly status: RunStatus;
  readonly error?: { readonly code: string; readonly message: string };
  readonly step?: number;
  readonly totalSteps?: number;
  /** On the run's clock, pauses left out. */
  readonly elapsedMs: number;
  readonly timeLeftMs?: number;
  readonly metric?: RowMetric;
  /** Training loss over the steps, thinned. */
  readonly sparkline: readonly number[];
  /** Option path → value, of the options in `RunsView.columns`. */
  readonly values: Readonly<Record<string, string>>;
  /** The sweep that it is a trial of. */
  readonly sweep?: { readonly id: string; readonly name: string; readonly trial: string };
}

export interface RunsView {
  readonly rows: readonly RunRow[];
  /** Options that differ between runs of one name, the most telling first. */
  readonly columns: readonly string[];
  readonly sweeps: readonly SweepRow[];
  /** Manifests that are missing or damaged: their runs have no row. Below the folder that is shown. */
  readonly unreadable: readonly string[];
}

export interface SweepRow {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly startedAt: string;
  readonly trials: number;
}
