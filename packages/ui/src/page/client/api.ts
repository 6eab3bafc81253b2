/** Requests to the server. Each page adds the functions for its routes to a file beside this one. */
import { signal } from '@preact/signals';

import type { ActionView, ConfigView, RunView, SeriesView, WhyView } from '../../api/run.ts';
import type { RunsView } from '../../api/runs.ts';
import type { Problem, Session } from '../../api/session.ts';

let token = '';

/** True once the server refused the token: the page says what to do and asks no more. */
export const isRefused = signal(false);

export function setToken(value: string): void {
  token = value;
}

/** A request that was answered with a problem, or not at all. */
export class RequestFailed extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Fetches JSON from below `/api`. @throws RequestFailed */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal === undefined ? {} : { signal });
  return revive(await response.text()) as T;
}

/** Sends an action. @throws RequestFailed */
async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  return (await (await request(path, init)).json()) as T;
}

/** Sends a request with the token. @throws RequestFailed unless it is answered with 2xx */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new RequestFailed({
      code: 'UI_SERVER_GONE',
      message: 'the server does not answer',
      fix: 'start `pipeline ui` again and open the address that it prints',
    });
  }
  if (response.ok) return response;
  if (response.status === 401) isRefused.value = true;
  throw new RequestFailed(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    const message = `the server answered ${response.status}`;
    return { code: 'UI_UNEXPECTED', message, fix: 'reload the page' };
  }
}

const NON_FINITE: Readonly<Record<string, number>> = {
  NaN: NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
};

/** JSON in which numbers that are not finite are strings. */
export function revive(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && Object.hasOwn(NON_FINITE, value) ? NON_FINITE[value] : value,
  );
}

export const fetchSession = () => get<Session>('/session');
export const fetchRuns = (signal?: AbortSignal) => get<RunsView>('/runs', signal);
export const fetchRun = (id: string, signal?: AbortSignal) => get<RunView>(`/runs/${id}`, signal);
export const fetchConfig = (id: string) => get<ConfigView>(`/runs/${id}/config`);
export const fetchWhy = (id: string) => get<WhyView>(`/runs/${id}/why`);
export const act = (id: string, action: 'stop' | 'save' | 'resume') =>
  post<ActionView>(`/runs/${id}/${action}`);

export interface SeriesRequest {
  readonly set: string;
  readonly metrics: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly points?: number;
  readonly smoothing?: number;
}

/** Fetches curves of a run, thinned by the server. */
export function fetchSeries(
  id: string,
  { metrics, ...rest }: SeriesRequest,
  signal?: AbortSignal,
): Promise<SeriesView[]> {
  const query = new URLSearchParams(metrics.map((metric) => ['metric', metric]));
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return get<SeriesView[]>(`/runs/${id}/series?${query}`, signal);
}
