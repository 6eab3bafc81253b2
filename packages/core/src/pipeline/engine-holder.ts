/** One engine for all stages of a run: started once, replaced after it died, ended with the run. */
import type { Engine } from '../contracts/engine.ts';
import { deviceAbsent } from '../engine/errors.ts';
import { InternalError } from '@eddy/tensor/errors';

export class EngineHolder {
  readonly #create: () => Promise<Engine>;
  readonly #planOnly: boolean;
  #engine: Promise<Engine> | undefined;
  #isStarting = false;
  #isOver = false;

  /** @param planOnly  whether an engine will do whose device is not here. */
  constructor(create: () => Promise<Engine>, { planOnly = false } = {}) {
    this.#create = create;
    this.#planOnly = planOnly;
  }

  /** @throws DEVICE_ABSENT */
  get(): Promise<Engine> {
    // Work that a stop has abandoned goes on, and would start an engine that nobody ends.
    if (this.#isOver) return Promise.reject(new InternalError('the run of this engine is over'));
    if (this.#engine === undefined) {
      const engine = this.#create().then((made) => this.#accept(made));
      this.#engine = engine;
      this.#isStarting = true;
      engine.then(
        () => (this.#isStarting = false),
        () => {
          // One that could not start is no engine: the next call tries again.
          if (this.#engine === engine) this.#engine = undefined;
        },
      );
    }
    return this.#engine;
  }

  /** Starts the engine for whoever will ask for it; how that failed is told to the one who asks. */
  startAhead(): void {
    this.get().catch(() => undefined);
  }

  async #accept(engine: Engine): Promise<Engine> {
    if (engine.info.isAbsent !== true || this.#planOnly) return engine;
    await engine.dispose();
    throw deviceAbsent(engine.info);
  }

  async restart(): Promise<Engine> {
    await this.#end();
    return this.get();
  }

  /**
   * There is no engine after that. One that is still starting ends when it has started, which nobody waits
   * for: it may take minutes.
   */
  async dispose(): Promise<void> {
    this.#isOver = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    // Disposing a dead engine may fail; there is nothing left to free then.
    const disposed = engine?.then((started) => started.dispose()).catch(() => undefined);
    if (!this.#isStarting) await disposed;
  }
}
