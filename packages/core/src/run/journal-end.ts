/** The last events of a journal, read from its end: a list of runs needs a few, and a journal may have a million. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import type { RunEvent } from '../contracts/events.ts';
import { fromJson } from './json.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** Bytes read at a time. */
const CHUNK = 1 << 18;
const NEWLINE = 10;
/** The clock alone stands before the type. */
const MAX_BEFORE_TYPE = 64;

export interface JournalEnd {
  /** The last word, unless the run started again after it. */
  readonly finished: EventOf<'run-finished'> | undefined;
  readonly step: EventOf<'step-finished'> | undefined;
  readonly evaluation: EventOf<'evaluation-finished'> | undefined;
}

/** Returns the last events of these types; a journal that is absent has none. */
export function readJournalEnd(path: string): JournalEnd {
  const types = ['run-started', 'run-finished', 'step-finished', 'evaluation-finished'] as const;
  const { events, order } = lastEvents(path, types);
  const hasEnded = order.indexOf('run-finished') < indexOrEnd(order, 'run-started');
  return {
    finished: hasEnded ? (events.get('run-finished') as JournalEnd['finished']) : undefined,
    step: events.get('step-finished') as JournalEnd['step'],
    evaluation: events.get('evaluation-finished') as JournalEnd['evaluation'],
  };
}

/** Returns how a run ended last; undefined while it runs, after it was killed, and where there is no journal. */
export function readEnding(path: string): EventOf<'run-finished'> | undefined {
  const { events, order } = lastEvents(path, ['run-started', 'run-finished'], 1);
  return order[0] === 'run-finished'
    ? (events.get('run-finished') as EventOf<'run-finished'>)
    : undefined;
}

/** Returns the work, in milliseconds of the run's own clock, that its last checkpoint holds; 0 where it has none. */
export function readSavedMs(path: string): number {
  return lastEvents(path, ['checkpoint-saved']).events.get('checkpoint-saved')?.timeMs ?? 0;
}

function indexOrEnd(order: readonly string[], type: string): number {
  const at = order.indexOf(type);
  return at === -1 ? order.length : at;
}

/** @param enough  number of types after which the rest is not looked for. */
function lastEvents<T extends RunEvent['type']>(
  path: string,
  types: readonly T[],
  enough = types.length,
): { readonly events: ReadonlyMap<T, RunEvent>; readonly order: readonly T[] } {
  const events = new Map<T, RunEvent>();
  for (const line of linesFromTheEnd(path)) {
    const start = line.toString('latin1', 0, MAX_BEFORE_TYPE);
    const type = types.find((one) => !events.has(one) && start.includes(`"type":"${one}"`));
    if (type === undefined) continue;
    const event = parsed(line);
    if (event?.type === type) events.set(type, event);
    if (events.size === enough) break;
  }
  return { events, order: [...events.keys()] };
}

/** @returns undefined for a torn last line of a run that was killed or is writing, and for a damaged one. */
function parsed(line: Buffer): RunEvent | undefined {
  try {
    return Object(fromJson(line.toString('utf8'))) as RunEvent;
  } catch {
    return undefined;
  }
}

function* linesFromTheEnd(path: string): Generator<Buffer, void, void> {
  const fd = openIfThere(path);
  if (fd === undefined) return;
  try {
    let open = Buffer.alloc(0);
    for (let end = fstatSync(fd).size; end > 0;) {
      const begin = Math.max(0, end - CHUNK);
      const chunk = Buffer.alloc(end - begin);
      readSync(fd, chunk, 0, chunk.length, begin);
      end = begin;
      let rest = chunk.length;
      for (
        let at = chunk.lastIndexOf(NEWLINE);
        at !== -1;
        at = at === 0 ? -1 : chunk.lastIndexOf(NEWLINE, at - 1)
      ) {
        yield Buffer.concat([chunk.subarray(at + 1, rest), open]);
        open = Buffer.alloc(0);
        rest = at;
      }
      open = Buffer.concat([chunk.subarray(0, rest), open]);
    }
    yield open;
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
