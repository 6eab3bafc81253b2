/**
 * A run on an MLflow server. The training never waits for it: points are gathered and sent in batches
 * beside it. When the server fails, one warning says so and sending ends; the journal has everything,
 * and the next session of the run sends what is missing, to the same run and each point once.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { toJson } from '@eddy/core/report';
import type { Logger, RunEvent, RunSummary } from '@eddy/core';

import { fileLogger, type EventWriter } from '../projection/file-logger.ts';
import { scalarsOf } from '../projection/scalars.ts';
import { WallClock } from '../projection/wall-clock.ts';
import { MlflowClient, type MetricPoint, type MlflowRun, type RunStatus } from './mlflow-client.ts';

export const DEFAULT_URI = 'http://127.0.0.1:5000';
const FLUSH_MS = 2000;

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
}

export function createMlflowLogger(
  options: MlflowOptions,
  services: MlflowServices,
  env: NodeJS.ProcessEnv = process.env,
): Logger {
  const uri = options.trackingUri ?? env['MLFLOW_TRACKING_URI'] ?? DEFAULT_URI;
  return fileLogger(
    join(services.runFolder, 'journal.jsonl'),
    () => new MlflowWriter(uri, options, services, env),
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
  #failed = false;

  constructor(
    uri: string,
    options: MlflowOptions,
    services: MlflowServices,
    env: NodeJS.ProcessEnv,
  ) {
    this.#uri = uri;
    this.#options = options;
    this.#services = services;
    this.#client = new MlflowClient(uri, options.timeoutSeconds, env);
    this.#sent = readSent(this.#sentPath, uri);
    if (services.offline && !isLocal(uri)) this.#fail(`not sent to ${uri}: offline as asked`);
  }

  write(event: RunEvent): void {
    this.#lastMs = Math.round(this.#clock.secondsOf(event) * 1000);
    if (event.type === 'run-started') this.#summary = event.run;
    if (event.type === 'run-finished') this.#status = STATUS[event.status];
    const scalars = scalarsOf(event);
    if (scalars === null || this.#failed) return;
    for (const [key, value] of Object.entries(scalars.values)) {
      const point = { key, value, timestamp: this.#lastMs, step: scalars.step };
      if (point.step > (this.#sent.steps[key] ?? -1)) this.#points.push(point);
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#enqueue(() => this.#flush());
    }, FLUSH_MS).unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#summary === null) return;
    this.#enqueue(async () => {
      await this.#flush();
      await this.#client.updateRun(this.#run!.runId, this.#status, this.#lastMs);
    });
    await this.#sending;
  }

  #enqueue(work: () => Promise<void>): void {
    this.#sending = this.#sending.then(async () => {
      if (this.#failed) return;
      try {
        await work();
      } catch (error) {
        this.#fail(
          `${this.#uri}: ${reasonOf(error)}; the journal has everything, a resume sends it`,
        );
      }
    });
  }

  async #flush(): Promise<void> {
    this.#run ??= await this.#openRun(this.#summary!);
    const points = this.#points;
    this.#points = [];
    await this.#client.logMetrics(this.#run.runId, points);
    for (const { key, step } of points) this.#sent.steps[key] = step;
    writeFileSync(this.#sentPath, `${JSON.stringify(this.#sent, null, 2)}\n`);
  }

  /** The run of an earlier session, or a new one with its parameters. */
  async #openRun(summary: RunSummary): Promise<MlflowRun> {
    const { runId } = this.#sent;
    const earlier = runId === '' ? null : await this.#client.findRun(runId);
    if (earlier !== null) {
      await this.#client.updateRun(earlier.runId, 'RUNNING');
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
    this.#sent = { trackingUri: this.#uri, runId: run.runId, steps: {} };
    // A server that fails from here on still gets no second run.
    writeFileSync(this.#sentPath, `${JSON.stringify(this.#sent, null, 2)}\n`);
    await this.#client.logParams(run.runId, flatten(summary.config));
    await this.#client.logArtifact(run, 'config.json', toJson(summary.config, 2));
    return run;
  }

  #fail(text: string): void {
    this.#failed = true;
    this.#points = [];
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
      return { trackingUri, runId: sent.runId, steps: { ...sent.steps } };
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
