import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** The bytes that this process may still write where a folder lies or is going to; undefined where nobody says. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch {
      if (path === dirname(path)) return undefined;
    }
  }
}
