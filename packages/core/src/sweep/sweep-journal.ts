/**
 * The journal of a sweep: which trial started and how it ended, one entry a line. A trial that has
 * ended is never run again.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';

import { dirname } from 'node:path';

import { z } from 'zod';

import { readInputSync, requireInput } from '../files/input-file.ts';
import { syncFolderNow } from '../files/durable.ts';
import { journalWriteFailed } from '../run/errors.ts';
import { sweepJournalInvalid } from './errors.ts';

const entry = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('trial-started'), trial: z.string(), at: z.string() }),
  z.strictObject({
    type: z.literal('trial-ended'),
    trial: z.string(),
    at: z.string(),
    status: z.enum(['done', 'failed']),
    reason: z.string().optional(),
  }),
]);

export type SweepEntry = z.output<typeof entry>;
export type TrialEnd = Extract<SweepEntry, { type: 'trial-ended' }>;

export class SweepJournal {
  readonly #path: string;
  readonly #fd: number;
  /** Of whole entries. */
  #bytes = 0;
  readonly #ended = new Map<string, TrialEnd>();

  /**
   * Opens or creates it; a torn last line is cut off.
   *
   * @throws SWEEP_JOURNAL_INVALID
   */
  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'a+');
    try {
      requireInput(fstatSync(this.#fd), path);
      const content = readFileSync(this.#fd);
      const whole = wholePart(content);
      this.#bytes = whole.length;
      ftruncateSync(this.#fd, this.#bytes);
      if (content.length === 0) syncFolderNow(dirname(path));
      for (const read of parse(whole.toString('utf8'), path)) this.#note(read);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Trial → how it ended. */
  get ended(): ReadonlyMap<string, TrialEnd> {
    return this.#ended;
  }

  started(trial: string): void {
    this.#append({ type: 'trial-started', trial, at: new Date().toISOString() });
  }

  end(trial: string, status: TrialEnd['status'], reason?: string): void {
    const at = new Date().toISOString();
    const cause = reason === undefined ? {} : { reason };
    this.#append({ type: 'trial-ended', trial, at, status, ...cause });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(written: SweepEntry): void {
    const line = Buffer.from(`${JSON.stringify(written)}\n`);
    try {
      for (let done = 0; done < line.length;) done += writeSync(this.#fd, line, done);
      fsyncSync(this.#fd);
    } catch (cause) {
      // Half an entry must not stand before the next one.
      ftruncateSync(this.#fd, this.#bytes);
      throw journalWriteFailed(this.#path, cause);
    }
    this.#bytes += line.length;
    this.#note(written);
  }

  #note(read: SweepEntry): void {
    if (read.type === 'trial-ended') this.#ended.set(read.trial, read);
  }
}

/**
 * Trial → how it ended, of a sweep that another process may be running.
 *
 * @throws SWEEP_JOURNAL_INVALID
 */
export function readEnded(path: string): ReadonlyMap<string, TrialEnd> {
  const content = existsSync(path) ? readInputSync(path) : Buffer.alloc(0);
  const ends = parse(wholePart(content).toString('utf8'), path).filter(
    (read) => read.type === 'trial-ended',
  );
  return new Map(ends.map((end) => [end.trial, end]));
}

/** The entries that reached the disk: a power cut may leave a torn last line, or zeros in its place. */
function wholePart(content: Buffer): Buffer {
  const zero = content.indexOf(0);
  const written = zero === -1 ? content : content.subarray(0, zero);
  return written.subarray(0, written.lastIndexOf('\n') + 1);
}

/** @throws SWEEP_JOURNAL_INVALID */
function parse(text: string, path: string): SweepEntry[] {
  const lines = text.split('\n');
  return lines.slice(0, -1).map((line, i) => {
    try {
      return entry.parse(JSON.parse(line));
    } catch {
      throw sweepJournalInvalid(path, i + 1, line.slice(0, 80));
    }
  });
}
