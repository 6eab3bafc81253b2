/** The process that runs a run, made sure of: a signal must never reach a stranger that has its old id. */
import { readdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { isRunLocked, lockHolder } from '@eddy/core/report';

import type { Problem } from '../../api/session.ts';
import { HttpProblem } from '../http/problem.ts';

/**
 * Returns the id of the process that holds a run's lock: it signed the lock on this machine, and it has this
 * very file open now.
 *
 * @throws HttpProblem 409 where there is no such process, or where that cannot be made sure of
 */
export async function lockOwner(runPath: string): Promise<number> {
  const lock = join(runPath, 'lock');
  if (!(await isRunLocked(lock))) {
    throw conflict({
      code: 'UI_NOT_RUNNING',
      message: 'this run is not running',
      fix: 'reload the page',
    });
  }
  const holder = lockHolder(lock);
  if (holder === null || !Number.isInteger(holder.pid) || holder.pid <= 1) {
    throw conflict({
      code: 'UI_HOLDER_UNKNOWN',
      message: 'the running process has not signed its lock',
      fix: 'try again in a moment',
    });
  }
  const { pid, host } = holder;
  if (host !== hostname()) {
    const fix = `type on ${host}: \`kill -TERM ${pid}\` to stop, \`kill -USR1 ${pid}\` to save`;
    throw conflict({
      code: 'UI_HOLDER_ELSEWHERE',
      message: `the run is on another machine, ${host}`,
      fix,
    });
  }
  if (!hasOpen(pid, lock)) {
    const fix = `if process ${pid} is this run, type: \`kill -TERM ${pid}\` to stop, \`kill -USR1 ${pid}\` to save`;
    throw conflict({
      code: 'UI_HOLDER_UNCERTAIN',
      message: `it is not certain that process ${pid} runs this run`,
      fix,
    });
  }
  return pid;
}

/** True if the process has the file open, by Linux' list of its descriptors. */
function hasOpen(pid: number, path: string): boolean {
  const { dev, ino } = statSync(path);
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      const file = statSync(join(folder, fd), { throwIfNoEntry: false });
      return file?.dev === dev && file.ino === ino;
    });
  } catch {
    // Another user's process, or a system without /proc.
    return false;
  }
}

function conflict(problem: Problem): HttpProblem {
  return new HttpProblem(409, problem);
}
