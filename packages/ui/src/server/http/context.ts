/** What routes are given. */
import type { Hono } from 'hono';

import type { VersionsView } from '../../api/data.ts';
import type { WhyView } from '../../api/run.ts';
import type { Session } from '../../api/session.ts';
import type { FoundRun } from '../../reader/find-runs.ts';
import type { RunProjection } from '../../reader/run-projection.ts';
import type { RunRows } from '../../reader/run-rows.ts';
import type { LiveHub } from '../live/live-hub.ts';

export interface UiContext {
  readonly session: () => Session;
  readonly rows: RunRows;
  readonly live: LiveHub;
  readonly services: UiServices;
  /** Reads what is new of all runs and tells those who listen. */
  readonly refreshRows: () => Promise<void>;
  /**
   * Finds a run by the id that the server gave it and reads what is new of it.
   *
   * @throws HttpProblem 404
   */
  readonly openRun: (id: string) => Promise<OpenedRun>;
}

export interface OpenedRun {
  readonly found: FoundRun;
  readonly projection: RunProjection;
}

/** What only the command line can do: it knows the plugin packages. */
export interface UiServices {
  /** Explains for a pipeline file whether each stage's result would be reused. */
  readonly explain: (configPath: string) => Promise<WhyView['stages']>;
  /**
   * Makes the model of a run's newest checkpoint as a page reads it (`decodeModel` of @eddy/web), and returns the file.
   *
   * @throws EddyError for a run without a checkpoint, or a model that no page can run
   */
  readonly webModel: (runFolder: string) => Promise<string>;
  /**
   * Returns what training sees of an example of the data of a pipeline file; undefined where the data are not
   * in the cache.
   */
  readonly versions: (
    configPath: string,
    example: { readonly split: string; readonly index: number; readonly count: number },
  ) => Promise<VersionsView | undefined>;
  /** Program and arguments that run `pipeline`, for runs that are resumed. */
  readonly pipelineCommand: readonly string[];
}

/** One file of `routes/`: adds its paths below `/api`. */
export type Routes = (api: Hono, context: UiContext) => void;
