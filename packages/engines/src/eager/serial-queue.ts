import { setImmediate } from 'node:timers/promises';

/**
 * Runs tasks one after the other in the order they were given, with a turn of the event loop before
 * each, so that signals, timers and streams get theirs while a long computation goes on.
 */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(task: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(() => setImmediate()).then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
