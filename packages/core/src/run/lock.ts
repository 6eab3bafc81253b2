/**
 * One writer per run folder. On Linux and macOS the kernel holds the lock (flock), so it cannot be
 * lost by a busy event loop and goes with its process, also after SIGKILL. Elsewhere a lock file
 * names its holder; one that outlived its process on this host is taken over.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';

import { inFolder, runLocked, type LockHolder } from './errors.ts';

export interface RunLock {
  /** `kernel`: freed by the system when the process ends. `file`: left behind by a killed process. */
  readonly kind: 'kernel' | 'file';
  release(): void;
}

type Flock = (fd: number, operation: number) => 'locked' | 'held';

/**
 * Takes the lock of a run folder.
 *
 * @param path  the lock file, `<run>/lock`
 * @throws RUN_LOCKED naming process, host and start of the holder; RUN_FOLDER_UNUSABLE
 */
export async function acquireRunLock(path: string): Promise<RunLock> {
  const flock = await loadFlock();
  return inFolder(path, async () =>
    flock === null ? lockByFile(path) : lockByKernel(path, flock),
  );
}

/** Whether a process holds the lock. Writes nothing: the folder may be somebody else's. */
export async function isRunLocked(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const flock = await loadFlock();
  if (flock === null) return isHeld(readHolder(path));
  const fd = openSync(path, 'r');
  try {
    return flock(fd, LOCK_SH | LOCK_NB) === 'held';
  } finally {
    closeSync(fd);
  }
}

function lockByKernel(path: string, flock: Flock): RunLock {
  // Node opens files close-on-exec: the engine process does not inherit the lock.
  const fd = openSync(path, 'a+');
  try {
    if (flock(fd, LOCK_EX | LOCK_NB) === 'held') throw runLocked(path, readHolder(path));
    ftruncateSync(fd);
    writeSync(fd, signature());
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let released = false;
  return {
    kind: 'kernel',
    release: () => {
      if (released) return;
      released = true;
      // The file stays: deleting it would let two processes lock two files of one name.
      closeSync(fd);
    },
  };
}

function lockByFile(path: string): RunLock {
  const create = () => openSync(path, 'wx');
  let fd: number;
  try {
    fd = create();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = readHolder(path);
    if (isHeld(holder)) throw runLocked(path, holder);
    rmSync(path);
    fd = create();
  }
  writeSync(fd, signature());
  closeSync(fd);
  return { kind: 'file', release: () => rmSync(path, { force: true }) };
}

function signature(): string {
  const startedAt = new Date().toISOString();
  const holder: LockHolder = { pid: process.pid, host: hostname(), startedAt };
  return `${JSON.stringify(holder)}\n`;
}

/** null when the holder has not signed yet. */
function readHolder(path: string): LockHolder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch {
    return null;
  }
}

/** One of another host may be alive. */
function isHeld(holder: LockHolder | null): boolean {
  return holder === null || holder.host !== hostname() || isAlive(holder.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** EWOULDBLOCK of Linux and of macOS. */
const WOULD_BLOCK = [11, 35];

/** `flock(2)` of the C library; null where there is none. */
async function loadFlock(): Promise<Flock | null> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return null;
  const { default: koffi } = await import('koffi');
  // null: the symbols of this process, which include the C library's.
  const flock = koffi.load(null).func('int flock(int fd, int operation)');
  return (fd, operation) => {
    if (flock(fd, operation) === 0) return 'locked';
    const errno = koffi.errno();
    if (WOULD_BLOCK.includes(errno)) return 'held';
    // Some network file systems have no locks.
    const message = `flock failed with errno ${errno}`;
    throw Object.assign(new Error(message), { errno, syscall: 'flock' });
  };
}
