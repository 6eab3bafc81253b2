/** The runs that are read in full: those that somebody looks at, and a few before them. */
import type { LiveMessage } from '../api/live.ts';
import { RunProjection, type ProjectionChange } from '../reader/run-projection.ts';
import type { RunRows } from '../reader/run-rows.ts';
import { notFound } from './http/problem.ts';
import type { OpenedRun } from './http/context.ts';

/** Runs kept in memory: 12 of 65,104 steps take 80 MB. */
const MAX_OPEN = 12;

export class OpenRuns {
  readonly #rows: RunRows;
  /** By id, the one used last at the end. */
  readonly #open = new Map<string, RunProjection>();
  /** Told of what a request has read, so that listeners miss nothing. */
  readonly #publish: (message: LiveMessage) => void;

  constructor(rows: RunRows, publish: (message: LiveMessage) => void) {
    this.#rows = rows;
    this.#publish = publish;
  }

  /** @throws HttpProblem 404 */
  async open(id: string): Promise<OpenedRun> {
    const found = this.#rows.run(id);
    if (found === undefined) throw notFound('run');
    const known = this.#open.get(id);
    this.#open.delete(id);
    const projection = known ?? new RunProjection(found.path);
    this.#open.set(id, projection);
    if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value!);
    const change = await projection.refresh();
    // Whoever opens a run for the first time fetches it whole.
    if (known !== undefined) {
      for (const message of messagesOf(id, projection, change)) this.#publish(message);
    }
    return { found, projection };
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
