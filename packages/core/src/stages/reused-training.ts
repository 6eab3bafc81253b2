/**
 * A finished training that other runs can take over. The cache keeps no weights of it: an entry names the runs that
 * have them, and the hash of the state that they must have.
 */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

import { z } from 'zod';

import {
  checkpointPath,
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
} from '../checkpoint/checkpoint.ts';
import type { CheckpointManifest, JsonValue } from '../checkpoint/manifest.ts';
import { copyCheckpoint } from '../checkpoint/copy-checkpoint.ts';
import type { EventBus, StopSignal } from '../contracts/services.ts';
import type { Usable } from '../contracts/usable.ts';
import { writeDurably } from '../files/durable.ts';
import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { readJournal } from '../run/journal.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { runStopped } from '../run/errors.ts';
import type { ReusedTraining } from '../train/session/checkpoint-artifact.ts';
import type { MonitorState } from '../train/session/monitor.ts';
import { JOURNAL_FILE, readJournaledTraining } from './journaled-training.ts';

const REFERENCE_FILE = 'training.json';
const FORMAT = 'eddy-training/1';
/** Runs that an entry remembers: whoever reused the training has it, too. */
const MOST_RUNS = 8;
/** Events that are told again before others get their turn. */
const EVENTS_AT_ONCE = 500;

const monitorState = z.looseObject({
  metric: z.string(),
  split: z.string(),
  mode: z.enum(['min', 'max']),
  step: z.int(),
  best: z.looseObject({ step: z.int(), value: z.number() }).exactOptional(),
  waited: z.int(),
});

const referenceSchema = z.looseObject({
  format: z.literal(FORMAT),
  /** Runs that have it, the one that trained it first. */
  runs: z
    .array(
      z.looseObject({
        id: z.string(),
        /** Absolute; where the run lay then. */
        folder: z.string(),
        /** Folder of the checkpoints inside the run. */
        checkpoints: z.string(),
      }),
    )
    .min(1),
  stage: z.string(),
  /** Of the last checkpoint. */
  step: z.int().min(0),
  stateHash: z.string(),
  finishedAt: z.string(),
  engine: z.looseObject({ name: z.string(), fingerprint: z.string() }).exactOptional(),
  monitor: monitorState.exactOptional(),
});

type Reference = z.output<typeof referenceSchema>;

/** A finished training as it was found. */
export interface FoundTraining {
  readonly reference: Reference;
  /** The run that has it, where it lies now. */
  readonly run: string;
  /** Folder of its checkpoints, absolute. */
  readonly checkpoints: string;
  /** Content key of the training, as its last checkpoint records it. */
  readonly key: JsonValue | undefined;
}

/** A training to take over: that of another run, or the copy that a session before has made in this run. */
export type ReusableTraining = Pick<FoundTraining, 'run' | 'checkpoints' | 'key'> & {
  readonly reference: Pick<Reference, 'stage' | 'step' | 'monitor'>;
};

/**
 * Finds the training that an entry of the cache stands for.
 *
 * @returns the training, or the end of a sentence that says why there is none
 */
export async function findTraining(entry: string, runs: string): Promise<FoundTraining | string> {
  const reference = await readReference(entry);
  if (reference === undefined) return 'its entry in the cache is damaged';
  const problems: string[] = [];
  for (const known of reference.runs) {
    const run = await whereRunLies(known, [dirname(known.folder), runs]);
    if (run === undefined) {
      problems.push(`the run ${known.folder} no longer exists`);
      continue;
    }
    if (!existsSync(join(run, JOURNAL_FILE))) {
      problems.push(`the run ${run} has no ${JOURNAL_FILE} any more`);
      continue;
    }
    const checkpoints = join(run, known.checkpoints);
    const last = await lastOf(checkpoints, reference);
    if (typeof last !== 'string') {
      return { reference, run, checkpoints, key: last.metadata['key'] };
    }
    problems.push(last);
  }
  return problems.join('; ');
}

