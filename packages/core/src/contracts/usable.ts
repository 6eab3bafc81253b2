/** Whether a kept result of a stage can be used, and who made it. */

/** What a kept result was made by, where it was made by a run that can be named. */
export interface MadeBy {
  /** Folder of the run, absolute. */
  readonly run: string;
  /** Wall clock, ISO 8601. */
  readonly finishedAt: string;
  /** Of a training: what tells it from the other trainings of this run; absent where it is the only one. */
  readonly label?: string;
}

/** Whether a kept result can be used: it may refer to something outside the cache. */
export type Usable =
  | { readonly madeBy?: MadeBy; readonly problem?: undefined }
  /** Why it cannot, as the end of a sentence: `the run /r is not there any more`. */
  | { readonly problem: string };
