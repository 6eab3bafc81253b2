/** Gives a folder the name of another one, which it replaces. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';

/**
 * Renames a folder that was made to `path`. What lay there is renamed to `old`, and back where that fails; it is
 * deleted only when its new name is durable: after a power cut, a half-deleted folder must not carry the name of a
 * whole one.
 */
export async function putInPlace(made: string, path: string, old?: string): Promise<void> {
  const isMoved =
    old !== undefined &&
    (await rename(path, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    ));
  try {
    await rename(made, path);
  } catch (error) {
    // Where another process has put its own there meanwhile, that one stays.
    if (isMoved) {
      await rename(old, path).catch(async () => {
        if (existsSync(path)) await rm(old, { recursive: true, force: true });
      });
    }
    throw error;
  }
}
