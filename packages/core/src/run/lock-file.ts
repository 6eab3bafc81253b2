/**
 * A lock where the kernel has none: numbered files `<path>.1`, `<path>.2` …, the highest of which is the lock.
 *
 * Who finds its holder gone creates the next number. The file system lets one process do that (O_EXCL), so of
 * two that find the same holder gone one follows it; deleting the file and creating it again would let the
 * second delete the first one's. Numbers are never used again while the folder stands.
 *
 * Of a process on this machine its id tells whether it lives. Others show it by touching their file, which is
 * watched for by this machine's time: clocks of several machines differ.
 *
 * @source git's lockfile.h and SQLite's dot-file locking (O_EXCL, but what a killed process leaves has to be deleted by
 *   hand); proper-lockfile (a heartbeat, but compared with the clock, and taken over by deleting)
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';

import { runLocked, runLockLost, type LockHolder } from './errors.ts';
import { startHeartbeat, type Heartbeat } from './lock-heartbeat.ts';
import { lastNumber, numbered } from './lock-number.ts';

export interface RunLock {
  /** `kernel`: freed by the system when the process ends. `file`: left behind by a killed process. */
  readonly kind: 'kernel' | 'file';
  /** @throws RUN_LOCK_LOST when another process took this one for dead and has followed it. */
  requireHeld(): void;
  release(): void;
}

export interface LockPace {
  readonly heartbeatMs: number;
  /** Without a heartbeat for so long, a holder on another machine is gone. */
  readonly staleMs: number;
}

const PACE: LockPace = { heartbeatMs: 2000, staleMs: 30_000 };
/** Looks at the holder's file in the time of a heartbeat. */
const LOOKS_A_HEARTBEAT = 4;

interface SignedHolder extends LockHolder {
  /** The machine as long as it runs: see `thisPlace`. */
  readonly place: string;
  readonly token: string;
}

const RELEASED = 'released\n';

/**
 * Takes the lock. Of a holder on another machine that does not show itself it waits for a sign of life: `staleMs`
 * at the most.
 *
 * @throws RUN_LOCKED
 */
export async function lockByFile(path: string, pace: LockPace = PACE): Promise<RunLock> {
  for (;;) {
    const last = lastNumber(path);
    if (last > 0 && (await isHeld(numbered(path, last), pace))) {
      throw runLocked(path, readHolder(numbered(path, last)));
    }
    const token = randomUUID();
    const file = numbered(path, last + 1);
    if (!createSigned(file, token)) continue;
    if (lastNumber(path) === last + 1) {
      removeBelow(path, last + 1);
      return heldLock(path, file, token, startHeartbeat({ path, file, token, ...pace }));
    }
    // The number had been used and its file removed while this process looked at an older one.
    rmSync(file, { force: true });
  }
}

/** Whether a process seems to hold the lock; does not wait for signs of life. */
export function isLockedByFile(path: string, { staleMs }: LockPace = PACE): boolean {
  const last = lastNumber(path);
  if (last === 0) return false;
  const file = numbered(path, last);
  const known = isHeldByRecord(file);
  if (known !== undefined) return known;
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: -Infinity };
  return new Date().getTime() - mtimeMs < staleMs;
}

/** What a lock file says of who takes it now. */
export function signature(more: Readonly<Record<string, string>> = {}): string {
  const startedAt = new Date().toISOString();
  const holder: LockHolder = { pid: process.pid, host: hostname(), startedAt };
  return `${JSON.stringify({ ...holder, ...more })}\n`;
}

/** null when the holder has not signed yet. */
export function holderOf(text: string): LockHolder | null {
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    return null;
  }
}

/** @returns whether this process has created it. */
function createSigned(file: string, token: string): boolean {
  try {
    writeFileSync(file, signature({ place: thisPlace(), token }), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeBelow(path: string, number: number): void {
  for (let older = number - 1; older > 0; older--) {
    try {
      rmSync(numbered(path, older));
    } catch {
      return; // All below were removed before, or somebody reads this one: the highest counts anyway.
    }
  }
}

function heldLock(path: string, file: string, token: string, heartbeat: Heartbeat): RunLock {
  let released = false;
  return {
    kind: 'file',
    requireHeld: () => {
      if (heartbeat.lost) throw runLockLost(path);
    },
    release: () => {
      if (released) return;
      released = true;
      heartbeat.end();
      markReleased(file, token);
    },
  };
}

/** The file stays: its number must not be used again. */
function markReleased(file: string, token: string): void {
  try {
    if (readSigned(file)?.token !== token) return;
    const fd = openSync(file, 'r+');
    try {
      ftruncateSync(fd);
      writeSync(fd, RELEASED, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // The folder is gone, or somebody who thought this process dead removed the file.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function isHeld(file: string, pace: LockPace): Promise<boolean> {
  return isHeldByRecord(file) ?? (await beats(file, pace));
}

/** What the file itself tells; undefined when only heartbeats can. */
function isHeldByRecord(file: string): boolean | undefined {
  const text = textOf(file);
  if (text === null || text === RELEASED) return false;
  const holder = holderOf(text) as SignedHolder | null;
  return holder?.place === thisPlace() ? isAlive(holder.pid) : undefined;
}

/** Whether the file changes within `staleMs`. */
async function beats(file: string, { heartbeatMs, staleMs }: LockPace): Promise<boolean> {
  const first = stateOf(file);
  const lookMs = heartbeatMs / LOOKS_A_HEARTBEAT;
  // Counted, not timed: this machine may sleep meanwhile.
  for (let looks = 0; looks * lookMs < staleMs; looks++) {
    await setTimeout(lookMs);
    const now = stateOf(file);
    if (now === null) return false;
    if (now !== first) return isHeldByRecord(file) ?? true;
  }
  return false;
}

/** null when there is no file. Opened, since NFS looks at the server only then. */
function stateOf(file: string): string | null {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { mtimeMs, size, ino } = fstatSync(fd);
    return `${mtimeMs} ${size} ${ino}`;
  } finally {
    closeSync(fd);
  }
}

function readHolder(file: string): LockHolder | null {
  return holderOf(textOf(file) ?? '');
}

function readSigned(file: string): SignedHolder | null {
  return readHolder(file) as SignedHolder | null;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Where a process id means what it means here. On Linux the running kernel and the namespace of ids, since
 * containers may share a host's name; elsewhere the host.
 */
function thisPlace(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
