import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Read while the last one is hashed. */
const CHUNK_BYTES = 1 << 20;

/** sha256 of a file, in hexadecimal; an open one is read from its start and stays open. */
export async function sha256OfFile(file: string | FileHandle): Promise<string> {
  const options = { highWaterMark: CHUNK_BYTES, start: 0 };
  const chunks: AsyncIterable<Buffer> =
    typeof file === 'string'
      ? createReadStream(file, options)
      : file.createReadStream({ ...options, autoClose: false });
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
