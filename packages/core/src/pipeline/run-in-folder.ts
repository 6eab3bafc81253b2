/** Runs the stages of a pipeline in an opened run folder: journal, loggers, engine, stages, end. */
import { lastValueFrom, tap, type Observable } from 'rxjs';

import { listTrainings } from '../checkpoint/find-checkpoint.ts';
import { formatWarning } from '../config/problem.ts';
import type { RunEvent } from '../contracts/events.ts';
import type { PluginReference, StopSignal } from '../contracts/services.ts';
import type { Artifact } from '../contracts/stage.ts';
import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { EddyError } from '@eddy/tensor/errors';
import type { PluginContainer } from '../plugin/container.ts';
import { damageOf } from '../record/damage.ts';
import { attachLogger } from '../run/attach-logger.ts';
import { createEventBus, type RunEventBus } from '../run/event-bus.ts';
import { journalLost } from '../run/errors.ts';
import { Journal, type JournalGap } from '../run/journal.ts';
import { describeMachine } from '../run/machine.ts';
import type { RunLock } from '../run/lock-file.ts';
import {
  recordData,
  recordEngine,
  recordFiles,
  recordOrigin,
  type RunFolder,
  type RunManifest,
} from '../run/run-folder.ts';
import { describedMetrics } from '../schema/described-metrics.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';
import { chainStages, stageEventsOn, type StageObserver } from './chain-stages.ts';
import { sourcesOf } from './create-run.ts';
import { EngineHolder } from './engine-holder.ts';
import { finishOf } from './finish-of.ts';
import { asFolderError, otherData, runDataChanged, stopped } from './errors.ts';
import { recordResults } from './last-results.ts';
import { engineContainer, openContainer } from './open-container.ts';
import { openStages, type Selection } from './open-stages.ts';
import { unreachableServices } from './reach-services.ts';
import { keyInputs, type KeyLog } from './stage-services.ts';

export interface InFolderOptions extends Selection {
  /** Stored weights may be used in a model that is not the one they were trained in. */
  readonly allowOtherModel?: boolean;
  /** A training may go on with other plugins than those that made its state. */
  readonly allowOtherPlugins?: boolean;
  /** A training may go on with other options than those that made its state. */
  readonly allowOtherOptions?: boolean;
  /** A run may have other data than it was started with, or than `expectedData`: a difference is told. */
  readonly allowOtherData?: boolean;
  /** The data that a new run must have, as another run records it. */
  readonly expectedData?: { readonly run: string; readonly data: RunManifest['data'] };
  /** Results of stages that are looked at before those of the cache: `<folder>/<stage>/<key>`. */
  readonly moreArtifacts?: string;
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

/** A run folder that this process has to itself. */
interface OpenedRun {
  readonly run: RunFolder;
  readonly isNew: boolean;
  readonly lock: RunLock;
}

/** @throws what is wrong before the first event, and what ending the run throws */
export async function runInFolder(
  pipeline: ResolvedPipeline,
  { run, isNew, lock }: OpenedRun,
  options: InFolderOptions & { readonly warnings?: readonly string[] },
): Promise<RunOutcome> {
  const warnings = [...(options.warnings ?? [])];
  // Before the manifest stops vouching for what this session will change.
  if (!isNew) {
    warnings.push(...(await damageOf(run.path, { isThorough: true })).map(({ text }) => text));
    await recordOrigin(run, pipeline.folder, sourcesOf(pipeline));
  }
  const journal = new Journal(
    run.journalPath,
    isNew ? {} : { resumeSteps: await resumeStepsOf(run, (text) => warnings.push(text)) },
  );
  warnings.push(...journal.gaps.map(gapText));
  if (journal.unwrittenBytes > 0) warnings.push(unwrittenText(journal.unwrittenBytes));
  const outcome = await new FolderRun(pipeline, { run, lock, journal }, options).execute(warnings);
  await recordEnd(run, lock).catch(() => undefined); // on a full disk, say: the run is as good without
  return outcome;
}

async function recordEnd(run: RunFolder, lock: RunLock): Promise<void> {
  lock.requireHeld();
  await recordFiles(run);
}

class FolderRun {
  readonly #pipeline: ResolvedPipeline;
  readonly #run: RunFolder;
  readonly #lock: RunLock;
  readonly #journal: Journal;
  readonly #options: InFolderOptions;
  readonly #bus: RunEventBus;
  readonly #stop: StopSignal;
  /** Aborted when the journal cannot be written: no more work may pass unrecorded than must. */
  readonly #unrecorded = new AbortController();
  #journalFailure: EddyError | undefined;
  /** Over: the last event was emitted, loggers still speak. Closed: the folder may be another process's. */
  #phase: 'running' | 'over' | 'closed' = 'running';
  /** What was said when the run was over. */
  readonly #afterwards: string[] = [];
  #logging: readonly Promise<void>[] = [];
  #engines: EngineHolder | undefined;
  #engineRecorded: Promise<unknown> = Promise.resolve();

