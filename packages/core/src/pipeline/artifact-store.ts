/**
 * Results of stages as folders named by their content key: `<root>/<stage>/<key>/`. A folder is made
 * under another name, fsynced and renamed, so one that has its name is whole.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { makeFolderDurably, syncFolder, syncTree, writeDurably } from '../files/durable.ts';
import type { ArtifactStore } from '../contracts/services.ts';
import type { MadeBy, Usable } from '../contracts/usable.ts';
import { keyInputs, type KeyInputs } from './artifact-key.ts';
import { asCacheError, cacheUnusable } from './errors.ts';
import { putInPlace } from './put-in-place.ts';

const KEY_FILE = 'key.json';
const TEMPORARY = '.making-';
const DAY_MS = 24 * 60 * 60 * 1000;

export interface ArtifactStoreOptions {
  readonly root: string;
  /** Another such folder, which is looked at first and never written to. */
  readonly more?: string | undefined;
  /** Stages whose results are made anew. */
  readonly isForced: (stage: string) => boolean;
  /** What a key was made from, kept beside the result for `pipeline why`. */
  readonly inputsOf: (key: string) => KeyInputs | undefined;
  readonly onReuse: (stage: string, key: string, path: string, madeBy?: MadeBy) => void;
  /** Told why a result that is kept cannot be used. */
  readonly onUnusable?: (stage: string, problem: string) => void;
}

export class FileArtifactStore implements ArtifactStore {
  readonly #options: ArtifactStoreOptions;

  constructor(options: ArtifactStoreOptions) {
    this.#options = options;
  }

  async find(
    stage: string,
    key: string,
    isUsable: (path: string) => Promise<Usable> = () => Promise.resolve({}),
  ): Promise<string | undefined> {
    const { root, more, isForced, onUnusable } = this.#options;
    const found = more === undefined ? undefined : join(more, stage, key);
    if (found !== undefined && (await exists(found))) {
      this.#options.onReuse(stage, key, found);
      return found;
    }
    const path = join(root, stage, key);
    if (isForced(stage) || !(await exists(path))) return undefined;
    const usable = await isUsable(path);
    if (usable.problem !== undefined) {
      onUnusable?.(stage, usable.problem);
      return undefined;
    }
    await this.#reuse(stage, key, path, usable.madeBy);
    return path;
  }

  async keep(
    stage: string,
    key: string,
    write: (folder: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<string> {
    return (await this.#make(stage, key, write, { signal, replaces: true })).path;
  }

  async reuseOrMake(
    stage: string,
    key: string,
    make: (folder: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<{ readonly path: string; readonly reused: boolean }> {
    const found = await this.find(stage, key);
    if (found !== undefined) return { path: found, reused: true };
    return this.#make(stage, key, make, { signal, replaces: this.#options.isForced(stage) });
  }

  async #make(
    stage: string,
    key: string,
    make: (folder: string, signal: AbortSignal) => Promise<void>,
    { signal, replaces }: { readonly signal: AbortSignal; readonly replaces: boolean },
  ): Promise<{ readonly path: string; readonly reused: boolean }> {
    const folder = join(this.#options.root, stage);
    const path = join(folder, key);
    const temporary = join(folder, `${TEMPORARY}${process.pid}-${randomUUID()}`);
    const old = join(folder, `${TEMPORARY}old-${randomUUID()}`);
    try {
      await makeFolderDurably(folder);
      await mkdir(temporary);
      await removeAbandoned(folder, (await stat(temporary)).mtimeMs);
      await make(temporary, signal);
      signal.throwIfAborted();
      const inputs = this.#options.inputsOf(key) ?? { stage };
      await writeDurably(join(temporary, KEY_FILE), `${JSON.stringify(inputs, null, 2)}\n`);
      await syncTree(temporary);
      await putInPlace(temporary, path, replaces ? old : undefined);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
      // Another process may have made the same thing meanwhile.
      const code = (error as NodeJS.ErrnoException).code;
      if ((code === 'ENOTEMPTY' || code === 'EEXIST') && (await exists(path))) {
        await this.#reuse(stage, key, path);
        return { path, reused: true };
      }
      throw this.#cacheError(error);
    }
    await syncFolder(folder);
    if (replaces) await rm(old, { recursive: true, force: true });
    return { path, reused: false };
  }

  #cacheError(error: unknown): unknown {
    const folder = dirname(this.#options.root);
    // Writes don't say where: what the system refuses here without a path, it refuses in the temporary folder.
    const isWrite = error instanceof Error && 'syscall' in error && !('path' in error);
    return asCacheError(error, folder) ?? (isWrite ? cacheUnusable(folder, error) : error);
  }

  async #reuse(stage: string, key: string, path: string, madeBy?: MadeBy): Promise<void> {
    // The time of last use tells whoever clears the cache what is old.
    const now = new Date();
    await utimes(join(path, KEY_FILE), now, now).catch(() => undefined);
    this.#options.onReuse(stage, key, path, madeBy);
  }
}

/**
 * What the key of a stored result was made of; undefined where the cache has lost it, or never knew: a
 * stage may make keys of its own.
 */
export async function readKeyInputs(path: string): Promise<KeyInputs | undefined> {
  try {
    return keyInputs.parse(JSON.parse(await readInputText(join(path, KEY_FILE), JSON_LIMIT)));
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Removes what killed processes left behind.
 *
 * @param nowMs  by the clock that stamps the files of this folder, which need not be this machine's
 */
async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || nowMs - info.mtimeMs <= DAY_MS || isMakerAlive(name)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** True if the process in the name may still be writing: it works for more than a day, or the clock was set forward. */
function isMakerAlive(name: string): boolean {
  const pid = Number(/^\d+/.exec(name.slice(TEMPORARY.length))?.[0]);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
