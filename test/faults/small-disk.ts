/** A file system of a few bytes, which is soon full. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { TestContext } from 'vitest';

/** Skips the test where none can be mounted. */
export async function onSmallDisk(
  path: string,
  size: string,
  context: TestContext,
  work: (disk: string) => Promise<void>,
): Promise<void> {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    context.skip(`no tmpfs can be mounted here: ${String(error)}`);
  }
  try {
    await work(path);
  } finally {
    execFileSync('umount', ['-l', path]);
  }
}

/** Takes what is free, until it is given back. */
export function fill(disk: string): { free(): void } {
  const path = join(disk, 'filler');
  const fd = openSync(path, 'a');
  for (const bytes of [4096, 1]) {
    try {
      for (;;) writeSync(fd, new Uint8Array(bytes));
    } catch {
      // Full.
    }
  }
  closeSync(fd);
  return { free: () => rmSync(path) };
}
