/** An engine's process as a child of this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

import { allocatorEnvironment } from './allocator.ts';
import { engineDied } from './errors.ts';
import type { EngineLink } from './link.ts';

const STDERR_LINES = 20;

export interface ForkOptions {
  /** For messages. */
  readonly engine: string;
  /**
   * What runs in the process, by the package's name for it, so that it is the compiled file even where
   * tests run from the sources.
   */
  readonly host:
    | '@eddy/engines/pjrt-host'
    | '@eddy/engines/pjrt-compiler-host'
    | '@eddy/engines/tensorflow-host';
  readonly environment?: Readonly<Record<string, string>>;
  /** Shared library that allocates memory in place of the C library. */
  readonly allocatorPath?: string;
}

export class ForkedProcess implements EngineLink {
  readonly #engine: string;
  readonly #child: ChildProcess;
  readonly #stderr: string[] = [];

  constructor({ engine, host, environment, allocatorPath }: ForkOptions) {
    this.#engine = engine;
    const entry = createRequire(import.meta.url).resolve(host);
    this.#child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      // A group of its own: a terminal's Ctrl-C, which would end a process that has no handlers yet, is
      // for the supervisor, which ends this one.
      detached: true,
      env: {
        TF_CPP_MIN_LOG_LEVEL: '1',
        // Each run and each read that is under way waits on a thread.
        UV_THREADPOOL_SIZE: '16',
        ...process.env,
        ...allocatorEnvironment(allocatorPath),
        ...environment,
      },
    });
    const lines = createInterface({ input: this.#child.stderr! });
    lines.on('line', (line) => {
      this.#stderr.push(line);
      if (this.#stderr.length > STDERR_LINES) this.#stderr.shift();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: unknown, sent: (error: Error | null) => void): void {
    if (this.#child.connected) this.#child.send(message as object, sent);
    else sent(null);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  onGone(listener: (error: Error) => void): void {
    this.#child.on('error', (error) => {
      listener(this.#died(error.message));
    });
    // `close` comes after `exit` and after the last of stderr.
    this.#child.on('close', (code, signal) => {
      listener(this.#died(signal === null ? `exit code ${code}` : nameSignal(signal)));
    });
  }

  giveUp(reason: string): Error {
    this.#child.kill('SIGKILL');
    return this.#died(reason);
  }

  /** @source proc_pid_stat(5): fields 14 and 15 */
  processorTicks(): number | undefined {
    try {
      const text = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
      // The name in field 2 may hold blanks.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    } catch {
      return undefined;
    }
  }

  /** Device memory needs no goodbye. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.ref();
    this.#child.kill('SIGKILL');
    await exited;
  }

  holdOpen(hold: boolean): void {
    const handles = [this.#child, this.#child.channel, this.#child.stderr as unknown as RefCounted];
    for (const handle of handles) {
      if (hold) handle?.ref();
      else handle?.unref();
    }
  }

  #died(reason: string): Error {
    return engineDied({ engine: this.#engine, reason, stderr: this.#stderr });
  }
}

function nameSignal(signal: NodeJS.Signals): string {
  const kernel = signal === 'SIGKILL' ? ', which the kernel sends when memory runs out' : '';
  return `signal ${signal}${kernel}`;
}

/** Pipes are sockets underneath, which the types of `ChildProcess` don't say. */
interface RefCounted {
  ref(): void;
  unref(): void;
}
