/** Errors about run folders. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { EddyError, shellWord } from '@eddy/tensor/errors';
import { systemErrorText } from '../files/system-error.ts';
import { nearest } from '../config/nearest.ts';

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly startedAt: string;
}

export function runLocked(path: string, holder: LockHolder | null): EddyError {
  return new EddyError({
    code: 'RUN_LOCKED',
    message: 'another process is writing to this run',
    at: path,
    expected: 'one writer at a time',
    received:
      holder === null
        ? 'the lock is held by a process that has not signed it yet'
        : `held by process ${holder.pid} on ${holder.host} since ${holder.startedAt}`,
    fix:
      holder === null
        ? 'try again in a moment'
        : `wait for that process or stop it, \`kill ${holder.pid}\` on ${holder.host}; the lock goes with it`,
  });
}

export function runLockLost(path: string): EddyError {
  return new EddyError({
    code: 'RUN_LOCK_LOST',
    message: 'another process considered this one dead and has taken over the run',
    at: path,
    expected: 'a heartbeat every few seconds for as long as the run lasts',
    received: 'no heartbeat for half a minute, or the folder was deleted',
    fix: 'leave the run to that process; after it has ended, continue it: `pipeline resume RUN`. Do not let a machine sleep while it runs on a shared disk',
  });
}

export function runNotFound(path: string): EddyError {
  return new EddyError({
    code: 'RUN_NOT_FOUND',
    message: 'there is no run here',
    at: path,
    expected: 'a folder with manifest.json',
    received: 'none',
    fix: placeFix(path),
    exitCode: 2,
  });
}

/** The folder that is meant, where a run lies beside or below this one. */
function placeFix(path: string): string {
  const beside = runsIn(dirname(path));
  const near = nearest(basename(path), beside);
  if (near !== undefined) return `did you mean ${join(dirname(path), near)}?`;
  const newest = runsIn(path).sort().at(-1);
  return newest === undefined
    ? 'name the folder of a run; `pipeline runs FOLDER` lists the runs in a folder'
    : `name a run in it, such as ${join(path, newest)}`;
}

function runsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'manifest.json')));
  } catch {
    return []; // there is no such folder either
  }
}

export function runManifestInvalid(path: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'RUN_MANIFEST_INVALID',
    message: 'the manifest of the run cannot be read',
    at: path,
    expected: 'JSON as `pipeline run` writes it',
    received: cause instanceof Error ? cause.message : String(cause),
    fix: `restore manifest.json from a copy of the run; or start a new run from its config: \`pipeline run ${shellWord(join(dirname(path), 'config.yml'))}\``,
    cause,
  });
}

export function journalInvalid(path: string, line: number, received: string): EddyError {
  return new EddyError({
    code: 'JOURNAL_INVALID',
    message: 'a line of the journal is not an event',
    at: `${path}:${line}`,
    expected: 'one JSON object with a type and a timeMs',
    received,
    fix: `correct that line, or delete it: \`sed -i ${line}d ${shellWord(path)}\``,
  });
}

export function journalWriteFailed(path: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'JOURNAL_WRITE_FAILED',
    message: 'the journal could not be written',
    at: path,
    expected: 'room for one more line',
    received: systemErrorText(cause),
    fix: `free space or make the folder writable, then resume the run: \`pipeline resume ${shellWord(dirname(path))}\``,
    cause,
  });
}

/** As it is told when the run has ended. @param after  how the work ended that was stopped for it */
export function journalLost(failure: EddyError, lostEvents: number, after: unknown): EddyError {
  const ended =
    after instanceof EddyError
      ? after.code === 'RUN_STOPPED'
        ? after.facts.message
        : `${after.code}: ${after.facts.message}`
      : undefined;
  const lost =
    lostEvents === 0
      ? 'in the end, every event was written'
      : `${lostEvents} events are not in it; a resumed run records the gap`;
  return new EddyError({
    ...failure.facts,
    message: `${failure.facts.message}, so the run was stopped`,
    received: [failure.facts.received, lost, ended]
      .filter((text) => text !== undefined)
      .join('\n            '),
    cause: failure,
  });
}

export function runFolderUnusable(path: string, cause: Error): EddyError {
  return new EddyError({
    code: 'RUN_FOLDER_UNUSABLE',
    message: 'the folder cannot be created or written',
    at: path,
    expected: 'a folder that this process may write to, with free space',
    received: systemErrorText(cause),
    fix: 'name a writable folder, `--run-dir FOLDER` (for a sweep: --sweep-dir), or free space',
    cause,
  });
}

/** Gives what the file system refuses where a run begins an error with a code. @throws RUN_FOLDER_UNUSABLE */
export async function inFolder<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw runFolderUnusable(path, error);
    throw error;
  }
}

export function runStopped(facts: { step: number; folder: string }): EddyError {
  return new EddyError({
    code: 'RUN_STOPPED',
    message: `stopped on request after step ${facts.step}; the state is saved`,
    at: facts.folder,
    fix: `continue it: \`pipeline resume ${shellWord(facts.folder)}\``,
    exitCode: 75,
  });
}
