/** Runs a pipeline from its file to its end: what the CLI calls, and users' own code. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Observable } from 'rxjs';

import { formatWarning } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import type { RunEvent } from '../contracts/events.ts';
import type { PluginReference, StopSignal } from '../contracts/services.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { makeFolderDurably } from '../files/durable.ts';
import { inFolder } from '../run/errors.ts';
import { acquireRunLock } from '../run/lock.ts';
import type { RunLock } from '../run/lock-file.ts';
import { findUnfinishedRuns } from '../run/find-run.ts';
import { openRunFolder, type RunFolder } from '../run/run-folder.ts';
import { readPipeline, type ResolvedPipeline } from '../schema/resolve-config.ts';
import { askedValues } from './asked-values.ts';
import { checkStages } from './check-stages.ts';
import { continuedRun, overridesFrom } from './continue-run.ts';
import { configHashOf, createRun, type RunPlace } from './create-run.ts';
import { runConfigChanged, runExists, stopped } from './errors.ts';
import { runInFolder, type InFolderOptions, type RunOutcome } from './run-in-folder.ts';

export type { RunOutcome } from './run-in-folder.ts';

export interface RunPipelineOptions extends InFolderOptions {
  readonly file: string;
  /** In Hydra's grammar: `train.epochs=3`. */
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  /** Stages to take in place of those that the file has under these keys. */
  readonly replacedStages?: Readonly<Record<string, PluginReference>>;
  /** Folder of all runs; `runs` in the working folder by default. */
  readonly runsFolder?: string;
  /** Exact folder of this run. */
  readonly runFolder?: string;
  /** `auto` goes on with an unfinished run of the same config, `must` only with the one in `runFolder`. */
  readonly resume?: 'auto' | 'must';
  /**
   * Folder of a run whose state this new run starts from, to the last bit: parameters, optimizer, average, carry
   * and step. `file` is that run's config as a rule, and `overrides` what shall be different.
   */
  readonly continueFrom?: string;
}

/**
 * Runs a pipeline in a run folder of its own.
 *
 * @returns how the run ended; failures of stages are in `error`.
 * @throws what is wrong before the run exists: CONFIG_INVALID, RUN_LOCKED, RUN_CONFIG_CHANGED …
 */
export async function runPipeline(options: RunPipelineOptions): Promise<RunOutcome> {
  const pipeline = await readPipeline(options.file, options.overrides ?? [], {
    builtin: options.builtin,
    settings: options.settings,
    replacedStages: options.replacedStages,
  });
  const runs = options.runFolder ?? options.runsFolder ?? 'runs';
  const warnings = await checkStages(pipeline, options.settings, runs, 'error');
  const opened = await openRun(pipeline, options);
  const { run, isNew } = opened;
  const lock = opened.lock ?? (await acquireRunLock(run.lockPath));
  try {
    // A stop that was asked for before the run goes on leaves it as it is: another process may have finished it.
    if (!isNew && options.stop?.requested === true) {
      return { status: 'stopped', folder: run.path, error: stopped(run.path) };
    }
    // Who resumes a run has read them.
    const said = isNew ? warnings.map(formatWarning) : [];
    const told = isNew ? withContinued(pipeline, run) : withOthers(pipeline, opened);
    return await runInFolder(told, { run, isNew, lock }, { ...options, warnings: said });
  } finally {
    lock.release();
  }
}

/** A run as a stream of its events: unsubscribing asks it to stop, failures are errors. */
export function watchPipeline(options: Omit<RunPipelineOptions, 'stop'>): Observable<RunEvent> {
  return new Observable<RunEvent>((subscriber) => {
    const controller = new AbortController();
    const stop: StopSignal = {
      get requested() {
        return controller.signal.aborted;
      },
      signal: controller.signal,
    };
    const onEvents = (events$: Observable<RunEvent>) => {
      events$.subscribe((event) => subscriber.next(event));
      options.onEvents?.(events$);
    };
    runPipeline({ ...options, stop, onEvents }).then(
      ({ error }) => (error === undefined ? subscriber.complete() : subscriber.error(error)),
      (error: unknown) => subscriber.error(error),
    );
    return () => controller.abort(new Error('stopped: unsubscribed'));
  });
}

interface OpenedRun {
  readonly run: RunFolder;
  readonly isNew: boolean;
  readonly lock?: RunLock;
  /** Other runs that `--resume auto` could have resumed. */
  readonly alsoUnfinished?: readonly RunFolder[];
}

async function openRun(
  pipeline: ResolvedPipeline,
  options: RunPipelineOptions,
): Promise<OpenedRun> {
  const configHash = configHashOf(pipeline);
  const root = resolve(options.runsFolder ?? 'runs');
  if (options.runFolder !== undefined && existsSync(join(options.runFolder, 'manifest.json'))) {
    const run = await openRunFolder(options.runFolder);
    if (options.resume === undefined) {
      throw runExists(run.path, await overridesFrom(run, pipeline));
    }
    if (options.resume === 'auto' && run.manifest.configHash !== configHash) {
      throw runConfigChanged(run.path, await overridesFrom(run, pipeline));
    }
    return { run, isNew: false };
  }
  if (options.resume === 'must')
    return { run: await openRunFolder(options.runFolder!), isNew: false };
  if (options.resume === 'auto' && options.runFolder === undefined) {
    const [run, ...more] = await findUnfinishedRuns(root, { name: pipeline.name, configHash });
    if (run !== undefined) return { run, isNew: false, alsoUnfinished: more };
  }
  const path = options.runFolder;
  const start = await startOf(pipeline, options);
  if (path === undefined) {
    return { run: await createRun(pipeline, { root, ...start }), isNew: true };
  }
  // Locked before a file is written: another command may be making a run here.
  await inFolder(path, () => makeFolderDurably(path));
  const lock = await acquireRunLock(join(path, 'lock'));
  try {
    if (existsSync(join(path, 'manifest.json'))) throw runExists(resolve(path), undefined);
    return { run: await createRun(pipeline, { root, path, ...start }), isNew: true, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What a new run is given of another; nothing where it begins from the start. */
async function startOf(
  pipeline: ResolvedPipeline,
  { continueFrom: folder, overrides = [] }: RunPipelineOptions,
): Promise<Pick<RunPlace, 'continues' | 'data' | 'prepare'>> {
  if (folder === undefined) return {};
  const from = await openRunFolder(folder);
  const continued = await continuedRun(from, () => undefined);
  const { id, data, continues } = from.manifest;
  const asked = askedValues(overrides, pipeline.value, continues?.asked);
  return {
    continues: { run: from.path, id, step: continued.step, asked },
    ...(data === undefined ? {} : { data }),
    prepare: (path) => continued.copyInto(path),
  };
}

function withOthers(
  pipeline: ResolvedPipeline,
  { run, alsoUnfinished = [] }: OpenedRun,
): ResolvedPipeline {
  if (alsoUnfinished.length === 0) return pipeline;
  const others = alsoUnfinished.map(({ path }) => path).join(', ');
  const text = `resumes ${run.path}, the unfinished run of this config with the most progress; others: ${others}`;
  return { ...pipeline, notices: [...pipeline.notices, { level: 'info', text }] };
}

function withContinued(
  pipeline: ResolvedPipeline,
  { manifest: { continues } }: RunFolder,
): ResolvedPipeline {
  if (continues === undefined) return pipeline;
  const text =
    continues.step === 0
      ? `takes its config from ${continues.run}, which has no checkpoint: training starts from scratch`
      : `continues from step ${continues.step} of ${continues.run}`;
  return { ...pipeline, notices: [...pipeline.notices, { level: 'info', text }] };
}
