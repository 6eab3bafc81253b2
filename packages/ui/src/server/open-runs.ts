/** The runs that are read in full: those that somebody looks at, and a few before them. */
import type { LiveMessage, Topic } from '../api/live.ts';
import { RunProjection, type ProjectionChange } from '../reader/run-projection.ts';
import type { RunRows } from '../reader/run-rows.ts';
import { notFound } from './http/problem.ts';
import type { OpenedRun } from './http/context.ts';

/** Runs kept in memory besides those that are watched: 12 of 65,104 steps take 80 MB. */
const MAX_OPEN = 12;

/** Who is told of what a request has read, so that nobody misses anything. */
export interface Listeners {
  publish(message: LiveMessage): void;
  isWatched(topic: Topic): boolean;
}

export class OpenRuns {
  readonly #rows: RunRows;
  /** By id, the one used last at the end. */
  readonly #open = new Map<string, RunProjection>();
  readonly #listeners: Listeners;

  constructor(rows: RunRows, listeners: Listeners) {
    this.#rows = rows;
    this.#listeners = listeners;
  }

  /** @throws HttpProblem 404 */
  async open(id: string): Promise<OpenedRun> {
    const found = this.#rows.run(id);
    if (found === undefined) throw notFound('run');
    const known = this.#open.get(id);
    this.#open.delete(id);
    const projection = known ?? new RunProjection(found.path);
    this.#open.set(id, projection);
    this.#closeOldest(id);
    const change = await projection.refresh();
    // Whoever opens a run for the first time fetches it whole.
    if (known !== undefined) {
      for (const message of messagesOf(id, projection, change)) this.#listeners.publish(message);
    }
    return { found, projection };
  }

  /** A run that is watched stays: read anew at each look, it would have no news to publish. */
  #closeOldest(opened: string): void {
    const idle = [...this.#open.keys()].filter(
      (id) => id !== opened && !this.#listeners.isWatched(`run/${id}`),
    );
    for (const id of idle.slice(0, Math.max(0, idle.length + 1 - MAX_OPEN))) this.#open.delete(id);
  }
}

function messagesOf(
  id: string,
  projection: RunProjection,
  { rewritten, events, steps }: ProjectionChange,
): LiveMessage[] {
  const topic = `run/${id}` as const;
  if (rewritten) return [{ topic, type: 'reload' }];
  if (events.length === 0 && steps.length === 0) return [];
  return [{ topic, type: 'run', head: projection.head(id), events, steps }];
}
