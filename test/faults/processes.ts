/** Child processes that say things and get killed. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The processes that a process has started; none where it is gone. */
export function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split(' ').filter(Boolean).map(Number);
}

export interface Talker {
  readonly child: ChildProcess;
  /** Everything said so far, on stdout and stderr. */
  readonly output: () => string;
  /** Resolves when the output matches or the process has ended. */
  until(pattern: RegExp): Promise<RegExpExecArray | null>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Sends the signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export function start(script: string, args: readonly string[], options: SpawnOptions = {}): Talker {
  return startProgram(process.execPath, [script, ...args], options);
}

export function startProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Talker {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  let output = '';
  const take = (chunk: Buffer) => (output += chunk.toString());
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const ended = once(child, 'close').then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
  );
  return {
    child,
    output: () => output,
    ended,
    until: async (pattern) => {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        const over = await Promise.race([ended.then(() => true), delay(5, false)]);
        if (over) return pattern.exec(output);
      }
    },
    kill: (signal = 'SIGKILL') => {
      child.kill(signal);
      return ended;
    },
  };
}
