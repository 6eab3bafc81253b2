/** Runs the trials of a sweep, some at a time, each exactly once to its end. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ConfigInvalid, type Problem } from '../config/problem.ts';
import { resolveConfig, type ResolvedPipeline } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { EddyError } from '@eddy/tensor/errors';
import { createRun, configHashOf } from '../pipeline/create-run.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { readEnding, readSavedMs } from '../run/journal-end.ts';
import { acquireRunLock } from '../run/lock.ts';
import type { RunLock } from '../run/lock-file.ts';
import type { StopSignal } from '../contracts/services.ts';
import { EXIT_STOPPED } from '../run/stop.ts';
import { sweepChanged, sweepExists, sweepStopped, trialsFailed } from './errors.ts';
import { planTrials, splitOverrides, type RandomSearch } from './plan-trials.ts';
import { resultCollector, type SweepResults, type TrialResult } from './results.ts';
import { writeResults } from './result-table.ts';
import {
  createSweepFolder,
  findSweeps,
  isSweepFolder,
  openSweepFolder,
  trialFolder,
  type SweepFolder,
} from './sweep-folder.ts';
import { readEnded, SweepJournal } from './sweep-journal.ts';
import { startTrial, type TrialExit, type TrialProcess } from './trial-process.ts';
import { ARM, type Mode, type Trial } from './trial.ts';

/** A trial whose process is killed this often without a new checkpoint has failed. */
const MAX_DEATHS = 5;

export type SweepEvent =
  | {
      readonly type: 'sweep-started';
      readonly folder: string;
      readonly total: number;
      readonly ended: number;
    }
  | { readonly type: 'trial-started'; readonly trial: Trial }
  | {
      readonly type: 'trial-ended';
      readonly result: TrialResult;
      /** Metrics that are shown in percent. */
      readonly shares: readonly string[];
      readonly ended: number;
      readonly total: number;
    }
  | { readonly type: 'message'; readonly text: string };

export interface SweepDefinition {
  readonly file: string;
  /** In Hydra's grammar; those with several values are swept over. */
  readonly overrides: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  readonly search?: RandomSearch;
  /** In place of the file's. */
  readonly metric?: string;
  readonly mode?: Mode;
}

export interface RunSweepOptions {
  /** The `pipeline` script that runs a trial, and options for it. */
  readonly command: { readonly script: string; readonly argv?: readonly string[] };
  /** Trials at a time. */
  readonly jobs: number;
  readonly stop: StopSignal;
  readonly onEvent: (event: SweepEvent) => void;
}

export interface SweepOutcome {
  readonly results: SweepResults;
  /** SWEEP_STOPPED or SWEEP_TRIALS_FAILED. */
  readonly error?: EddyError;
}

export interface SweepPlace {
  /** Folder of all sweeps. */
  readonly root: string;
  /** Exact folder of this one. */
  readonly path?: string;
  /** `auto`: go on with the latest sweep of just these trials, if it has trials left. */
  readonly resume?: 'auto';
}

/**
 * The folder of a sweep with the run folders of all its trials: every config is checked before the
 * first of them runs.
 *
 * @throws CONFIG_INVALID with the problems of all trials, SWEEP_EMPTY, SWEEP_EXISTS, SWEEP_CHANGED …
 */
export async function openSweep(
  definition: SweepDefinition,
  { root, path, resume }: SweepPlace,
): Promise<SweepFolder> {
  const { base, trials, pipelines } = await resolveTrials(definition);
  const identities = trials.map(({ values }, i) => [values, configHashOf(pipelines[i]!)]);
  const trialsHash = createHash('sha256').update(JSON.stringify(identities)).digest('hex');
  if (path !== undefined && isSweepFolder(path)) {
    const sweep = await openSweepFolder(path);
    if (resume === undefined) throw sweepExists(path);
    if (sweep.manifest.trialsHash !== trialsHash) throw sweepChanged(path);
    return sweep;
  }
  if (path === undefined && resume === 'auto') {
    const sweeps = await findSweeps(resolve(root), base.name, trialsHash);
    const sweep = sweeps.find((one) => !hasEnded(one));
    if (sweep !== undefined) return sweep;
  }
  const metric = definition.metric ?? base.ablation?.metric;
  const objective = {
    ...(metric === undefined ? {} : { metric }),
    mode: definition.mode ?? base.ablation?.mode ?? 'max',
  };
  const where = { root, ...(path === undefined ? {} : { path }) };
  return createSweepFolder(where, { name: base.name, trialsHash, objective, trials }, (folder) =>
    makeRuns(folder, base.name, trials, pipelines),
  );
}

