/** The last events of a journal, read from its end: a list of runs needs a few, and a journal may have a million. */
import { closeSync, fstatSync, readSync } from 'node:fs';

import type { RunEvent } from '../contracts/events.ts';
import type { MetricDescriptions } from '../contracts/metric.ts';
import { openInputFileSync } from '../files/input-file.ts';
import { uncheckedLine } from '../record/checked-line.ts';
import { fromJson } from '../record/json.ts';
import { metricDescriptionsOf } from './metric.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** Bytes read at a time. */
const CHUNK = 1 << 18;
const NEWLINE = 10;
const OPENING = '{'.charCodeAt(0);
const CLOSING = '}'.charCodeAt(0);
/** The clock alone stands before the type. */
const MAX_BEFORE_TYPE = 64;

export interface JournalEnd {
  /** The last word, unless the run started again after it. */
  readonly finished: EventOf<'run-finished'> | undefined;
  readonly step: EventOf<'step-finished'> | undefined;
  readonly evaluation: EventOf<'evaluation-finished'> | undefined;
  /** True where a line that was read is no event, although more was written after it. */
  readonly isDamaged: boolean;
}

/** Returns the last events of these types; a journal that is absent has none. */
export function readJournalEnd(path: string): JournalEnd {
  const types = ['run-started', 'run-finished', 'step-finished', 'evaluation-finished'] as const;
  let isDamaged = false;
  const events = lastEvents(
    path,
    types,
    // The later one of its starts and ends is enough.
    ({ size, has }) => size > 2 && has('step-finished') && has('evaluation-finished'),
    () => (isDamaged = true),
  );
  const last = [...events.keys()].find((type) => type === 'run-started' || type === 'run-finished');
  return {
    finished: last === 'run-finished' ? (events.get(last) as JournalEnd['finished']) : undefined,
    step: events.get('step-finished') as JournalEnd['step'],
    evaluation: events.get('evaluation-finished') as JournalEnd['evaluation'],
    isDamaged,
  };
}

/** Returns how a run ended last; undefined while it runs, after it was killed, and where there is no journal. */
export function readEnding(path: string): EventOf<'run-finished'> | undefined {
  const events = lastEvents(path, ['run-started', 'run-finished'], ({ size }) => size > 0);
  return events.get('run-finished') as EventOf<'run-finished'> | undefined;
}

/** Returns the work, in milliseconds of the run's own clock, that its last checkpoint holds; 0 where it has none. */
export function readSavedMs(path: string): number {
  const events = lastEvents(path, ['checkpoint-saved'], ({ size }) => size > 0);
  return events.get('checkpoint-saved')?.timeMs ?? 0;
}

/** Returns what a run's plugins say of its metrics, from the beginning of its journal. */
export function readMetricDescriptions(path: string): MetricDescriptions {
  const fd = openIfThere(path);
  if (fd === undefined) return {};
  try {
    const head = Buffer.alloc(Math.min(fstatSync(fd).size, 16 * CHUNK));
    readSync(fd, head, 0, head.length, 0);
    for (
      let begin = 0, end = head.indexOf(NEWLINE);
      end !== -1;
      end = head.indexOf(NEWLINE, begin)
    ) {
      const event = parsed(head.subarray(begin, end));
      if (event?.type === 'run-started') return metricDescriptionsOf([event]);
      begin = end + 1;
    }
    return {};
  } finally {
    closeSync(fd);
  }
}

function lastEvents<T extends RunEvent['type']>(
  path: string,
  types: readonly T[],
  isEnough: (found: { readonly size: number; readonly has: (type: T) => boolean }) => boolean,
  damaged: () => void = () => undefined,
): ReadonlyMap<T, RunEvent> {
  const events = new Map<T, RunEvent>();
  const has = (type: T) => events.has(type);
  let isLast = true;
  for (const line of linesFromTheEnd(path)) {
    // A run that was killed or is writing leaves its last line torn, and no other one.
    const mayBeTorn = isLast;
    isLast = false;
    if (!mayBeTorn && !isWhole(line)) damaged();
    const start = line.toString('latin1', 0, MAX_BEFORE_TYPE);
    const type = types.find((one) => !has(one) && start.includes(`"type":"${one}"`));
    if (type === undefined) continue;
    const event = parsed(line);
    if (event?.type === type) events.set(type, event);
    else if (!mayBeTorn) damaged();
    if (isEnough({ size: events.size, has })) break;
  }
  return events;
}

function isWhole(line: Buffer): boolean {
  if (line[0] !== OPENING || line.at(-1) !== CLOSING) return false;
  return uncheckedLine(line.toString('utf8')).check !== 'differs';
}

/** @returns undefined for a torn last line of a run that was killed or is writing, and for a damaged one. */
function parsed(line: Buffer): RunEvent | undefined {
  try {
    return Object(fromJson(uncheckedLine(line.toString('utf8')).json)) as RunEvent;
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
    return openInputFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