  constructor(
    pipeline: ResolvedPipeline,
    {
      run,
      lock,
      journal,
    }: { readonly run: RunFolder; readonly lock: RunLock; readonly journal: Journal },
    options: InFolderOptions,
  ) {
    this.#pipeline = pipeline;
    this.#run = run;
    this.#lock = lock;
    this.#journal = journal;
    this.#options = options;
    this.#stop = eitherStop(options.stop, this.#unrecorded.signal);
    this.#bus = createEventBus({
      elapsedMs: journal.elapsedMs,
      record: (event) => this.#record(event),
      sync: () => this.#journal.sync(),
    });
    options.onEvents?.(this.#bus.events$);
  }

  async execute(warnings: readonly string[]): Promise<RunOutcome> {
    const folder = this.#run.path;
    try {
      const container = await openContainer(this.#pipeline, this.#bus, folder, this.#stop);
      await this.#attachLoggers(container);
      const engines = new EngineHolder(() => this.#startEngine(container));
      this.#engines = engines;
      const earlierMs = this.#journal.elapsedMs;
      this.#bus.emit({
        type: 'run-started',
        run: summaryOf(this.#pipeline, this.#run),
        ...(earlierMs > 0 ? { earlierMs } : {}),
      });
      for (const notice of this.#pipeline.notices) this.#bus.emit({ type: 'message', ...notice });
      for (const text of warnings) this.#bus.emit({ type: 'message', level: 'warning', text });
      void this.#sayUnreachable();
      const ended = await this.#executeStages(container, engines);
      this.#bus.emit({ type: 'run-finished', ...finishOf(this.#judged(ended)) });
      await this.#end();
      const outcome = this.#judged(ended);
      const afterwards = this.#afterwards;
      return { ...outcome, folder, ...(afterwards.length > 0 ? { afterwards } : {}) };
    } finally {
      await this.#end().catch(() => undefined); // nothing is left to end, or a first error is on its way
      this.#journal.close();
      this.#phase = 'closed';
    }
  }

  /** Nothing waits for it: a run goes on without its trackers, and they say at its end what they lost. */
  async #sayUnreachable(): Promise<void> {
    const problems = await unreachableServices(this.#pipeline, this.#stop.signal);
    if (this.#phase !== 'running') return;
    for (const problem of problems) {
      this.#bus.emit({ type: 'message', level: 'warning', text: formatWarning(problem) });
    }
  }

  #record(event: RunEvent): void {
    // What an engine says that starts after the run's end, and that nobody waits for.
    if (this.#phase === 'closed') return;
    this.#lock.requireHeld();
    try {
      this.#journal.append(event);
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      this.#journalFailure = error;
      this.#unrecorded.abort(error);
    }
    if (this.#phase === 'over' && event.type === 'message') this.#afterwards.push(event.text);
  }

  /** A run whose journal could not be written has failed, whatever came of the rest. */
  #judged(outcome: Omit<RunOutcome, 'folder'>): Omit<RunOutcome, 'folder'> {
    if (this.#journalFailure === undefined) return outcome;
    const { heldEvents } = this.#journal;
    return {
      status: 'failed',
      error: journalLost(this.#journalFailure, heldEvents, outcome.error),
    };
  }

  async #attachLoggers(container: PluginContainer): Promise<void> {
    const declared = this.#pipeline.loggers;
    const references = this.#options.loggers?.(declared) ?? declared;
    this.#logging = await attachLoggers(references, container, this.#bus, this.#stop);
  }

  async #startEngine(container: PluginContainer) {
    const pipeline = this.#pipeline;
    const engine = await engineContainer(pipeline, container).create('engine', pipeline.engine);
    // The folder of a run that is over may be another process's already.
    if (this.#phase !== 'running') return engine;
    const { name, fingerprint } = engine.info;
    this.#engineRecorded = recordEngine(this.#run, { name, fingerprint });
    await this.#engineRecorded;
    return engine;
  }

  #executeStages(container: PluginContainer, engines: EngineHolder) {
    const context = {
      pipeline: this.#pipeline,
      container,
      bus: this.#bus,
      stop: this.#stop,
      engines,
      runFolder: this.#run.path,
      planOnly: false,
      moreArtifacts: this.#options.moreArtifacts,
      allowOtherModel: this.#options.allowOtherModel === true,
      allowOtherPlugins: this.#options.allowOtherPlugins === true,
      allowOtherOptions: this.#options.allowOtherOptions === true,
      asked: this.#run.manifest.continues?.asked,
    };
    return executeStages(context, this.#options, this.#run);
  }

  async #end(): Promise<void> {
    this.#phase = 'over';
    this.#bus.complete();
    await this.#engines?.dispose();
    await this.#engineRecorded.catch(() => undefined); // told to whoever asked for the engine
    await Promise.all(this.#logging);
  }
}

function eitherStop(asked: StopSignal | undefined, other: AbortSignal): StopSignal {
  const signal = asked === undefined ? other : AbortSignal.any([asked.signal, other]);
  return {
    get requested() {
      return signal.aborted;
    },
    signal,
    takeSaveRequest: () => asked?.takeSaveRequest?.() === true,
  };
}

function unwrittenText(bytes: number): string {
  return `the last ${bytes} bytes of the journal never reached the disk (power cut?) and were removed; steps after the last checkpoint are repeated`;
}

function gapText({ label, after, step }: JournalGap): string {
  const training = label === '' ? '' : ` of training ${label}`;
  return `the events of steps ${after + 1} to ${step}${training} are missing from the journal, which could not be written at that time`;
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
  selection: Selection & Pick<InFolderOptions, 'allowOtherData' | 'expectedData'>,
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
      const text = `the data of stage ${stage} differ from those that the run was started with: ${before.key} → ${key}`;
      bus.emit({ type: 'message', level: 'warning', text, stage });
    }
    const expected = selection.expectedData?.data?.[stage]?.key;
    if (expected !== undefined && expected !== key) {
      const other = { run: selection.expectedData!.run, stage, before: expected, now: key };
      if (selection.allowOtherData !== true) throw otherData(other);
      const text = `the data of stage ${stage} differ from those of ${selection.expectedData!.run}: ${expected} → ${key}`;
      bus.emit({ type: 'message', level: 'warning', text, stage });
    }
    const work = recordData(run, stage, { key, path });
    work.catch(() => undefined); // heard of below, when the stages have ended
    recorded.push(work);
  };
  const keys: KeyLog = new Map();
  const ended: string[] = [];
  try {
    const ordered = await openStages(context, selection, keys);
    if (ordered.some(({ stage }) => stage.usesEngine === true)) context.engines.startAhead();
    const artifacts$ = chainStages(ordered, notingEnds(stageEventsOn(bus), ended));
    await lastValueFrom(artifacts$.pipe(tap(onArtifact)), { defaultValue: undefined });
    await Promise.all(recorded);
    return { status: 'done' };
  } catch (error) {
    if (error instanceof EddyError && error.exitCode === 75) return { status: 'stopped', error };
    const isCoded = error instanceof EddyError && error.code !== 'STAGE_FAILED';
    // Work that a stop signal aborted fails with whatever the abort made of it.
    if (stop.requested && !isCoded) return { status: 'stopped', error: stopped(runFolder) };
    const { cacheFolder } = context.pipeline.settings;
    const folderError = isCoded ? undefined : asFolderError(error, { cacheFolder, runFolder });
    return { status: 'failed', error: folderError ?? error };
  } finally {
    await Promise.allSettled(recorded);
    // `pipeline evaluate` runs some stages on a stored checkpoint: these are no results of the pipeline.
    if (selection.only === undefined) await recordEnded(context, keys, ended);
  }
}

function notingEnds(observer: StageObserver, ended: string[]): StageObserver {
  return {
    started: (stage) => observer.started(stage),
    finished: (stage, durationMs, busyMs) => {
      ended.push(stage);
      observer.finished(stage, durationMs, busyMs);
    },
  };
}

/** Notes the results of the stages for `pipeline why`. A cache that cannot be written is no reason to fail. */
async function recordEnded(
  { pipeline, runFolder }: Parameters<typeof openStages>[0],
  keys: KeyLog,
  ended: readonly string[],
): Promise<void> {
  const all = [...keys.values()];
  const inputs = ended.map((stage) => {
    const last = all.findLast((known) => known.stage === stage);
    return [stage, last ?? keyInputs(pipeline, stage, [])] as const;
  });
  const { cacheFolder } = pipeline.settings;
  await recordResults(cacheFolder, pipeline, runFolder, new Map(inputs)).catch(() => undefined);
}

async function attachLoggers(
  references: readonly PluginReference[],
  container: PluginContainer,
  bus: RunEventBus,
  stop: StopSignal,
): Promise<Promise<void>[]> {
  const loggers = await Promise.all(
    references.map(async (reference) => ({
      name: reference.use,
      logger: await container.create('logger', reference),
    })),
  );
  return loggers.map(({ name, logger }) => {
    const work = attachLogger(name, logger, bus, stop);
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
    machine: describeMachine(),
    metrics: describedMetrics(pipeline.parts),
  };
}
