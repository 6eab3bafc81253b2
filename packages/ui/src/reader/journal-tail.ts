/** Reads what was appended to a journal, and notices when the journal was cut back or replaced. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** Bytes read at a time. */
const CHUNK = 1 << 20;
/** A line that is longer is passed over. */
const MAX_LINE = 64 << 20;
/** Bytes before the place of reading that are compared to notice another history. */
const MARK = 512;

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);
/** Of all readers: what is in it is used up before the next one reads. */
const shared = Buffer.allocUnsafeSlow(CHUNK);

/**
 * A place in an append-only file. A resumed run cuts its journal back and writes on, so that the file may
 * be longer than before and still have another past: the last bytes that were read are compared each time.
 */
export class JournalTail {
  readonly #path: string;
  #inode = -1;
  /** Of the first byte that was not yet handed on; always the beginning of a line. */
  #offset = 0;
  #mark: Buffer = NOTHING;
  #sizeAndTime = '';
  #modifiedMs = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Bytes handed on so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Milliseconds since 1970 of the last write that was seen; 0 before the first. */
  get modifiedMs(): number {
    return this.#modifiedMs;
  }

  /**
   * Yields new whole lines, several in a buffer that ends with a line break. The buffer is shared: what is
   * wanted of it is taken before anything else happens, as in an `await`. `onRewritten` is called before the first of them if what was read before is no longer true.
   * A file that is absent has no lines.
   */
  *read(onRewritten: () => void): Generator<Buffer, void, void> {
    const fd = openJournal(this.#path);
    if (fd === undefined) {
      if (this.#offset > 0) this.#restart(onRewritten);
      return;
    }
    try {
      const { size, mtimeMs, ino } = fstatSync(fd);
      const sizeAndTime = `${ino} ${size} ${mtimeMs}`;
      if (sizeAndTime === this.#sizeAndTime) return;
      this.#sizeAndTime = sizeAndTime;
      this.#modifiedMs = mtimeMs;
      const isSame = ino === this.#inode && size >= this.#offset && this.#marksTheSame(fd);
      if (!isSame && this.#inode !== -1) this.#restart(onRewritten);
      this.#inode = ino;
      yield* this.#readLines(fd);
    } finally {
      closeSync(fd);
    }
  }

  *#readLines(fd: number): Generator<Buffer, void, void> {
    let buffer = shared;
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, this.#offset);
      const end = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
      if (end > 0) {
        this.#offset += end;
        this.#mark = Buffer.from(buffer.subarray(Math.max(0, end - MARK), end));
        yield buffer.subarray(0, end);
      }
      if (length < buffer.length) return;
      if (end === 0 && buffer.length >= MAX_LINE) this.#offset += length;
      else if (end === 0) buffer = Buffer.allocUnsafe(buffer.length * 2);
    }
  }

  #marksTheSame(fd: number): boolean {
    const now = Buffer.alloc(this.#mark.length);
    readSync(fd, now, 0, now.length, this.#offset - now.length);
    return now.equals(this.#mark);
  }

  #restart(onRewritten: () => void): void {
    this.#offset = 0;
    this.#mark = NOTHING;
    this.#inode = -1;
    this.#sizeAndTime = '';
    onRewritten();
  }
}

/** undefined where there is no such file, or where it is a link: a run folder holds its own journal. */
function openJournal(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Returns a small file of a run folder; undefined if it is absent, a link, or larger than `maxBytes`. */
export function readOwnFile(path: string, maxBytes: number): string | undefined {
  const fd = openJournal(path);
  if (fd === undefined) return undefined;
  try {
    const stats = fstatSync(fd);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(fd, 'utf8') : undefined;
  } finally {
    closeSync(fd);
  }
}
