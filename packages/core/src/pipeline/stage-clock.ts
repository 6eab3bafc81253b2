/** How long a stage took, and how much of it the stage itself worked. */
import { map, tap, type Observable } from 'rxjs';

import type { Artifact } from '../contracts/stage.ts';

/**
 * Clock of one stage. A stage works from its last input to its end, and where the stage before waits for
 * it (`Artifact.waitUntil`). Meanwhile the stage before waits, and whoever has more inputs to come.
 *
 *   busy = work that others wait for + time after the last input − time that it waits itself
 */
export class StageClock {
  #startMs: number | undefined;
  #lastInputMs: number | undefined;
  #endMs = 0;
  /** Work that the stages before wait for. */
  #workMs = 0;
  /** Since the last input: waiting for the stages behind. */
  #waitMs = 0;

  get hasStarted(): boolean {
    return this.#startMs !== undefined;
  }

  start(): void {
    this.#startMs ??= performance.now();
  }

  end(): void {
    this.#endMs = performance.now();
  }

  /** From the start to the end, waiting included. */
  get durationMs(): number {
    return this.#startMs === undefined ? 0 : this.#endMs - this.#startMs;
  }

  get busyMs(): number {
    const since = this.#lastInputMs ?? this.#startMs ?? this.#endMs;
    return Math.max(0, this.#workMs + this.#endMs - since - this.#waitMs);
  }

  /** The inputs of the stage, whose work on them is measured. @param clockOf  by the name of the stage that made an input */
  timed(
    inputs$: Observable<Artifact>,
    clockOf: (stage: string) => StageClock | undefined,
  ): Observable<Artifact> {
    const ended = () => {
      this.#lastInputMs = performance.now();
    };
    return inputs$.pipe(
      tap({ complete: ended }),
      map((input) => this.#awaited(input, clockOf(input.stage))),
    );
  }

  #awaited(input: Artifact, maker: StageClock | undefined): Artifact {
    if (input.waitUntil === undefined) return input;
    return {
      ...input,
      waitUntil: (work) =>
        input.waitUntil!(async () => {
          const startMs = performance.now();
          try {
            return await work();
          } finally {
            const workMs = performance.now() - startMs;
            this.#workMs += workMs;
            if (maker !== undefined) maker.#waitMs += workMs;
          }
        }),
    };
  }
}
