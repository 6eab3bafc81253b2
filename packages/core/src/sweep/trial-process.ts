/**
 * A trial runs in a process of its own: `pipeline resume <folder>`. The channel between the two is
 * the leash: when it is let go, on purpose or because the sweep was killed, the run stops cleanly.
 */
import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** Set in the environment of a run that stops when its channel closes. */
export const STOP_WITH_PARENT = 'EDDY_LEASH';

/** Why a trial ended before its run began: nothing of it is in the run's journal. */
export interface TrialRefusal {
  readonly code: string;
  readonly message: string;
}

export interface TrialExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly refusal?: TrialRefusal;
}

/** Called by a trial: tells its sweep why its run did not begin. Resolves when that is sent, or cannot be. */
export function tellSweep(refusal: TrialRefusal): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(refusal, undefined, undefined, () => resolve());
  });
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
  let refusal: TrialRefusal | undefined;
  child.on('message', (message) => (refusal = message as TrialRefusal));
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const end = () => resolve({ code, signal, ...(refusal === undefined ? {} : { refusal }) });
        // What the trial sent arrives before its channel closes.
        if (child.connected) child.once('disconnect', end);
        else end();
      });
    }),
    stop: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => child.kill('SIGKILL'),
  };
}
