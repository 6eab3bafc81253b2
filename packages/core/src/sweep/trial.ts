/** What a sweep consists of. */

/** One run of a sweep. */
export interface Trial {
  /** `000`, `001` …: the name of its folder. */
  readonly id: string;
  /** Column → value as it is written: `arm`, `seed`, `train.optimizer.learningRate`. */
  readonly values: Readonly<Record<string, string>>;
  /** In Hydra's grammar, all of them. */
  readonly overrides: readonly string[];
}

/** Repetitions of an arm differ in this column only. */
export const SEED = 'seed';
/** The named sets of overrides of an ablation. */
export const ARM = 'arm';

export type Mode = 'max' | 'min';

/** What makes one trial better than another. */
export interface Objective {
  /** A metric of the last evaluation; `exact_accuracy` or the first one reported when left out. */
  readonly metric?: string;
  readonly mode: Mode;
}
