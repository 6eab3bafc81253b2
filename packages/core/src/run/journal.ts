/**
 * The journal of a run: one event a line, append-only, the truth that everything else is projected
 * from. On resume it is cut back to the checkpoint, so that each step is in it exactly once.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { readInputSync, requireInput } from '../files/input-file.ts';
import { isInside } from '../config/project-paths.ts';
import { journalInvalid, journalWriteFailed } from './errors.ts';
import type { RunEvent } from '../contracts/events.ts';
import { syncFolderNow } from '../files/durable.ts';
import { fromJson, toJson } from './json.ts';

/** Label of a training, `''` where it has none → step of the checkpoint that it goes on from. */
export type ResumeSteps = ReadonlyMap<string, number>;

/** The steps `after + 1` to `step` of a training are in its checkpoint and not in the journal. */
export interface JournalGap {
  readonly label: string;
  readonly after: number;
  readonly step: number;
}

export class Journal {
  /** Time of the last event kept: where the clock of a resumed run goes on. */
  readonly elapsedMs: number;
  /** Steps of checkpoints to go on from whose events are not all there. */
  readonly gaps: readonly JournalGap[];
  /** Bytes cut off that a power cut had kept from the disk: the file had their length only. */
  readonly unwrittenBytes: number;
  readonly #path: string;
  readonly #fd: number;
  /** Lines that could not be written yet, the first of them perhaps in part. */
  readonly #held: Buffer[] = [];
  #failed = false;

