/** The engine process's side of the protocol: takes requests in order, answers each once. */
import { writeFileSync } from 'node:fs';

import { MessageChannel, type Port } from './channel.ts';
import type {
  Answer,
  Answers,
  Failure,
  HostData,
  Request,
  Requests,
  RequestType,
} from './protocol.ts';

/** What a request came to. The next request may start before `done` has resolved. */
export interface Outcome<T extends RequestType> {
  readonly value: Answers[T];
  /** A function is called when `done` has resolved. */
  readonly arrays?: readonly HostData[] | (() => readonly HostData[]);
  readonly done?: () => Promise<void>;
}

/** What a native library's side must be able to do. */
export type Handlers = {
  readonly [T in RequestType]: (
    request: Requests[T],
    arrays: readonly HostData[],
  ) => Outcome<T> | Promise<Outcome<T>>;
};

/** What needs no order is answered while a long call holds the queue up. */
const UNORDERED: readonly RequestType[] = ['ping', 'memory'];

/**
 * Serves the supervisor that forked this process, for as long as it lives.
 *
 * @param libraryFailure  an error as the native library's own, where it is that.
 */
export function serve(
  host: Handlers,
  libraryFailure: (error: unknown) => Failure | undefined,
): void {
  // A batch system's signals reach every process of the job; what to do about them is the supervisor's
  // decision. Unheard, USR1 would open Node's debugger.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) {
    process.on(signal, () => undefined);
  }
  // Nothing here is worth saving, and native threads at work would hold an orderly exit up.
  const end = () => process.kill(process.pid, 'SIGKILL');
  process.on('disconnect', end);
  if (!process.connected) end();
  preferToBeKilled();

  const supervisor: Port = {
    send: (message, sent) => process.send?.(message, undefined, undefined, sent),
    onMessage: (listener) => process.on('message', listener),
  };
  let queue = Promise.resolve();
  const channel = new MessageChannel<Answer, Request>(supervisor, (request, arrays) => {
    if (UNORDERED.includes(request.type)) void handle(request, arrays);
    else queue = queue.then(() => handle(request, arrays));
  });

  /** Resolves when the next request may start, which can be before this one's answer. */
  async function handle(request: Request, arrays: readonly HostData[]): Promise<void> {
    try {
      const handler = host[request.type].bind(host) as (
        request: Request,
        arrays: readonly HostData[],
      ) => Outcome<RequestType> | Promise<Outcome<RequestType>>;
      const outcome = await handler(request, arrays);
      void answer(request.id, outcome);
    } catch (error) {
      void channel.send({ id: request.id, ok: false, failure: failureOf(error) });
    }
  }

  async function answer(id: number, outcome: Outcome<RequestType>): Promise<void> {
    try {
      await outcome.done?.();
      const { value, arrays } = outcome;
      void channel.send({ id, ok: true, value }, typeof arrays === 'function' ? arrays() : arrays);
    } catch (error) {
      void channel.send({ id, ok: false, failure: failureOf(error) });
    }
  }

  function failureOf(error: unknown): Failure {
    const failure = libraryFailure(error);
    if (failure !== undefined) return failure;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'internal', message };
  }
}

/**
 * When memory runs out, the kernel should end this process and spare the supervisor. A moderate
 * preference: a process that really hogs the machine should still go first.
 */
function preferToBeKilled(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '200');
  } catch {
    // Not Linux, or not allowed: the kernel decides by size, which is most likely this process.
  }
}
