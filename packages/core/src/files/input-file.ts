/**
 * Opens files that somebody else may have written. Every reader of a user's file goes through here: a path may
 * lead to a folder, a pipe that nobody writes to, a device that never ends, or a file of any size.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

import { inputNotAFile, inputTooLarge } from './errors.ts';

/** The size that a kind of file may have. */
export interface InputLimit {
  /** The kind of file, for messages: `a plugin file`. */
  readonly what: string;
  readonly maxBytes: number;
}

/** A million names of puzzles are 60 MB of JSON, and Node has no text of more than 512 MiB. */
export const JSON_LIMIT: InputLimit = { what: 'a file of metadata', maxBytes: 256 << 20 };
/** A pipeline file; data belongs in files of its own. */
export const PIPELINE_LIMIT: InputLimit = { what: 'a pipeline file', maxBytes: 1 << 20 };
/** The source of a plugin. */
export const SOURCE_LIMIT: InputLimit = { what: 'the source of a plugin', maxBytes: 16 << 20 };

/** Opening a pipe waits for its writer unless this is set; regular files do not notice it. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const PIECE_BYTES = 1 << 20;
const SMALL_BYTES = 4096;

/** The kind of thing that a path leads to, as messages name it; undefined for a regular file. */
export function nonFileKind(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

/**
 * Opens a regular file for reading. The caller closes it.
 *
 * @throws INPUT_NOT_A_FILE, INPUT_TOO_LARGE; an error of the system where there is nothing to open
 */
export async function openInputFile(path: string, limit?: InputLimit): Promise<FileHandle> {
  // Before opening, because the opening of some devices does something; after it, because paths change.
  requireInput(await stat(path), path, limit);
  const file = await open(path, FLAGS);
  try {
    requireInput(await file.stat(), path, limit);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a regular file whole. @throws as `openInputFile` */
export async function readInputFile(path: string, limit: InputLimit): Promise<Buffer> {
  const file = await openInputFile(path, limit);
  try {
    const pieces = new Pieces(path, (await file.stat()).size, limit);
    while (pieces.add((await file.read(pieces.room)).bytesRead));
    return pieces.whole();
  } finally {
    await file.close();
  }
}

/** Reads a regular file as UTF-8. @throws as `openInputFile` */
export async function readInputText(path: string, limit: InputLimit): Promise<string> {
  return (await readInputFile(path, limit)).toString('utf8');
}

/** Opens a regular file for reading, and returns its descriptor. The caller closes it. @throws as `openInputFile` */
export function openInputFileSync(path: string, limit?: InputLimit): number {
  requireInput(statSync(path), path, limit);
  const fd = openSync(path, FLAGS);
  try {
    requireInput(fstatSync(fd), path, limit);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Reads a regular file whole, in one call. @throws as `openInputFile` */
export function readInputSync(path: string, limit?: InputLimit): Buffer {
  const fd = openInputFileSync(path, limit);
  try {
    const pieces = new Pieces(path, fstatSync(fd).size, limit);
    while (pieces.add(readSync(fd, pieces.room)));
    return pieces.whole();
  } finally {
    closeSync(fd);
  }
}

/** Reads a regular file as UTF-8, in one call. @throws as `openInputFile` */
export function readInputTextSync(path: string, limit: InputLimit): string {
  return readInputSync(path, limit).toString('utf8');
}

/** The pieces read so far. The size is only a guess: files of the system state 0 and give any number of bytes. */
class Pieces {
  room: Buffer;
  readonly #path: string;
  readonly #limit: InputLimit | undefined;
  readonly #pieces: Buffer[] = [];
  #total = 0;

  constructor(path: string, size: number, limit: InputLimit | undefined) {
    this.#path = path;
    this.#limit = limit;
    this.room = Buffer.allocUnsafe(Math.min(Math.max(size, SMALL_BYTES), PIECE_BYTES));
  }

  /** Takes what was put into `room`; false at the end of the file. @throws INPUT_TOO_LARGE */
  add(bytes: number): boolean {
    if (bytes === 0) return false;
    this.#total += bytes;
    if (this.#limit !== undefined && this.#total > this.#limit.maxBytes) {
      throw inputTooLarge(this.#path, this.#limit, this.#total);
    }
    this.#pieces.push(this.room.subarray(0, bytes));
    this.room =
      bytes === this.room.length ? Buffer.allocUnsafe(this.room.length) : this.room.subarray(bytes);
    return true;
  }

  whole(): Buffer {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
  }
}

/** @throws INPUT_NOT_A_FILE, INPUT_TOO_LARGE */
export function requireInput(stats: Stats, path: string, limit?: InputLimit): void {
  const kind = nonFileKind(stats);
  if (kind !== undefined) throw inputNotAFile(path, kind);
  if (limit !== undefined && stats.size > limit.maxBytes) {
    throw inputTooLarge(path, limit, stats.size);
  }
}
