/** The file of a split while it is written: every record batch is checked, hashed and written. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

import { indexBeyond } from './token-range.ts';

/** A record batch as the bytes that go into the file. They must not change before the batch is written. */
export interface EncodedBatch {
  readonly chunks: readonly Uint8Array[];
  /** The columns of tokens among the chunks. */
  readonly tokens: readonly Uint8Array[];
}

/** A token that is not of the vocabulary. */
export interface StrayToken {
  /** Which of the columns of tokens, and where in it. */
  readonly column: number;
  readonly index: number;
  readonly token: number;
}

export interface SplitFile {
  /**
   * The next batch may be given before this one is written.
   *
   * @returns the first stray token: the file is not one to keep, then.
   */
  write(batch: EncodedBatch): Promise<StrayToken | undefined>;
  /** @returns the sha256 of the file. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Written bytes after which the disk is asked for them, while the next are made: less is left to wait for when the
 * whole file is asked for.
 */
const SYNC_BYTES = 1 << 26;

export async function openSplitFile(file: string, vocabSize: number): Promise<SplitFile> {
  return new OpenSplitFile(await open(file, 'w'), vocabSize);
}

class OpenSplitFile implements SplitFile {
  readonly #handle: FileHandle;
  readonly #vocabSize: number;
  readonly #hash = createHash('sha256');
  #written: Promise<void> = Promise.resolve();
  /** What the disk said so far: what it could not keep it says only once. */
  #synced: Promise<void> = Promise.resolve();
  #unsyncedBytes = 0;

  constructor(handle: FileHandle, vocabSize: number) {
    this.#handle = handle;
    this.#vocabSize = vocabSize;
  }

  async write({ chunks, tokens }: EncodedBatch): Promise<StrayToken | undefined> {
    // The system writes on a thread of its own while this one looks and hashes.
    const written = this.#written.then(() => writeAll(this.#handle, chunks));
    written.catch(() => undefined); // heard of below, or at the next batch
    this.#written = written;
    const stray = strayToken(tokens, this.#vocabSize);
    for (const chunk of chunks) this.#hash.update(chunk);
    await written;
    this.#unsyncedBytes += sizeOf(chunks);
    if (this.#unsyncedBytes >= SYNC_BYTES) this.#sync();
    return stray;
  }

  async finish(): Promise<string> {
    await this.#written;
    await this.#synced;
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#written, this.#synced]);
    await this.#handle.close();
  }

  #sync(): void {
    this.#unsyncedBytes = 0;
    this.#synced = this.#synced.then(() => this.#handle.datasync());
    this.#synced.catch(() => undefined); // heard of at the end
  }
}

function strayToken(columns: readonly Uint8Array[], vocabSize: number): StrayToken | undefined {
  for (const [column, tokens] of columns.entries()) {
    const index = indexBeyond(tokens, vocabSize);
    if (index !== -1) return { column, index, token: tokens[index]! };
  }
  return undefined;
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks);
  // The system may take a part; the rest tells why.
  if (bytesWritten < sizeOf(chunks))
    await handle.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