/** Tells the store of artifacts whether an entry of the cache can be used, and who made it. */
export async function usableTraining(entry: string, runs: string, label?: string): Promise<Usable> {
  const found = await findTraining(entry, runs);
  if (typeof found === 'string') return { problem: found };
  const { finishedAt } = found.reference;
  return { madeBy: { run: found.run, finishedAt, ...(label === undefined ? {} : { label }) } };
}

/**
 * Takes a training over into the folder of this run: its checkpoints, and the events of its steps, so that curves,
 * reports and trackers have them. Checkpoints come last: a run that is killed before has none and begins again. Done
 * again after a stop, it adds what is missing.
 *
 * @throws RUN_STOPPED
 */
export async function takeOver(
  { reference, run, checkpoints, key }: ReusableTraining,
  to: { readonly folder: string; readonly runFolder: string },
  { bus, stop }: { readonly bus: EventBus; readonly stop: StopSignal },
): Promise<ReusedTraining> {
  const throwIfStopped = () => {
    if (stop.requested) throw runStopped({ step: 0, folder: to.runFolder });
  };
  /** What lies behind the last step was added later. */
  const isOfIt = ({ step }: { readonly step: number }) => step <= reference.step;
  const evaluated = new Set<number>();
  const told = readJournaledTraining(to.runFolder, reference.stage);
  const events = readJournal(join(run, JOURNAL_FILE));
  const label = events.find(
    (event) => event.type === 'step-finished' && event.stage === reference.stage,
  );
  const own = label !== undefined && 'label' in label ? label.label : undefined;
  for (const [i, event] of events.entries()) {
    if (i % EVENTS_AT_ONCE === EVENTS_AT_ONCE - 1) {
      await new Promise((resolve) => setImmediate(resolve));
      throwIfStopped();
    }
    if ('step' in event && !isOfIt(event)) continue;
    if (event.type === 'evaluation-finished' && event.label === own) evaluated.add(event.step);
    if (!('stage' in event) || event.stage !== reference.stage) continue;
    if (event.type === 'step-finished') {
      if (event.step <= told.step) continue;
      const { step, totalSteps, epoch, metrics, stepMs } = event;
      bus.emit({
        type: 'step-finished',
        step,
        totalSteps,
        epoch,
        metrics,
        stepMs,
        isReused: true,
      });
    } else if (event.type === 'training-planned') {
      if (told.isPlanned) continue;
      bus.emit({ type: 'training-planned', plan: event.plan, isReused: true });
    } else if (event.type === 'monitor-updated') {
      if (event.step <= told.monitoredStep) continue;
      const { timeMs: _time, label: _label, stage: _stage, ...update } = event;
      bus.emit(update);
    }
  }
  // The last one first: a run that is killed from here on finds its training finished.
  for (const { step, path } of (await listCheckpoints(checkpoints)).toReversed()) {
    throwIfStopped();
    const copy = checkpointPath(to.folder, step);
    const training = { last: reference.step, key };
    const bytes = await bytesOfWhole(path, training);
    if (bytes === undefined) continue;
    if (existsSync(copy)) {
      if ((await bytesOfWhole(copy, training)) !== undefined) continue;
      await rm(copy, { recursive: true });
    }
    const startMs = performance.now();
    await copyCheckpoint(path, copy);
    const durationMs = performance.now() - startMs;
    bus.emit({ type: 'checkpoint-saved', step, path: copy, bytes, durationMs });
  }
  const there = new Set((await listCheckpoints(to.folder)).map(({ step }) => step));
  return {
    run,
    stepsWithoutCheckpoint: [...evaluated].filter((step) => !there.has(step)).sort((a, b) => a - b),
    monitor: reference.monitor as MonitorState | undefined,
    toldEvaluations: told.evaluations,
  };
}

/**
 * What a finished training of this run is referred to by; undefined where it was not trained in one piece under
 * `key`, for example by a run that goes on from another one, or by code that was changed on the way.
 */
