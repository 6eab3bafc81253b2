import type { PjrtApi } from './api.ts';

/** Something that the device will have done later. */
export class PjrtEvent {
  readonly #api: PjrtApi;
  readonly #pointer: bigint;

  constructor(api: PjrtApi, pointer: bigint) {
    this.#api = api;
    this.#pointer = pointer;
  }

  /**
   * Waits without blocking the event loop, and frees the event. Call it once.
   *
   * @throws PjrtError with which the awaited work failed.
   */
  async done(): Promise<void> {
    const event = this.#pointer;
    try {
      const ready = this.#api.call('PJRT_Event_IsReady', { event }).get('is_ready') !== 0;
      if (ready) this.#api.call('PJRT_Event_Await', { event });
      else await this.#api.callAsync('PJRT_Event_Await', { event });
    } finally {
      this.release();
    }
  }

  /** Frees the event without waiting for it. */
  release(): void {
    this.#api.call('PJRT_Event_Destroy', { event: this.#pointer });
  }
}

/**
 * Waits for all, even after one has failed: the device may still be writing to memory of ours.
 *
 * @throws PjrtError of the first that failed.
 */
export async function allDone(events: readonly (PjrtEvent | null)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const event of events) {
    await event?.done().catch((failure: unknown) => failures.push(failure));
  }
  if (failures.length > 0) throw failures[0];
}
