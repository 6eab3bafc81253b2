/** Runs pipelines from a program, with all built-in plugins and the user's settings. */
import {
  runPipeline as run,
  watchPipeline as watch,
  type RunOutcome,
  type RunPipelineOptions,
} from '@eddy/core/run';
import type { RunEvent } from '@eddy/core';
import type { Settings } from '@eddy/core/config';
import { defer, from, switchMap, type Observable } from 'rxjs';

import { BUILTIN } from './project/builtin.ts';
import { findPipeline } from './project/find-pipeline.ts';
import { loadSettings } from './project/load.ts';

export interface WatchOptions extends Pick<
  RunPipelineOptions,
  'overrides' | 'runFolder' | 'runsFolder' | 'force' | 'from' | 'until' | 'loggers'
> {
  /** `auto` continues the unfinished run of the same config, if there is one. */
  readonly resume?: 'auto';
  /** Replaces values of `.eddyrc` and of the environment. */
  readonly settings?: Partial<Settings>;
}

export interface RunOptions extends WatchOptions {
  /** Aborting it stops the run at the next clean point, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Called with each event of the run. What it throws does not reach the run. */
  readonly onEvent?: (event: RunEvent) => void;
}

export interface RunResult extends RunOutcome {
  /** Numbers of the last evaluation, if there was one. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/**
 * Runs a pipeline to its end.
 *
 * @param file  a pipeline file, or the name of a recipe
 * @returns how the run ended; the failure of a stage is in `error`
 * @throws what is wrong before the run begins: PIPELINE_NOT_FOUND, CONFIG_INVALID, RUN_EXISTS …
 */
export async function runPipeline(file: string, options: RunOptions = {}): Promise<RunResult> {
  const { signal = new AbortController().signal, onEvent, ...rest } = options;
  let metrics: RunResult['metrics'];
  const outcome = await run({
    ...(await completed(file, rest)),
    stop: {
      get requested() {
        return signal.aborted;
      },
      signal,
    },
    onEvents: (events$) => {
      events$.subscribe((event) => {
        if (event.type === 'evaluation-finished') metrics = event.metrics;
      });
      if (onEvent !== undefined) events$.subscribe(onEvent);
    },
  });
  return { ...outcome, ...(metrics === undefined ? {} : { metrics }) };
}

/**
 * A run as a cold stream of its events: it begins at the subscription, unsubscribing stops it, and a
 * failure is an error of the stream.
 *
 * @param file  a pipeline file, or the name of a recipe
 */
export function watchPipeline(file: string, options: WatchOptions = {}): Observable<RunEvent> {
  return defer(() => from(completed(file, options))).pipe(switchMap((whole) => watch(whole)));
}

async function completed(
  file: string,
  { settings, ...options }: WatchOptions,
): Promise<RunPipelineOptions> {
  return {
    ...options,
    file: findPipeline(file),
    builtin: BUILTIN,
    settings: { ...(await loadSettings()), ...settings },
  };
}
