/**
 * A run on an MLflow server. The training never waits for it: points are gathered and sent in batches
 * beside it. When the server fails, one warning says so, and it will be tried again with growing pauses. The journal
 * has everything: what could not be kept until then, and what the session did not send at all, is taken from
 * there, to the same run and each point once.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readJournal, toJson } from '@eddy/core/report';
import type { Logger, RunEvent, RunSummary } from '@eddy/core';

import { fileLogger, type EventWriter } from '../projection/file-logger.ts';
import { scalarsOf } from '../projection/scalars.ts';
import { WallClock } from '../projection/wall-clock.ts';
import { trackingAddress } from './tracking-address.ts';
import { MlflowClient, type MetricPoint, type MlflowRun, type RunStatus } from './mlflow-client.ts';

const FLUSH_MS = 2000;
/** Pauses after failures double up to this. */
const MAX_PAUSE_MS = 5 * 60_000;
/** More points are not kept for a server that fails. */
const MAX_KEPT_POINTS = 50_000;
const POINTS_A_BATCH = 1000;

export interface MlflowOptions {
  readonly trackingUri?: string | undefined;
  readonly experiment: string;
  readonly timeoutSeconds: number;
}

export interface MlflowServices {
  readonly runFolder: string;
  readonly offline: boolean;
  readonly notify: (level: 'info' | 'warning', text: string) => void;
}

/** What `<run>/mlflow.json` keeps between the sessions of a run. */
interface Sent {
  readonly trackingUri: string;
  readonly runId: string;
  /** Metric → the last step that the server has. */
  readonly steps: Record<string, number>;
  /** False until the server has the parameters. */
  isDescribed?: boolean;
}

export function createMlflowLogger(
  options: MlflowOptions,
  services: MlflowServices,
  env: NodeJS.ProcessEnv = process.env,
  flushMs = FLUSH_MS,
): Logger {
  const uri = trackingAddress(options.trackingUri, env);
  return fileLogger(
    join(services.runFolder, 'journal.jsonl'),
    () => new MlflowWriter(uri, options, services, env, flushMs),
  );
}

class MlflowWriter implements EventWriter {
  readonly #uri: string;
  readonly #options: MlflowOptions;
  readonly #services: MlflowServices;
  readonly #client: MlflowClient;
  readonly #clock = new WallClock();
  #summary: RunSummary | null = null;
  #run: MlflowRun | null = null;
  #sent: Sent;
  #points: MetricPoint[] = [];
  #status: RunStatus = 'FAILED';
  #lastMs = 0;
  /** Requests go one after another; the tail of the queue. */
  #sending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  readonly #flushMs: number;
  /** Nothing is sent any more. */
  #isOff = false;
  /** Of requests that failed, since the last that did not. */
  #failures = 0;
  #hasWarned = false;
  /** Points were dropped that only the journal has. */
  #isIncomplete = false;
  #isClosing = false;

  constructor(
    uri: string,
    options: MlflowOptions,
    services: MlflowServices,
    env: NodeJS.ProcessEnv,
    flushMs: number,
  ) {
    this.#uri = uri;
    this.#flushMs = flushMs;
    this.#options = options;
    this.#services = services;
    this.#client = new MlflowClient(uri, options.timeoutSeconds, env);
    this.#sent = readSent(this.#sentPath, uri);
    if (services.offline && !isLocal(uri)) {
      this.#isOff = true;
      this.#warn(`not sent to ${uri}: offline mode`);
    }
  }