function hasEnded({ journalPath, manifest }: SweepFolder): boolean {
  const ended = readEnded(journalPath);
  return manifest.trials.every(({ id }) => ended.has(id));
}

async function resolveTrials({ file, overrides, builtin, settings, search }: SweepDefinition) {
  const split = splitOverrides(file, overrides);
  const base = await resolveConfig(file, split.fixed, { builtin, settings });
  const trials = planTrials(split, base.ablation, search);
  const pipelines: ResolvedPipeline[] = [];
  const problems: Problem[] = [];
  for (const trial of trials) {
    try {
      pipelines.push(await resolveConfig(file, trial.overrides, { builtin, settings }));
    } catch (error) {
      if (!(error instanceof ConfigInvalid)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigInvalid(file, distinct(problems));
  return { base, trials, pipelines };
}

/** Trials share most of what can be wrong with them: each problem once, whatever the number of its override. */
function distinct(problems: readonly Problem[]): Problem[] {
  const place = ({ origin, path }: Problem) =>
    JSON.stringify([origin.kind === 'override' ? origin.text : origin, path]);
  const byPlace = new Map(
    problems.toReversed().map((problem) => [`${place(problem)} ${problem.message}`, problem]),
  );
  return [...byPlace.values()];
}

async function makeRuns(
  folder: string,
  name: string,
  trials: readonly Trial[],
  pipelines: readonly ResolvedPipeline[],
): Promise<void> {
  for (const [i, trial] of trials.entries()) {
    const arm = trial.values[ARM];
    const runName = [name, trial.id, ...(arm === undefined ? [] : [arm])].join('-');
    await createRun(pipelines[i]!, { path: trialFolder(folder, trial.id), name: runName });
  }
}

/** Runs what has not ended yet. Results are written after each trial. */
export async function runSweep(
  sweep: SweepFolder,
  options: RunSweepOptions,
): Promise<SweepOutcome> {
  const lock = await acquireRunLock(sweep.lockPath);
  try {
    const journal = new SweepJournal(sweep.journalPath);
    try {
      return await new SweepRunner(sweep, { journal, lock }, options).run();
    } finally {
      journal.close();
    }
  } finally {
    lock.release();
  }
}

class SweepRunner {
  readonly #sweep: SweepFolder;
  readonly #journal: SweepJournal;
  readonly #lock: RunLock;
  readonly #options: RunSweepOptions;
  readonly #running = new Set<TrialProcess>();
  readonly #collect: () => SweepResults;
  #hasFailed = false;

  constructor(
    sweep: SweepFolder,
    { journal, lock }: { readonly journal: SweepJournal; readonly lock: RunLock },
    options: RunSweepOptions,
  ) {
    this.#sweep = sweep;
    this.#journal = journal;
    this.#lock = lock;
    this.#options = options;
    this.#collect = resultCollector(sweep, journal.ended);
  }

  get #isEnding(): boolean {
    return this.#options.stop.requested || this.#hasFailed;
  }

  async run(): Promise<SweepOutcome> {
    const { stop, onEvent, jobs } = this.#options;
    const { path, manifest } = this.#sweep;
    const total = manifest.trials.length;
    onEvent({ type: 'sweep-started', folder: path, total, ended: this.#journal.ended.size });
    const left = manifest.trials.filter(({ id }) => !this.#journal.ended.has(id));
    const stopAll = () => this.#running.forEach((trial) => trial.stop());
    // A second signal ends this process at once; nothing may outlive it.
    const killAll = () => this.#running.forEach((trial) => trial.kill());
    stop.signal.addEventListener('abort', stopAll);
    process.on('exit', killAll);
    try {
      const worker = async () => {
        for (let trial = left.shift(); trial !== undefined; trial = left.shift()) {
          if (this.#isEnding) return;
          await this.#runTrial(trial);
        }
      };
      const workers = Array.from({ length: Math.min(jobs, left.length) }, () =>
        worker().catch((error: unknown) => {
          // The sweep ends when the trials that run beside this one have ended, too.
          this.#hasFailed = true;
          stopAll();
          throw error;
        }),
      );
      const failure = (await Promise.allSettled(workers)).find(
        ({ status }) => status === 'rejected',
      );
      if (failure !== undefined) throw (failure as PromiseRejectedResult).reason;
    } finally {
      stop.signal.removeEventListener('abort', stopAll);
      process.off('exit', killAll);
    }
    const results = this.#collect();
    await writeResults(results);
    const failed = results.trials.filter(({ status }) => status === 'failed').map(({ id }) => id);
    if (this.#journal.ended.size < total) return { results, error: sweepStopped(path) };
    return failed.length > 0 ? { results, error: trialsFailed(failed, total, path) } : { results };
  }

  async #runTrial(trial: Trial): Promise<void> {
    const folder = trialFolder(this.#sweep.path, trial.id);
    await this.#waitForOrphan(trial, folder);
    for (let [deaths, savedMs] = [0, 0]; !this.#isEnding;) {
      // The sweep may have been killed between the trial's last word and the note of it.
      if (isDone(folder)) return this.#end(trial, 'done');
      this.#lock.requireHeld();
      this.#journal.started(trial.id);
      this.#options.onEvent({ type: 'trial-started', trial });
      const exit = await this.#process(folder);
      if (exit.code === 0) return this.#end(trial, 'done');
      if (exit.code === EXIT_STOPPED) {
        if (this.#isEnding) return;
        // Somebody stopped this trial alone: it goes on where it was.
        this.#say(`trial ${trial.id} was stopped from outside and is resumed`);
      } else if (exit.refusal?.code === 'RUN_LOCKED') {
        // An orphan that was still starting when this sweep looked for it has taken the lock first.
        await this.#waitForOrphan(trial, folder);
      } else if (exit.code !== null) return this.#end(trial, 'failed', failureOf(folder, exit));
      else {
        const saved = readSavedMs(join(folder, 'journal.jsonl'));
        deaths = saved > savedMs ? 1 : deaths + 1;
        savedMs = saved;
        if (deaths >= MAX_DEATHS) {
          return this.#end(trial, 'failed', `killed ${deaths} times by ${exit.signal}`);
        }
        this.#say(`trial ${trial.id} was killed by ${exit.signal} and is resumed`);
      }
    }
  }

  async #process(folder: string): Promise<TrialExit> {
    const { script, argv } = this.#options.command;
    const child = startTrial(script, folder, argv);
    this.#running.add(child);
    try {
      return await child.ended;
    } finally {
      this.#running.delete(child);
    }
  }

  async #end(trial: Trial, status: 'done' | 'failed', reason?: string): Promise<void> {
    this.#lock.requireHeld();
    this.#journal.end(trial.id, status, reason);
    const results = this.#collect();
    await writeResults(results);
    const result = results.trials.find(({ id }) => id === trial.id)!;
    const { size } = this.#journal.ended;
    this.#options.onEvent({
      type: 'trial-ended',
      result,
      shares: results.shares,
      ended: size,
      total: results.trials.length,
    });
  }

  /** A trial of a killed sweep may still be saving its state. */
  async #waitForOrphan(trial: Trial, folder: string): Promise<void> {
    for (let told = false; !this.#isEnding; told = true) {
      try {
        (await acquireRunLock(join(folder, 'lock'))).release();
        return;
      } catch (error) {
        if (!(error instanceof EddyError && error.code === 'RUN_LOCKED')) throw error;
        if (!told) this.#say(`trial ${trial.id}: ${error.facts.received}; waiting for its end`);
        await delay(200);
      }
    }
  }

  #say(text: string): void {
    this.#options.onEvent({ type: 'message', text });
  }
}

function lastFinish(folder: string) {
  return readEnding(join(folder, 'journal.jsonl'));
}

function isDone(folder: string): boolean {
  return lastFinish(folder)?.status === 'done';
}

function failureOf(folder: string, { code, refusal }: TrialExit): string {
  const error = refusal ?? lastFinish(folder)?.error;
  return error === undefined ? `exit code ${code}` : `${error.code}: ${error.message}`;
}
