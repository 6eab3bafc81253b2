/**
 * The few calls of MLflow's REST API that a run needs.
 *
 * @source https://mlflow.org/docs/latest/rest-api.html
 */

/** Most items of one `log-batch`. */
const MAX_METRICS = 1000;
const MAX_PARAMS = 100;
const MAX_PARAM_LENGTH = 6000;

export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface MlflowRun {
  readonly runId: string;
  readonly artifactUri: string;
}

interface RunAnswer {
  readonly run: { readonly info: { readonly run_id: string; readonly artifact_uri: string } };
}

export class MlflowClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #timeoutMs: number;

  constructor(trackingUri: string, timeoutSeconds: number, env: NodeJS.ProcessEnv) {
    this.#base = trackingUri.replace(/\/+$/, '');
    this.#timeoutMs = timeoutSeconds * 1000;
    const authorization = authorizationOf(env);
    this.#headers = authorization === undefined ? {} : { authorization };
  }

  /** The id of an experiment, which is made when there is none. */
  async experiment(name: string): Promise<string> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    const found = await this.#get<{ experiment: { experiment_id: string } }>(query);
    if (found !== null) return found.experiment.experiment_id;
    const made = await this.#post<{ experiment_id: string }>('experiments/create', { name });
    return made.experiment_id;
  }

  async createRun(
    experimentId: string,
    name: string,
    startTime: number,
    tags: Readonly<Record<string, string>>,
  ): Promise<MlflowRun> {
    const answer = await this.#post<RunAnswer>('runs/create', {
      experiment_id: experimentId,
      run_name: name,
      start_time: startTime,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    return runOf(answer);
  }

  /** null when the server has no such run. */
  async findRun(runId: string): Promise<MlflowRun | null> {
    const answer = await this.#get<RunAnswer>(`runs/get?run_id=${encodeURIComponent(runId)}`);
    return answer === null ? null : runOf(answer);
  }

  async updateRun(runId: string, status: RunStatus, endTime?: number): Promise<void> {
    const end = endTime === undefined ? {} : { end_time: endTime };
    await this.#post('runs/update', { run_id: runId, status, ...end });
  }

  async logParams(runId: string, params: Readonly<Record<string, string>>): Promise<void> {
    const all = Object.entries(params).map(([key, value]) => ({
      key: legalName(key),
      value: value.slice(0, MAX_PARAM_LENGTH),
    }));
    for (let i = 0; i < all.length; i += MAX_PARAMS) {
      await this.#post('runs/log-batch', { run_id: runId, params: all.slice(i, i + MAX_PARAMS) });
    }
  }

  async logMetrics(runId: string, points: readonly MetricPoint[]): Promise<void> {
    const all = points.map(({ key, value, timestamp, step }) => ({
      key: legalName(key),
      // JSON has no such numbers; the server reads them as these texts.
      value: Number.isFinite(value) ? value : String(value),
      timestamp,
      step,
    }));
    for (let i = 0; i < all.length; i += MAX_METRICS) {
      await this.#post('runs/log-batch', { run_id: runId, metrics: all.slice(i, i + MAX_METRICS) });
    }
  }

  /** Through the server, where it keeps the artifacts itself; elsewhere nothing is done. */
  async logArtifact({ artifactUri }: MlflowRun, name: string, text: string): Promise<void> {
    const path = /^mlflow-artifacts:\/+(.+)$/.exec(artifactUri)?.[1];
    if (path === undefined) return;
    const url = `api/2.0/mlflow-artifacts/artifacts/${path}/${encodeURIComponent(name)}`;
    await this.#fetch(url, { method: 'PUT', body: text });
  }

  /** null for what is not there. */
  async #get<T>(path: string): Promise<T | null> {
    const response = await this.#fetch(`api/2.0/mlflow/${path}`, { method: 'GET' }, [404]);
    return response.status === 404 ? null : ((await response.json()) as T);
  }

  async #post<T>(path: string, body: object): Promise<T> {
    const response = await this.#fetch(`api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  }

  async #fetch(path: string, init: RequestInit, allowed: readonly number[] = []) {
    const response = await fetch(`${this.#base}/${path}`, {
      ...init,
      headers: { ...this.#headers, ...(init.headers as Record<string, string> | undefined) },
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    if (response.ok || allowed.includes(response.status)) return response;
    const text = (await response.text()).replace(/\s+/g, ' ').slice(0, 200);
    throw new Error(`${path.split('?')[0]} answered ${response.status} ${text}`);
  }
}

/** `ARC/pass@2` → `ARC/pass_2`: letters, digits and `_ - . space : /`. */
function legalName(name: string): string {
  return name.replace(/[^\w\-. :/]/g, '_').slice(0, 250);
}

function runOf({ run }: RunAnswer): MlflowRun {
  return { runId: run.info.run_id, artifactUri: run.info.artifact_uri };
}

function authorizationOf(env: NodeJS.ProcessEnv): string | undefined {
  const token = env['MLFLOW_TRACKING_TOKEN'];
  if (token !== undefined) return `Bearer ${token}`;
  const user = env['MLFLOW_TRACKING_USERNAME'];
  if (user === undefined) return undefined;
  const pair = `${user}:${env['MLFLOW_TRACKING_PASSWORD'] ?? ''}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
