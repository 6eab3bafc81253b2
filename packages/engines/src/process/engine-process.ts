/**
 * The supervisor's side of an engine process: talks to it, and notices when it dies.
 *
 * Native code can abort, or be killed for want of memory; in a process of its own it takes nothing of
 * the run with it.
 */
import { EddyError } from '@eddy/tensor/errors';

import { MessageChannel } from './channel.ts';
import { engineDisposed, failureToError, pluginNotLoaded } from './errors.ts';
import type { EngineLink } from './link.ts';
import type { Answer, Answers, HostData, Request, Requests, RequestType } from './protocol.ts';

export interface EngineProcessOptions {
  /** For messages. */
  readonly engine: string;
  /** Without any sign of life for this long, and at rest, the process counts as hung. */
  readonly hangTimeoutMs?: number;
}

interface CallOptions {
  readonly arrays?: readonly HostData[];
  readonly at?: string;
}

interface AnswerOf<T extends RequestType> {
  readonly value: Answers[T];
  readonly arrays: readonly HostData[];
}

interface Pending {
  readonly at: string;
  readonly resolve: (answer: AnswerOf<RequestType>) => void;
  readonly reject: (error: Error) => void;
}

export class EngineProcess {
  readonly #engine: string;
  readonly #link: EngineLink;
  readonly #channel: MessageChannel<Request, Answer>;
  readonly #pending = new Map<number, Pending>();
  readonly #heartbeat: NodeJS.Timeout;
  #requests = 0;
  /** Loading a plugin blocks the process, on a slow disk for long: no sign of life is expected before. */
  #started = false;
  #gone: Error | null = null;

  constructor(link: EngineLink, options: EngineProcessOptions) {
    this.#engine = options.engine;
    this.#link = link;
    this.#channel = new MessageChannel(link, (answer, arrays) => {
      this.#receive(answer, arrays);
    });
    link.onGone((error) => {
      this.#end(error);
    });
    this.#heartbeat = this.#watch(options.hangTimeoutMs ?? 24_000);
    link.holdOpen(false);
  }

  /** Of an engine on this host. */
  get pid(): number | undefined {
    return this.#link.pid;
  }

  /**
   * Sends one request; requests are handled in the order they are sent, and a next one may be sent
   * before the answer to the last.
   *
   * @param at  what it is about, for errors.
   * @throws ENGINE_DIED, OUT_OF_MEMORY, PLUGIN_FAILED, ENGINE_DISPOSED
   */
  call<T extends RequestType>(
    type: T,
    body: Requests[T],
    options: CallOptions = {},
  ): Promise<AnswerOf<T>> {
    return this.send(type, body, options).answer;
  }

  /** As `call`; `left` resolves when the request has left this process, or will not any more. */
  send<T extends RequestType>(
    type: T,
    body: Requests[T],
    { arrays = [], at = type }: CallOptions = {},
  ): { readonly left: Promise<void>; readonly answer: Promise<AnswerOf<T>> } {
    if (this.#gone !== null) {
      return { left: Promise.resolve(), answer: Promise.reject(this.#gone) };
    }
    const id = this.#requests++;
    const answer = new Promise<AnswerOf<T>>((resolve, reject) => {
      this.#pending.set(id, { at, resolve: resolve as Pending['resolve'], reject });
    });
    this.#link.holdOpen(true);
    const sent = this.#channel.send({ id, type, ...body } as Request, arrays);
    const answered = answer.then(ignore, ignore);
    return { left: Promise.race([sent, answered]), answer };
  }

  async dispose(): Promise<void> {
    this.#end(engineDisposed(this.#engine));
    await this.#link.end();
  }

  #receive(answer: Answer, arrays: readonly HostData[]): void {
    // What had left the process before it was ended: whether to wait for its end is the link's to say.
    if (this.#gone !== null) return;
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#link.holdOpen(false);
    if (answer.ok) pending?.resolve({ value: answer.value, arrays });
    else pending?.reject(failureToError(answer.failure, { engine: this.#engine, at: pending.at }));
  }

  /** Everything that waits, and everything that comes later, fails with `error`. */
  #end(error: Error): void {
    if (this.#gone !== null) return;
    this.#gone = error;
    clearInterval(this.#heartbeat);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#link.holdOpen(false);
  }

  /**
   * Pings; the child answers between native calls, which run on threads of their own. Counts beats
   * rather than time: a supervisor whose own loop was blocked must not take that for silence. A silent process
   * that uses a processor may be busy in a call that holds its loop up, and gets more time.
   */
  #watch(hangTimeoutMs: number): NodeJS.Timeout {
    const interval = hangTimeoutMs / BEATS;
    const enough = this.#link.processorTicks === undefined ? BEATS * OVER_NETWORK : BEATS;
    let unanswered = 0;
    let ticks: number | undefined;
    let idleBeats = 0;
    const timer = setInterval(() => {
      if (!this.#started) return;
      const before = ticks;
      ticks = unanswered > 0 ? this.#link.processorTicks?.() : undefined;
      const used = before === undefined || ticks === undefined ? 0 : ticks - before;
      idleBeats = used * MS_PER_TICK > BUSY_PART * interval ? 0 : idleBeats + 1;
      if (unanswered >= enough && (idleBeats >= enough || unanswered >= BEATS * PATIENCE)) {
        const seconds = Math.round((unanswered * interval) / 1000);
        this.#end(this.#link.giveUp(`no heartbeat for ${seconds} s`));
        return;
      }
      unanswered += 1;
      void this.#channel.send({ id: -1, type: 'ping' });
    }, interval);
    this.#link.onMessage(() => {
      this.#started = true;
      unanswered = 0;
      idleBeats = 0;
    });
    return timer.unref();
  }
}

/** Pings that stay unanswered before a process counts as hung. */
const BEATS = 6;
/** A network may be silent so much longer. */
const OVER_NETWORK = 2.5;
/** So much longer may one be silent that uses a processor, for such a part of the time. */
const PATIENCE = 5;
const BUSY_PART = 0.2;
const MS_PER_TICK = 10;

/** What a library that cannot be loaded comes out as: its own words, or the end of the process. */
const OF_THE_PLUGIN = ['PLUGIN_FAILED', 'ENGINE_DIED'];

/**
 * Has the process load its native library.
 *
 * @throws PLUGIN_NOT_LOADED with the library's or the loader's words, or what the process died of; what is not the
 *   plugin's fault (OUT_OF_MEMORY, HOST_LOST) as it is. The process is gone then.
 */
export async function start(
  process: EngineProcess,
  engine: string,
  libraryPath: string,
  options: NonNullable<Requests['start']['options']> = {},
): Promise<Answers['start']> {
  try {
    const { value } = await process.call(
      'start',
      { libraryPath, options },
      { at: `starting engine ${engine}` },
    );
    return value;
  } catch (error) {
    await process.dispose();
    if (error instanceof EddyError && !OF_THE_PLUGIN.includes(error.code)) throw error;
    throw pluginNotLoaded({ engine, path: libraryPath, cause: error as Error });
  }
}

function ignore(): void {
  // Whoever asked hears of it.
}
