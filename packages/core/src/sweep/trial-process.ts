/**
 * A trial runs in a process of its own: `pipeline resume <folder>`. The channel between the two is
 * the leash: when it is let go, on purpose or because the sweep was killed, the run stops cleanly.
 */
import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** Set in the environment of a run that stops when its channel closes. */
export const STOP_WITH_PARENT = 'EDDY_LEASH';

export interface TrialExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TrialProcess {
  readonly ended: Promise<TrialExit>;
  /** Asks for a clean end, once. */
  stop(): void;
  kill(): void;
}

/** @param script  the `pipeline` command */
export function startTrial(
  script: string,
  folder: string,
  argv: readonly string[] = [],
): TrialProcess {
  const log = openSync(join(folder, 'output.log'), 'a');
  const child = fork(script, ['resume', folder, ...argv], {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, [STOP_WITH_PARENT]: '1' },
    // A group of its own: the terminal's Ctrl-C is for the sweep, which asks each trial once.
    detached: true,
  });
  closeSync(log);
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    }),
    stop: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => child.kill('SIGKILL'),
  };
}
