/** Messages of `GET /api/live`: one JSON object a line, an empty line as a sign of life. */
import type { RunHead, StepsChange } from './run.ts';
import type { RunRow } from './runs.ts';

/** `runs`: the list. `run/<id>`: one run. */
export type Topic = 'runs' | `run/${string}`;

export type LiveMessage =
  /** The client was too slow, or history was rewritten: fetch everything about the topic again. */
  | { readonly topic: Topic; readonly type: 'reload' }
  /** Rows that changed or are new. */
  | { readonly topic: 'runs'; readonly type: 'rows'; readonly rows: readonly RunRow[] }
  | {
      readonly topic: `run/${string}`;
      readonly type: 'run';
      readonly head: RunHead;
      /** Types of the new events other than steps: `evaluation-finished`, `message` … */
      readonly events: readonly string[];
      /** New training steps. */
      readonly steps: readonly StepsChange[];
    };
