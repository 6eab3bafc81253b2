/** Compiled programs on disk. A file is whole or ignored: native code must not see a damaged one. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const DIGEST_BYTES = 32;

/** A program takes about 1 MB, so the folder stays below some hundred. */
const MAX_FILES = 200;

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
  // Marks it as used: see `pruneCompiled`.
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

/** Deletes those longest unused, and with them what a killed process left half written. */
export async function pruneCompiled(folder: string, maxFiles = MAX_FILES): Promise<void> {
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  const files = await Promise.all(
    paths.map(async (path) => {
      // Another process may be pruning too.
      const usedMs = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { path, usedMs };
    }),
  );
  files.sort((a, b) => b.usedMs - a.usedMs);
  await Promise.all(files.slice(maxFiles).map(({ path }) => rm(path, { force: true })));
}

function digest(contents: Uint8Array): Buffer {
  return createHash('sha256').update(contents).digest();
}
