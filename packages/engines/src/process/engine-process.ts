/**
 * The supervisor's side of an engine process: starts it, talks to it, and notices when it dies.
 *
 * Native code can abort, or be killed for want of memory; in a process of its own it takes nothing of
 * the run with it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

import { allocatorEnvironment } from './allocator.ts';
import { MessageChannel } from './channel.ts';
import { engineDied, engineDisposed, failureToError, pluginNotLoaded } from './errors.ts';
import type { Answer, Answers, HostData, Request, Requests, RequestType } from './protocol.ts';

const STDERR_LINES = 20;

export interface EngineProcessOptions {
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
  /** Without any sign of life for this long, the process counts as hung. */
  readonly hangTimeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Shared library that allocates memory in place of the C library. */
  readonly allocatorPath?: string;
}

interface Pending {
  readonly at: string;
  readonly resolve: (answer: { value: Answers[RequestType]; arrays: readonly HostData[] }) => void;
  readonly reject: (error: Error) => void;
}

export class EngineProcess {
  readonly #engine: string;
  readonly #child: ChildProcess;
  readonly #channel: MessageChannel<Request, Answer>;
  readonly #pending = new Map<number, Pending>();
  readonly #stderr: string[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  #requests = 0;
  /** Loading a plugin blocks the child, on a slow disk for long: no sign of life is expected before. */
  #started = false;
  #gone: Error | null = null;

  constructor(options: EngineProcessOptions) {
    this.#engine = options.engine;
    const entry = createRequire(import.meta.url).resolve(options.host);
    this.#child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: {
        TF_CPP_MIN_LOG_LEVEL: '1',
        // Each run and each read that is under way waits on a thread.
        UV_THREADPOOL_SIZE: '16',
        ...process.env,
        ...allocatorEnvironment(options.allocatorPath),
        ...options.environment,
      },
    });
    this.#channel = new MessageChannel(
      {
        send: (message, sent) => {
          if (this.#child.connected) this.#child.send(message as object, sent);
          else sent(null);
        },
        onMessage: (listener) => this.#child.on('message', listener),
      },
      (answer, arrays) => {
        this.#receive(answer, arrays);
      },
    );
    this.#collectStderr();
    this.#child.on('error', (error) => {
      this.#end(error.message);
    });
    // `close` comes after `exit` and after the last of stderr.
    this.#child.on('close', (code, signal) => {
      this.#end(signal === null ? `exit code ${code}` : nameSignal(signal));
    });
    this.#heartbeat = this.#watch(options.hangTimeoutMs ?? 60_000);
    this.#holdProcessOpen(false);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends one request; requests are handled in the order they are sent, and a next one may be sent
   * before the answer to the last.
   *
   * @param at  what it is about, for errors.
   * @throws ENGINE_DIED, OUT_OF_MEMORY, PLUGIN_FAILED, ENGINE_DISPOSED
   */
  async call<T extends RequestType>(
    type: T,
    body: Requests[T],
    { arrays = [], at = type }: { arrays?: readonly HostData[]; at?: string } = {},
  ): Promise<{ value: Answers[T]; arrays: readonly HostData[] }> {
    if (this.#gone !== null) throw this.#gone;
    const id = this.#requests++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { at, resolve: resolve as Pending['resolve'], reject });
      this.#holdProcessOpen(true);
      this.#channel.send({ id, type, ...body } as Request, arrays);
    });
  }

  /** Ends the process. Device memory needs no goodbye. */
  async dispose(): Promise<void> {
    if (this.#gone === null) this.#end('disposed', engineDisposed(this.#engine));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.ref();
      this.#child.kill('SIGKILL');
      await exited;
    }
  }

  #receive(answer: Answer, arrays: readonly HostData[]): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#holdProcessOpen(false);
    if (answer.ok) pending?.resolve({ value: answer.value, arrays });
    else pending?.reject(failureToError(answer.failure, { engine: this.#engine, at: pending.at }));
  }

  /** Everything that waits, and everything that comes later, fails with `error`. */
  #end(reason: string, error?: Error): void {
    if (this.#gone !== null) return;
    this.#gone = error ?? engineDied({ engine: this.#engine, reason, stderr: this.#stderr });
    clearInterval(this.#heartbeat);
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
    this.#holdProcessOpen(false);
  }

  #collectStderr(): void {
    const lines = createInterface({ input: this.#child.stderr! });
    lines.on('line', (line) => {
      this.#stderr.push(line);
      if (this.#stderr.length > STDERR_LINES) this.#stderr.shift();
    });
  }

  /**
   * Pings; the child answers between native calls, which run on threads of their own. Counts beats
   * rather than time: a supervisor whose own loop was blocked must not take that for silence.
   */
  #watch(hangTimeoutMs: number): NodeJS.Timeout {
    const beats = 6;
    let unanswered = 0;
    const timer = setInterval(() => {
      if (!this.#started) return;
      if (unanswered >= beats) {
        this.#end(`no sign of life for ${Math.round(hangTimeoutMs / 1000)} s`);
        this.#child.kill('SIGKILL');
        return;
      }
      unanswered += 1;
      this.#channel.send({ id: -1, type: 'ping' });
    }, hangTimeoutMs / beats);
    this.#child.on('message', () => {
      this.#started = true;
      unanswered = 0;
    });
    return timer.unref();
  }

  /** An engine at rest does not keep the supervisor from ending; one at work does. */
  #holdProcessOpen(hold: boolean): void {
    const handles = [this.#child, this.#child.channel, this.#child.stderr as unknown as RefCounted];
    for (const handle of handles) {
      if (hold) handle?.ref();
      else handle?.unref();
    }
  }
}

/**
 * Has the process load its native library.
 *
 * @throws PLUGIN_NOT_LOADED with the library's or the loader's words; the process is gone then.
 */
export async function start(
  process: EngineProcess,
  engine: string,
  libraryPath: string,
  options: NonNullable<Requests['start']['options']> = {},
): Promise<Answers['start']> {
  try {
    const { value } = await process.call('start', { libraryPath, options });
    return value;
  } catch (error) {
    await process.dispose();
    const message = error instanceof Error ? error.message : String(error);
    throw pluginNotLoaded({ engine, path: libraryPath, message });
  }
}

function nameSignal(signal: NodeJS.Signals): string {
  const kernel = signal === 'SIGKILL' ? ', as the kernel sends when memory runs out' : '';
  return `signal ${signal}${kernel}`;
}

/** Pipes are sockets underneath, which the types of `ChildProcess` don't say. */
interface RefCounted {
  ref(): void;
  unref(): void;
}
