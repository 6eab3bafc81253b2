/** One engine for all stages of a run: started once, replaced after it died. */
import type { Engine } from '../engine/engine.ts';

export class EngineHolder {
  readonly #create: () => Promise<Engine>;
  #engine: Promise<Engine> | undefined;

  constructor(create: () => Promise<Engine>) {
    this.#create = create;
  }

  get(): Promise<Engine> {
    if (this.#engine === undefined) {
      const engine = this.#create();
      this.#engine = engine;
      // One that could not start is no engine: the next call tries again.
      engine.catch(() => {
        if (this.#engine === engine) this.#engine = undefined;
      });
    }
    return this.#engine;
  }

  /** Starts the engine for whoever will ask for it; how that failed is told to the one who asks. */
  startAhead(): void {
    this.get().catch(() => undefined);
  }

  async restart(): Promise<Engine> {
    await this.dispose();
    return this.get();
  }

  async dispose(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    // Disposing a dead engine may fail; there is nothing left to free then.
    await (await engine?.catch(() => undefined))?.dispose().catch(() => undefined);
  }
}
