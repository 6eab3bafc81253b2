/** What a task has sent, and what comes of it. */
export interface Sent<T> {
  readonly answer: Promise<T>;
}

/**
 * Tasks that talk to several engine processes. The next one starts when all of the last has been sent,
 * answered or not: every process is asked the same things in the same order.
 */
export class SendQueue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(send: () => Promise<Sent<T>> | Sent<T>): Promise<T> {
    const sent = this.#last.then(send);
    this.#last = sent.catch(() => undefined);
    return sent.then(({ answer }) => answer);
  }
}
