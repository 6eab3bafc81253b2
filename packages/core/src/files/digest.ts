import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { openInputFile } from './input-file.ts';

/** Read while the last one is hashed. */
const CHUNK_BYTES = 1 << 20;

/**
 * Returns the sha256 of a file, in hexadecimal; an open one is read from its start and stays open.
 *
 * @throws INPUT_NOT_A_FILE
 */
export async function sha256OfFile(file: string | FileHandle): Promise<string> {
  const opened = typeof file === 'string' ? await openInputFile(file) : file;
  try {
    const options = { highWaterMark: CHUNK_BYTES, start: 0, autoClose: false };
    const hash = createHash('sha256');
    for await (const chunk of opened.createReadStream(options)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    if (typeof file === 'string') await opened.close();
  }
}
