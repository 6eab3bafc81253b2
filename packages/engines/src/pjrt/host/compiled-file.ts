/** Compiled programs on disk. A file is whole or ignored: native code must not see a damaged one. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const DIGEST_BYTES = 32;

/** The contents, or null if there is no such file or its checksum is wrong. */
export async function readCompiled(path: string): Promise<Uint8Array | null> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch {
    return null;
  }
  const contents = file.subarray(DIGEST_BYTES);
  if (!digest(contents).equals(file.subarray(0, DIGEST_BYTES))) return null;
  // Marks it as used, so that old ones can be told.
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
  return contents;
}

/** Writes beside and renames, so that a reader never finds half a file. */
export async function writeCompiled(path: string, contents: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, Buffer.concat([digest(contents), contents]));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function digest(contents: Uint8Array): Buffer {
  return createHash('sha256').update(contents).digest();
}
