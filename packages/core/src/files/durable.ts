/** File operations that are still there after a power cut. */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Writes a new file and fsyncs it. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Replaces a small file in one step: readers see the old text or the new one. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  // A name of its own: two trials of a sweep may end at once, and both write the table.
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a folder and those above it that are missing, each with a durable name. */
export async function makeFolderDurably(path: string): Promise<void> {
  const folder = resolve(path);
  const first = await makeMissing(folder);
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` never ends where a folder is there and
 * nothing can be made in it, as in /proc.
 *
 * @returns the first that was missing; undefined where none was
 */
async function makeMissing(folder: string): Promise<string | undefined> {
  const error = await made(folder);
  if (error === undefined) return folder;
  const { code } = error;
  if (code === 'ENOENT' && dirname(folder) !== folder) {
    const first = await makeMissing(dirname(folder));
    const again = await made(folder);
    if (again !== undefined && again.code !== 'EEXIST') throw again;
    return first ?? folder;
  }
  const facts = await stat(folder).catch(() => undefined);
  if (facts?.isDirectory() === true) return undefined;
  throw error;
}

function made(folder: string): Promise<NodeJS.ErrnoException | undefined> {
  return mkdir(folder).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
}

/** Waits until a file that is there already is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until all files below a folder and their names are on the disk. Links are not followed. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncFile(path);
  }
  await syncFolder(folder);
}

/** Makes the names inside a folder durable: those of new files, and renames. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no handle for a folder and needs none.
  if (process.platform === 'win32') return;
  try {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Does what `syncFolder` does, synchronously: the caller must do nothing before it is done. */
export function syncFolderNow(path: string): void {
  if (process.platform === 'win32') return;
  try {
    const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** The errors of file systems that cannot sync a folder, and of folders that may be written but not read. */
const CANNOT_SYNC = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EACCES', 'EPERM']);
