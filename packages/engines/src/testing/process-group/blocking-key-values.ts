/**
 * The store of `KeyValueServer`, without promises: native code asks in a callback and wants the answer
 * from it. A thread of its own has the socket; the caller sleeps until it has answered.
 */
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';

/** What the thread answers: the bytes, null where the key was not put in time, or why it failed. */
export type Reply = { readonly value: Uint8Array | null } | { readonly failure: string };

export type Question = (
  | { readonly put: string; readonly value: Uint8Array }
  | { readonly get: string; readonly timeoutMs: number }
) & { readonly answered: Int32Array };

/** Of the thread, beyond what it was asked to wait: a thread that died must not be waited for. */
const ANSWER_MS = 30_000;

export class BlockingKeyValues {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #connectMs: number;

  /** @param coordinator  `host:port`. Rank 0 may start later than the others. */
  constructor(coordinator: string, { connectMs = 60_000 }: { readonly connectMs?: number } = {}) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#connectMs = connectMs;
    this.#worker = new Worker(new URL('./key-value-thread.js', import.meta.url), {
      workerData: { coordinator, connectMs, port: port2 },
      transferList: [port2],
    });
    this.#worker.unref();
  }

  put(key: string, value: Uint8Array): void {
    this.#ask((answered) => ({ put: key, value, answered }));
  }

  /** Waits until some process has put it; null after `timeoutMs`. */
  get(key: string, timeoutMs: number): Uint8Array | null {
    return this.#ask((answered) => ({ get: key, timeoutMs, answered }), timeoutMs);
  }

  async close(): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }

  #ask(question: (answered: Int32Array) => Question, timeoutMs = 0): Uint8Array | null {
    const answered = new Int32Array(new SharedArrayBuffer(4));
    this.#port.postMessage(question(answered));
    const limitMs = this.#connectMs + timeoutMs + ANSWER_MS;
    if (Atomics.wait(answered, 0, 0, limitMs) === 'timed-out') {
      throw new Error('the thread of the key-value store does not answer');
    }
    const { message } = receiveMessageOnPort(this.#port) as { message: Reply };
    if ('failure' in message) throw new Error(message.failure);
    return message.value;
  }
}
