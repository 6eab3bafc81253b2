/** Runs a pipeline from its file to its end: what the CLI calls, and users' own code. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { lastValueFrom, Observable, tap } from 'rxjs';

import { listTrainings } from '../checkpoint/find-checkpoint.ts';
import { resolveConfig, staticServices, type ResolvedPipeline } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { EddyError, InternalError } from '@eddy/tensor/errors';
import { attachLogger } from '../run/attach-logger.ts';
import { PluginContainer } from '../plugin/container.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus, type RunEventBus } from '../run/event-bus.ts';
import { inFolder } from '../run/errors.ts';
import type { RunEvent } from '../contracts/events.ts';
import { Journal, readJournal } from '../run/journal.ts';
import { acquireRunLock } from '../run/lock.ts';
import type { RunLock } from '../run/lock-file.ts';
import {
  findLatestRun,
  openRunFolder,
  recordData,
  recordEngine,
  type RunFolder,
} from '../run/run-folder.ts';
import type { PluginReference, StopSignal } from '../contracts/services.ts';
import { chainStages, tellingBus } from './chain-stages.ts';
import { configHashOf, createRun } from './create-run.ts';
import { EngineHolder } from './engine-holder.ts';
import { runConfigChanged, runDataChanged, runExists, stopped } from './errors.ts';
import { openStages, type Selection } from './open-stages.ts';
import type { Artifact } from '../contracts/stage.ts';

export interface RunPipelineOptions extends Selection {
  readonly file: string;
  /** In Hydra's grammar: `train.epochs=3`. */
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  /** Folder of all runs; `runs` in the working folder by default. */
  readonly runsFolder?: string;
  /** Exact folder of this run. */
  readonly runFolder?: string;
  /** `auto` goes on with an unfinished run of the same config, `must` only with the one in `runFolder`. */
  readonly resume?: 'auto' | 'must';
  /** Stored weights may be used in a model that is not the one they were trained in. */
  readonly allowOtherModel?: boolean;
  /** A resumed run may go on with other data than it was started with. */
  readonly allowOtherData?: boolean;
  /** Changes the pipeline's loggers, e.g. for another output format. */
  readonly loggers?: (declared: readonly PluginReference[]) => readonly PluginReference[];
  readonly stop?: StopSignal;
  /** Called before the first event. */
  readonly onEvents?: (events$: Observable<RunEvent>) => void;
}

export interface RunOutcome {
  readonly status: 'done' | 'failed' | 'stopped';
  readonly folder: string;
  readonly error?: unknown;
  /** What loggers had to say after the run's last event. */
  readonly afterwards?: readonly string[];
}

/**
 * Runs a pipeline in a run folder of its own.
 *
 * @returns how the run ended; failures of stages are in `error`.
 * @throws what is wrong before the run exists: CONFIG_INVALID, RUN_LOCKED, RUN_CONFIG_CHANGED …
 */
