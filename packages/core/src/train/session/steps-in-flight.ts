/** Steps sent to the engine before the first of them has answered. */
const STEPS_IN_FLIGHT = 2;

/** Steps that an engine works on while the next ones are made. */
export class StepsInFlight {
  readonly #pending: { readonly answer: Promise<unknown>; readonly finished: Promise<void> }[] = [];

  /**
   * Waits while too many are under way. Answers may overtake one another on their way to the host;
   * `finish` is called in the order of `add`.
   *
   * @throws what an earlier step, or its `finish`, failed with
   */
  async add<T>(answer: Promise<T>, finish: (answer: T) => Promise<void>): Promise<void> {
    const before = this.#pending.at(-1)?.finished;
    const finished = Promise.all([answer, before]).then(([value]) => finish(value));
    finished.catch(() => undefined); // awaited later; a failure before that must not go unheard
    this.#pending.push({ answer, finished });
    if (this.#pending.length >= STEPS_IN_FLIGHT) await this.#pending.shift()!.finished;
  }

  /** Waits for all of them. @throws what the first to fail failed with */
  async drain(): Promise<void> {
    while (this.#pending.length > 0) await this.#pending.shift()!.finished;
  }

  /** Waits until the engine is done with all of them; those behind a failed one are never finished. */
  async abandon(): Promise<void> {
    const left = this.#pending.splice(0);
    await Promise.allSettled(left.flatMap(({ answer, finished }) => [answer, finished]));
  }
}
