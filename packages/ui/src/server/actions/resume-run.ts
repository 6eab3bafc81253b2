/** Starts `pipeline resume` as a process of its own, which goes on when the server ends. */
import { spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { HttpProblem } from '../http/problem.ts';
import { openForAppend, recordAction } from './action-log.ts';

/** A resume that cannot work ends within this time. */
const EARLY_END_MS = 4000;
const LOG = 'resume.log';

/**
 * @param command  program and arguments that run `pipeline`
 * @returns the id of the process
 * @throws HttpProblem 409 with the last words of a process that ended at once
 */
export async function resumeRun(runPath: string, command: readonly string[]): Promise<number> {
  const log = join(runPath, LOG);
  const fd = openForAppend(log);
  const [program, ...args] = [...command, 'resume', runPath];
  const child = spawn(program, args, { detached: true, stdio: ['ignore', fd, fd] });
  closeSync(fd);
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', () => resolve(-1));
  });
  const { pid } = child;
  if (pid !== undefined) recordAction(runPath, { action: 'resume', pid });
  const timeout = new Promise<'runs'>((resolve) =>
    setTimeout(resolve, EARLY_END_MS, 'runs').unref(),
  );
  const outcome = await Promise.race([ended, timeout]);
  if (pid === undefined || (outcome !== 'runs' && outcome !== 0)) {
    throw new HttpProblem(409, {
      code: 'UI_RESUME_FAILED',
      message: `the run could not be resumed: ${lastWords(log)}`,
      fix: `correct what its last messages report; all of them are in ${log}`,
    });
  }
  child.unref();
  return pid;
}

function lastWords(log: string): string {
  const lines = stripVTControlCharacters(readFileSync(log, 'utf8').slice(-4000)).trim().split('\n');
  return lines.slice(-6).join('\n');
}