export async function runPipeline(options: RunPipelineOptions): Promise<RunOutcome> {
  const pipeline = await resolveConfig(options.file, options.overrides ?? [], {
    builtin: options.builtin,
    settings: options.settings,
  });
  const opened = await openRun(pipeline, options);
  const { run, isNew } = opened;
  const lock = opened.lock ?? (await acquireRunLock(run.lockPath));
  try {
    return await runInFolder(pipeline, { run, isNew, lock }, options);
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

async function openRun(
  pipeline: ResolvedPipeline,
  options: RunPipelineOptions,
): Promise<{ readonly run: RunFolder; readonly isNew: boolean; readonly lock?: RunLock }> {
  const configHash = configHashOf(pipeline);
  const root = resolve(options.runsFolder ?? 'runs');
  if (options.runFolder !== undefined && existsSync(join(options.runFolder, 'manifest.json'))) {
    const run = await openRunFolder(options.runFolder);
    if (options.resume === undefined) throw runExists(run.path);
    if (options.resume === 'auto' && run.manifest.configHash !== configHash) {
      throw runConfigChanged(run.path);
    }
    return { run, isNew: false };
  }
  if (options.resume === 'must')
    return { run: await openRunFolder(options.runFolder!), isNew: false };
  if (options.resume === 'auto' && options.runFolder === undefined) {
    const run = await findLatestRun(root, pipeline.name);
    if (run !== null && run.manifest.configHash === configHash && !isDone(run)) {
      return { run, isNew: false };
    }
  }
  const path = options.runFolder;
  if (path === undefined) return { run: await createRun(pipeline, { root }), isNew: true };
  // Locked before a file is written: another command may be making a run here.
  await inFolder(path, () => mkdir(path, { recursive: true }));
  const lock = await acquireRunLock(join(path, 'lock'));
  try {
    if (existsSync(join(path, 'manifest.json'))) throw runExists(resolve(path));
    return { run: await createRun(pipeline, { root, path }), isNew: true, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function runInFolder(
  pipeline: ResolvedPipeline,
  { run, isNew, lock }: { run: RunFolder; isNew: boolean; lock: RunLock },
  options: RunPipelineOptions,
): Promise<RunOutcome> {
  const warnings: string[] = [];
  const afterwards: string[] = [];
  let over = false;
  let isClosed = false;
  const journal = new Journal(
    run.journalPath,
    isNew ? {} : { resumeSteps: await resumeStepsOf(run, (text) => warnings.push(text)) },
  );
  const bus = createEventBus({
    elapsedMs: journal.elapsedMs,
    record: (event) => {
      // What an engine says that starts after the run's end, and that nobody waits for.
      if (isClosed) return;
      lock.requireHeld();
      journal.append(event);
      if (over && event.type === 'message') afterwards.push(event.text);
    },
  });
  options.onEvents?.(bus.events$);
  const stop = options.stop ?? { requested: false, signal: new AbortController().signal };
  let engines: EngineHolder | undefined;
  let engineRecorded: Promise<unknown> = Promise.resolve();
  let logging: readonly Promise<void>[] = [];
  const end = async () => {
    over = true;
    bus.complete();
    await engines?.dispose();
    await engineRecorded.catch(() => undefined); // told to whoever asked for the engine
    await Promise.all(logging);
  };
  try {
    const container = await openContainer(pipeline, bus, run.path, stop);
    const loggers = options.loggers?.(pipeline.loggers) ?? pipeline.loggers;
    logging = await attachLoggers(loggers, container, bus);
    engines = new EngineHolder(async () => {
      const engine = await engineContainer(pipeline, container).create('engine', pipeline.engine);
      // The folder of a run that is over may be another process's already.
      if (over) return engine;
      const { name, fingerprint } = engine.info;
      engineRecorded = recordEngine(run, { name, fingerprint });
      await engineRecorded;
      return engine;
    });
    bus.emit({ type: 'run-started', run: summaryOf(pipeline, run) });
    for (const text of warnings) bus.emit({ type: 'message', level: 'warning', text });
    const { allowOtherModel = false } = options;
    const context = { pipeline, container, bus, stop, engines, runFolder: run.path };
    const outcome = await executeStages(
      { ...context, planOnly: false, allowOtherModel },
      options,
      run,
    );
    bus.emit({ type: 'run-finished', ...finishOf(outcome) });
    await end();
    return { ...outcome, folder: run.path, ...(afterwards.length > 0 ? { afterwards } : {}) };
  } finally {
    await end().catch(() => undefined); // nothing is left to end, or a first error is on its way
    journal.close();
    isClosed = true;
  }
}

/** Where each training of the run goes on: one that a later one follows has ended. */
async function resumeStepsOf(
  run: RunFolder,
  warn: (text: string) => void,
): Promise<ReadonlyMap<string, number>> {
  const trainings = await listTrainings(run.checkpointsPath, warn);
  return new Map(
    trainings.map(({ name = '', step }, i) => [name, i < trainings.length - 1 ? Infinity : step]),
  );
}

async function executeStages(
  context: Parameters<typeof openStages>[0],
  selection: Selection & Pick<RunPipelineOptions, 'allowOtherData'>,
  run: RunFolder,
): Promise<Omit<RunOutcome, 'folder'>> {
  const { bus, stop, runFolder } = context;
  const recorded: Promise<unknown>[] = [];
  const onArtifact = ({ kind, stage, key, path }: Artifact) => {
    if (kind !== DATASET_ARTIFACT) return;
    const before = run.manifest.data?.[stage];
    if (before !== undefined && before.key !== key) {
      // Thrown before a training gets the data: the manifest still says what the run was started with.
      const changed = { run: runFolder, stage, before: before.key, now: key };
      if (selection.allowOtherData !== true) throw runDataChanged(changed);
      const text = `the data of stage ${stage} are not those that the run was started with: ${before.key} → ${key}`;
      bus.emit({ type: 'message', level: 'warning', text, stage });
    }
    const work = recordData(run, stage, { key, path });
    work.catch(() => undefined); // heard of below, when the stages have ended
    recorded.push(work);
  };
  try {
    const ordered = await openStages(context, selection);
    if (ordered.some(({ stage }) => stage.usesEngine === true)) context.engines.startAhead();
    const artifacts$ = chainStages(ordered, tellingBus(bus));
    await lastValueFrom(artifacts$.pipe(tap(onArtifact)), { defaultValue: undefined });
    await Promise.all(recorded);
    return { status: 'done' };
  } catch (error) {
    if (error instanceof EddyError && error.exitCode === 75) return { status: 'stopped', error };
    const isCoded = error instanceof EddyError && error.code !== 'STAGE_FAILED';
    // Work that a stop signal aborted fails with whatever the abort made of it.
    if (stop.requested && !isCoded) return { status: 'stopped', error: stopped(runFolder) };
    return { status: 'failed', error };
  } finally {
    await Promise.allSettled(recorded);
  }
}

export function openContainer(
  pipeline: ResolvedPipeline,
  bus: RunEventBus,
  runFolder: string,
  stop?: StopSignal,
): Promise<PluginContainer> {
  return PluginContainer.open({
    registry: pipeline.registry,
    services: {
      ...staticServices(pipeline, stop?.signal),
      runFolder,
      notify: (level, text) => bus.emit({ type: 'message', level, text }),
    },
    dataset: pipeline.parts.find((part) => part.kind === 'dataset')?.reference,
  });
}

/** To an engine, a user who allows no installs is offline. */
export function engineContainer(
  pipeline: ResolvedPipeline,
  container: PluginContainer,
): PluginContainer {
  const { offline, allowInstall } = pipeline.settings;
  return container.with({ offline: offline || !allowInstall });
}

async function attachLoggers(
  references: readonly PluginReference[],
  container: PluginContainer,
  bus: RunEventBus,
): Promise<Promise<void>[]> {
  const loggers = await Promise.all(
    references.map(async (reference) => ({
      name: reference.use,
      logger: await container.create('logger', reference),
    })),
  );
  return loggers.map(({ name, logger }) => {
    const work = attachLogger(name, logger, bus);
    work.catch(() => undefined); // heard of when the run has ended
    return work;
  });
}

function summaryOf(pipeline: ResolvedPipeline, run: RunFolder) {
  const { precision } = pipeline.engine;
  return {
    name: pipeline.name,
    id: run.manifest.id,
    folder: run.path,
    engine: pipeline.engine.use,
    precision: typeof precision === 'string' ? precision : 'auto',
    config: pipeline.value,
    startedAt: run.manifest.startedAt,
  };
}

function finishOf({ status, error }: Omit<RunOutcome, 'folder'>) {
  if (error === undefined) return { status };
  if (error instanceof EddyError) {
    return { status, error: { code: error.code, message: error.facts.message } };
  }
  const message = error instanceof Error ? error.message : JSON.stringify(error);
  const { code } = new InternalError(message);
  return { status, error: { code, message } };
}

function isDone(run: RunFolder): boolean {
  if (!existsSync(run.journalPath)) return false;
  const last = readJournal(run.journalPath).findLast((event) => event.type === 'run-finished');
  return last?.status === 'done';
}