export async function referenceTo(
  training: {
    readonly stage: string;
    readonly key: string;
    /** Of its checkpoints, absolute. */
    readonly folder: string;
    readonly runFolder: string;
  },
  monitor: MonitorState | undefined,
): Promise<Reference | undefined> {
  const { stage, key, folder, runFolder } = training;
  if (!existsSync(join(runFolder, 'manifest.json'))) return undefined;
  const latest = await latestCheckpoint(folder, () => undefined, { wanted: () => false });
  if (latest?.manifest.metadata['key'] !== key) return undefined;
  const { path, manifest } = await openRunFolder(runFolder);
  return {
    format: FORMAT,
    runs: [{ id: manifest.id, folder: path, checkpoints: relative(path, folder) }],
    stage,
    step: latest.manifest.step,
    stateHash: latest.manifest.stateHash,
    finishedAt: new Date().toISOString(),
    ...(manifest.engine === undefined ? {} : { engine: manifest.engine }),
    ...(monitor === undefined ? {} : { monitor: { ...monitor } }),
  };
}

/** The reference with a run that has taken the training over: it stands where the first one is deleted. */
export async function withRun(
  reference: Reference,
  { folder, runFolder }: { readonly folder: string; readonly runFolder: string },
): Promise<Reference> {
  if (!existsSync(join(runFolder, 'manifest.json'))) return reference;
  const { path, manifest } = await openRunFolder(runFolder);
  const own = { id: manifest.id, folder: path, checkpoints: relative(path, folder) };
  const others = reference.runs.filter(({ id }) => id !== own.id).slice(0, MOST_RUNS - 1);
  return { ...reference, runs: [...others, own] };
}

/** Writes what the cache keeps of a training. */
export function writeReference(folder: string, reference: Reference): Promise<void> {
  return writeDurably(join(folder, REFERENCE_FILE), `${JSON.stringify(reference, null, 2)}\n`);
}

async function readReference(entry: string): Promise<Reference | undefined> {
  try {
    const text = await readInputText(join(entry, REFERENCE_FILE), JSON_LIMIT);
    return referenceSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Returns the folder of a run: where it lay, else one beside that or beside this run that has its id. */
async function whereRunLies(
  { id, folder }: { readonly id: string; readonly folder: string },
  places: readonly string[],
): Promise<string | undefined> {
  const beside = await Promise.all(
    [...new Set(places)].map(async (place) => {
      const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
      return entries.flatMap((entry) => (entry.isDirectory() ? [join(place, entry.name)] : []));
    }),
  );
  for (const candidate of [folder, ...beside.flat().filter((path) => path !== folder)]) {
    if (!existsSync(join(candidate, 'manifest.json'))) continue;
    const run = await openRunFolder(candidate).catch(() => undefined);
    if (run?.manifest.id === id) return candidate;
  }
  return undefined;
}

/** The manifest of the last checkpoint, or what is wrong with it. */
async function lastOf(
  checkpoints: string,
  { step, stateHash }: Reference,
): Promise<CheckpointManifest | string> {
  const path = checkpointPath(checkpoints, step);
  if (!existsSync(path)) return `its checkpoint ${path} no longer exists`;
  try {
    const { manifest } = await loadCheckpoint(path, { wanted: () => false });
    if (manifest.stateHash === stateHash) return manifest;
    return `${path} has the state ${manifest.stateHash}, not ${stateHash}`;
  } catch {
    return `its checkpoint ${path} is damaged`;
  }
}

/**
 * Bytes of the files of a checkpoint; undefined where it is damaged, was being replaced, or is not of this training:
 * somebody put it there, or the run was continued with other values.
 */
async function bytesOfWhole(
  path: string,
  training: { readonly last: number; readonly key: JsonValue | undefined },
): Promise<number | undefined> {
  if (basename(path).startsWith('replaced-')) return undefined;
  try {
    const { manifest } = await loadCheckpoint(path, { wanted: () => false });
    const { step, metadata } = manifest;
    if (step > training.last || metadata['key'] !== training.key) return undefined;
    return Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  } catch {
    return undefined;
  }
}