  /**
   * Opens or creates a journal.
   *
   * @param resumeSteps  step of the checkpoint to go on from, by the label of the training (`''` for
   *   none): what came after it is cut off, also the evaluation of that step, which is reported again.
   *   Nothing is cut by default
   * @throws JOURNAL_INVALID for a line that is no event; a torn last line is cut off instead; INPUT_NOT_A_FILE
   */
  constructor(path: string, { resumeSteps }: { resumeSteps?: ResumeSteps } = {}) {
    this.#path = path;
    this.#fd = openSync(path, 'a+');
    try {
      // A device may never end.
      requireInput(fstatSync(this.#fd), path);
      const content = readFileSync(this.#fd);
      const { events, bytes, isUnwritten } = parse(content, path, resumeSteps);
      ftruncateSync(this.#fd, bytes);
      if (content.length === 0) syncFolderNow(dirname(path));
      this.unwrittenBytes = isUnwritten ? content.length - bytes : 0;
      this.elapsedMs = events.at(-1)?.timeMs ?? 0;
      this.gaps = gapsIn(events, resumeSteps);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /**
   * Appends an event, except `progress`, which is only for eyes. What cannot be written is held and tried again
   * with the next event: space may be free by then.
   *
   * @throws JOURNAL_WRITE_FAILED once, for the first event that could not be written
   */
  append(event: RunEvent): void {
    if (event.type === 'progress') return;
    this.#held.push(Buffer.from(`${toJson(event)}\n`));
    try {
      this.#write();
      if (event.type === 'checkpoint-saved') fsyncSync(this.#fd);
    } catch (cause) {
      if (this.#failed) return;
      this.#failed = true;
      throw journalWriteFailed(this.#path, cause);
    }
  }

  /** Waits until what was appended is on the disk; what could not be written is told by the next `append`. */
  async sync(): Promise<void> {
    await new Promise<void>((resolveSync) => fdatasync(this.#fd, () => resolveSync()));
  }

  /** Events that are not in the file. */
  get heldEvents(): number {
    return this.#held.length;
  }

  /** Closes the file; what is held then is lost. */
  close(): void {
    try {
      this.#write();
      fsyncSync(this.#fd);
    } catch {
      // Whoever appended has heard of it.
    }
    closeSync(this.#fd);
  }

  /** Synchronous: a step is in the kernel's hands before a checkpoint that contains it is written. */
  #write(): void {
    for (let line = this.#held[0]; line !== undefined; line = this.#held[0]) {
      for (let written = 0; written < line.length;) {
        written += writeSync(this.#fd, line, written);
        this.#held[0] = line.subarray(written);
      }
      this.#held.shift();
    }
  }
}

/**
 * All whole events of a journal, oldest first. Paths inside the run are those of the folder that the
 * journal lies in now, wherever the run was when they were written.
 *
 * @throws JOURNAL_INVALID
 */
export function readJournal(path: string): RunEvent[] {
  const relocate = relocateEvents(dirname(resolve(path)));
  return parse(readInputSync(path), path).events.map(relocate);
}

/**
 * Returns a function to call with each event of a journal in its order: it gives paths inside the run
 * the folder where the run lies now.
 */
function relocateEvents(folder: string): (event: RunEvent) => RunEvent {
  let before = folder;
  // Of an event only type and time are checked: a damaged line may lack any other value.
  const isText = (value: unknown): value is string => typeof value === 'string';
  const moved = (path: string): string =>
    isText(path) && isInside(before, path) ? join(folder, relative(before, path)) : path;
  return (event) => {
    if (event.type === 'run-started') {
      if (!isText((event.run as typeof event.run | undefined)?.folder)) return event;
      before = event.run.folder;
      return { ...event, run: { ...event.run, folder } };
    }
    if (before === folder) return event;
    if (event.type === 'training-planned') {
      if ((event.plan as typeof event.plan | undefined) === undefined) return event;
      return { ...event, plan: { ...event.plan, folder: moved(event.plan.folder) } };
    }
    if ('folder' in event) return { ...event, folder: moved(event.folder) };
    if ('path' in event) return { ...event, path: moved(event.path) };
    return event;
  };
}

function parse(
  content: Buffer,
  path: string,
  resumeSteps?: ResumeSteps,
): { readonly events: RunEvent[]; readonly bytes: number; readonly isUnwritten: boolean } {
  const events: RunEvent[] = [];
  let bytes = 0;
  for (;;) {
    const end = content.indexOf('\n', bytes);
    const line = content.subarray(bytes, end === -1 ? undefined : end);
    // JSON has no byte of zero: the file grew, and its data did not reach the disk.
    const isUnwritten = line.includes(0);
    if (end === -1 || isUnwritten) return { events, bytes, isUnwritten };
    const event = parseLine(line.toString('utf8'), path, events.length + 1);
    if (comesAfter(event, resumeSteps)) return { events, bytes, isUnwritten };
    events.push(event);
    bytes = end + 1;
  }
}

function gapsIn(events: readonly RunEvent[], resumeSteps: ResumeSteps = new Map()): JournalGap[] {
  const last = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'step-finished') last.set(event.label ?? '', event.step);
  }
  return [...resumeSteps].flatMap(([label, step]) => {
    const after = last.get(label) ?? 0;
    return Number.isFinite(step) && after < step ? [{ label, after, step }] : [];
  });
}

function comesAfter(event: RunEvent, resumeSteps?: ResumeSteps): boolean {
  if (resumeSteps === undefined) return false;
  const label = ('label' in event ? event.label : undefined) ?? '';
  // A training that has saved nothing starts anew.
  if (event.type === 'step-finished') return event.step > (resumeSteps.get(label) ?? 0);
  const isOfEvaluation =
    event.type === 'evaluation-started' ||
    event.type === 'evaluation-finished' ||
    event.type === 'monitor-updated' ||
    event.type === 'compute-measured';
  // Weights that no training made, as an average, come after an evaluation of a training.
  return isOfEvaluation && event.step >= (resumeSteps.get(label) ?? Infinity);
}

function parseLine(line: string, path: string, number: number): RunEvent {
  let value: unknown;
  try {
    value = fromJson(line);
  } catch {
    throw journalInvalid(path, number, line.slice(0, 80));
  }
  const { type, timeMs } = Object(value) as Partial<RunEvent>;
  if (typeof type !== 'string' || typeof timeMs !== 'number') {
    throw journalInvalid(path, number, line.slice(0, 80));
  }
  return value as RunEvent;
}
