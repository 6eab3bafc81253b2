/** Memory that two processes or threads of this machine have in common: a file that each maps. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import koffi from 'koffi';

/** Linux keeps files here in memory. */
const MEMORY_FOLDER = '/dev/shm';
const BLOCK_BYTES = 1 << 20;
/** `PROT_READ | PROT_WRITE`, `MAP_SHARED`: the same on Linux and macOS. */
const READ_WRITE = 3;
const MAP_SHARED = 1;
const FAILED = 2n ** 64n - 1n;

/** Writes a file of zeros, so that all of its memory is there. @returns its path; whoever made it removes it */
export function createMemoryFile(bytes: number): string {
  const folders = [...(existsSync(MEMORY_FOLDER) ? [MEMORY_FOLDER] : []), tmpdir()];
  for (const [i, folder] of folders.entries()) {
    const path = join(folder, `eddy-${process.pid}-${randomBytes(6).toString('hex')}`);
    try {
      writeZeros(path, bytes);
      return path;
    } catch (error) {
      rmSync(path, { force: true });
      // A container's /dev/shm may be small.
      if (i === folders.length - 1) throw error;
    }
  }
  throw new Error('no folder for shared memory');
}

/** The file's bytes, for as long as this process lives. */
export function mapMemoryFile(path: string, bytes: number): Uint8Array {
  const mmap = koffi
    .load(null)
    .func(
      'void *mmap(void *at, size_t length, int protection, int flags, int file, int64_t offset)',
    );
  const file = openSync(path, 'r+');
  try {
    const mapped = mmap(null, bytes, READ_WRITE, MAP_SHARED, file, 0) as unknown;
    const address = koffi.address(mapped);
    if (BigInt.asUintN(64, address) === FAILED) {
      throw new Error(`mmap of ${bytes} bytes: error ${koffi.errno()}`);
    }
    return new Uint8Array(koffi.view(mapped, bytes));
  } finally {
    closeSync(file);
  }
}

function writeZeros(path: string, bytes: number): void {
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let written = 0; written < bytes;) {
      written += writeSync(file, zeros, 0, Math.min(BLOCK_BYTES, bytes - written));
    }
  } finally {
    closeSync(file);
  }
}