  write(event: RunEvent): void {
    this.#lastMs = Math.round(this.#clock.secondsOf(event) * 1000);
    if (event.type === 'run-started') this.#summary = event.run;
    if (event.type === 'run-finished') this.#status = STATUS[event.status];
    if (this.#isOff || !this.#gather(event, this.#lastMs)) return;
    if (this.#points.length > MAX_KEPT_POINTS) {
      this.#points = [];
      this.#isIncomplete = true;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#enqueue(() => this.#flush());
    }, this.#pauseMs).unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#summary === null || this.#isOff) return;
    this.#isClosing = true;
    this.#enqueue(async () => {
      await this.#flush();
      await this.#client.updateRun(this.#run!.runId, this.#status, this.#lastMs);
    });
    await this.#sending;
  }

  get #pauseMs(): number {
    return Math.min(this.#flushMs * 2 ** this.#failures, MAX_PAUSE_MS);
  }

  /** @returns whether the event has points that the server lacks */
  #gather(event: RunEvent, timestamp: number): boolean {
    const scalars = scalarsOf(event);
    if (scalars === null) return false;
    for (const [key, value] of Object.entries(scalars.values)) {
      const point = { key, value, timestamp, step: scalars.step };
      if (point.step > (this.#sent.steps[key] ?? -1)) this.#points.push(point);
    }
    return true;
  }

  #enqueue(work: () => Promise<void>): void {
    this.#sending = this.#sending.then(async () => {
      try {
        await work();
        this.#failures = 0;
      } catch (error) {
        this.#failures += 1;
        const sends = this.#isClosing ? 'resuming the run sends it' : 'it will be tried again';
        // Once when it begins, and once when the run ends so.
        if (!this.#hasWarned || this.#isClosing) {
          this.#warn(`${this.#uri}: ${reasonOf(error)}; the journal has everything, ${sends}`);
        }
      }
    });
  }

  async #flush(): Promise<void> {
    this.#run ??= await this.#openRun(this.#summary!);
    if (this.#isIncomplete) this.#takeFromJournal();
    while (this.#points.length > 0) {
      const points = this.#points.slice(0, POINTS_A_BATCH);
      await this.#client.logMetrics(this.#run.runId, points);
      this.#points.splice(0, points.length);
      for (const { key, step } of points) this.#sent.steps[key] = step;
      this.#remember();
    }
  }

  #takeFromJournal(): void {
    this.#points = [];
    this.#isIncomplete = false;
    const clock = new WallClock();
    for (const event of readJournal(join(this.#services.runFolder, 'journal.jsonl'))) {
      this.#gather(event, Math.round(clock.secondsOf(event) * 1000));
    }
  }

  /** The run of an earlier session, or a new one with its parameters. */
  async #openRun(summary: RunSummary): Promise<MlflowRun> {
    const { runId } = this.#sent;
    const earlier = runId === '' ? null : await this.#client.findRun(runId);
    if (earlier !== null) {
      await this.#client.updateRun(earlier.runId, 'RUNNING');
      if (this.#sent.isDescribed === false) await this.#describe(earlier, summary);
      return earlier;
    }
    const experiment = await this.#client.experiment(this.#options.experiment);
    const startMs = Date.parse(summary.startedAt);
    const run = await this.#client.createRun(experiment, summary.name, startMs, {
      'mlflow.source.name': 'eddy',
      'eddy.run': summary.id,
      'eddy.folder': summary.folder,
      'eddy.engine': summary.engine,
    });
    this.#sent = { trackingUri: this.#uri, runId: run.runId, steps: {}, isDescribed: false };
    // A server that fails from here on still gets no second run.
    this.#remember();
    await this.#describe(run, summary);
    return run;
  }

  async #describe(run: MlflowRun, summary: RunSummary): Promise<void> {
    await this.#client.logParams(run.runId, flatten(summary.config));
    await this.#client.logArtifact(run, 'config.json', toJson(summary.config, 2));
    this.#sent.isDescribed = true;
    this.#remember();
  }

  #remember(): void {
    writeFileSync(this.#sentPath, `${JSON.stringify(this.#sent, null, 2)}\n`);
  }

  #warn(text: string): void {
    this.#hasWarned = true;
    this.#services.notify('warning', `MLflow: ${text}`);
  }

  get #sentPath(): string {
    return join(this.#services.runFolder, 'mlflow.json');
  }
}

const STATUS = { done: 'FINISHED', failed: 'FAILED', stopped: 'KILLED' } as const;

/** Nothing sent, when the file is not there, damaged, or of another server. */
function readSent(path: string, trackingUri: string): Sent {
  try {
    const sent = JSON.parse(readFileSync(path, 'utf8')) as Partial<Sent>;
    if (sent.trackingUri === trackingUri && typeof sent.runId === 'string') {
      return { ...sent, trackingUri, runId: sent.runId, steps: { ...sent.steps } };
    }
  } catch {
    // A new run is made.
  }
  return { trackingUri, runId: '', steps: {} };
}

/** `train.optimizer.learningRate` → text; lists as JSON. */
function flatten(value: unknown, path: readonly string[] = []): Record<string, string> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const parts = Object.entries(value).map(([key, item]) => flatten(item, [...path, key]));
    return Object.assign({}, ...parts) as Record<string, string>;
  }
  return { [path.join('.')]: typeof value === 'string' ? value : JSON.stringify(value) };
}

function isLocal(uri: string): boolean {
  return URL.canParse(uri) && /^(localhost|127\.|\[::1\])/.test(new URL(uri).hostname);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
