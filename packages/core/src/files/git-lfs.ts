/**
 * Git LFS pointers: texts of three lines that Git leaves in place of large files until they are fetched.
 *
 * @source git-lfs/git-lfs docs/spec.md
 */
import { readFile, stat } from 'node:fs/promises';

import { gitLfsPointer } from './errors.ts';

const START = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//;
/** A pointer is below 1024 bytes. */
const MAX_BYTES = 1024;

/**
 * Refuses bytes that are a pointer.
 *
 * @param bytes  the beginning of the file, 64 bytes or more.
 * @throws GIT_LFS_POINTER
 */
export function refuseGitLfsPointer(bytes: Uint8Array, file: string): void {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, MAX_BYTES));
  if (START.test(text)) throw gitLfsPointer(file, /^size (\d+)$/m.exec(text)?.[1]);
}

/** Refuses a file that is a pointer; any other file, or none, is left to its reader. @throws GIT_LFS_POINTER */
export async function refuseGitLfsPointerFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_BYTES) return;
  refuseGitLfsPointer(await readFile(file), file);
}
