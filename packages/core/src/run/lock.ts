/**
 * One writer per run folder. Where the kernel holds the lock (flock), it cannot be lost by a busy event
 * loop and goes with its process, also after SIGKILL. Windows has no flock, and some network file systems
 * refuse it (NFS without its lock daemon, Lustre mounted without `flock`): there `lockByFile`.
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

import { inFolder, runLocked, type LockHolder } from './errors.ts';
import { holderOf, isLockedByFile, lockByFile, signature, type RunLock } from './lock-file.ts';

type Flock = (fd: number, operation: number) => 'locked' | 'held' | 'unsupported';

/**
 * Takes the lock of a run folder.
 *
 * @param path  the lock file, `<run>/lock`
 * @throws RUN_LOCKED naming process, host and start of the holder; RUN_FOLDER_UNUSABLE
 */
export async function acquireRunLock(path: string): Promise<RunLock> {
  const flock = await loadFlock();
  return inFolder(
    path,
    async () => (flock === null ? null : lockByKernel(path, flock)) ?? (await lockByFile(path)),
  );
}

/** Whether a process holds the lock. Writes nothing: the folder may be somebody else's. */
export async function isRunLocked(path: string): Promise<boolean> {
  const flock = await loadFlock();
  if (flock === null) return isLockedByFile(path);
  if (!existsSync(path)) return false;
  const fd = openSync(path, 'r');
  try {
    const answer = flock(fd, LOCK_SH | LOCK_NB);
    return answer === 'unsupported' ? isLockedByFile(path) : answer === 'held';
  } finally {
    closeSync(fd);
  }
}

/** What the holder of the lock says of itself; null where nobody has signed. Says nothing about whether it lives. */
export function lockHolder(path: string): LockHolder | null {
  return existsSync(path) ? holderOf(readFileSync(path, 'utf8')) : null;
}

/** @throws RUN_LOCKED while a process holds the lock; writes nothing */
export async function refuseLockedRun(path: string): Promise<void> {
  if (await isRunLocked(path)) throw runLocked(path, holderOf(readFileSync(path, 'utf8')));
}

/** null where the file system has no such locks. */
function lockByKernel(path: string, flock: Flock): RunLock | null {
  // Node opens files close-on-exec: the engine process does not inherit the lock.
  const fd = openSync(path, 'a+');
  try {
    const answer = flock(fd, LOCK_EX | LOCK_NB);
    if (answer === 'held') throw runLocked(path, holderOf(readFileSync(path, 'utf8')));
    if (answer === 'unsupported') {
      closeSync(fd);
      return null;
    }
    ftruncateSync(fd);
    writeSync(fd, signature());
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let released = false;
  return {
    kind: 'kernel',
    requireHeld: () => undefined,
    release: () => {
      if (released) return;
      released = true;
      // The file stays: deleting it would let two processes lock two files of one name.
      closeSync(fd);
    },
  };
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** EWOULDBLOCK of Linux and of macOS. */
const WOULD_BLOCK = [11, 35];
/** ENOSYS, ENOLCK, EOPNOTSUPP of Linux; ENOSYS, ENOLCK, ENOTSUP, EOPNOTSUPP of macOS. */
const UNSUPPORTED = process.platform === 'darwin' ? [78, 77, 45, 102] : [38, 37, 95];

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
    if (UNSUPPORTED.includes(errno)) return 'unsupported';
    const message = `flock failed with errno ${errno}`;
    throw Object.assign(new Error(message), { errno, syscall: 'flock' });
  };
}
