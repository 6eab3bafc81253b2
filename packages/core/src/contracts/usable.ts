/** The answer to the question whether a kept result of a stage can be used. */

/** The run that made a kept result, where it can be named. */
export interface MadeBy {
  /** Folder of the run, absolute. */
  readonly run: string;
  /** Wall clock, ISO 8601. */
  readonly finishedAt: string;
  /** The label that tells a training from the others of this run; absent where it is the only one. */
  readonly label?: string;
}

/** The answer of a check: a kept result may refer to something outside the cache that is gone. */
export type Usable =
  | { readonly madeBy?: MadeBy; readonly problem?: undefined }
  /** Why it cannot, as the end of a sentence: `the run /r is not there any more`. */
  | { readonly problem: string };
