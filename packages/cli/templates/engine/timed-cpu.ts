import { definePlugin, type Engine, type Executable, type Services } from '@eddy/core';
import { createEagerEngine } from '@eddy/engines';
import { z } from 'zod';

/** Runs programs on TF.js, op by op, and says at its end how much time each program took. */
export class TimedCpu implements Engine {
  readonly info: Engine['info'];
  readonly #inner: Engine;
  readonly #notify: Services['notify'];
  readonly #times = new Map<string, { calls: number; totalMs: number }>();

  constructor(inner: Engine, notify: Services['notify']) {
    this.#inner = inner;
    this.#notify = notify;
    this.info = {
      ...inner.info,
      name: 'timed-cpu',
      description: `${inner.info.description}, timed`,
    };
  }

  async compile(...args: Parameters<Engine['compile']>): Promise<Executable> {
    const executable = await this.#inner.compile(...args);
    const { name, outputs, stats } = executable;
    const time = this.#times.get(name) ?? { calls: 0, totalMs: 0 };
    this.#times.set(name, time);
    return {
      name,
      outputs,
      stats,
      run: async (...runArgs) => {
        const startMs = performance.now();
        const fetched = await executable.run(...runArgs);
        time.calls += 1;
        time.totalMs += performance.now() - startMs;
        return fetched;
      },
      dispose: () => executable.dispose(),
    };
  }

  upload(...args: Parameters<Engine['upload']>) {
    return this.#inner.upload(...args);
  }

  memory() {
    return this.#inner.memory();
  }

  async dispose(): Promise<void> {
    for (const [name, { calls, totalMs }] of this.#times) {
      if (calls === 0) continue;
      this.#notify('info', `${name}: ${calls} calls, ${(totalMs / calls).toFixed(1)} ms each`);
    }
    await this.#inner.dispose();
  }
}

export default definePlugin({
  kind: 'engine',
  name: 'timed-cpu',
  apiVersion: 1,
  summary: 'TF.js op by op, reporting the time of each program',
  config: z.strictObject({}),
  needs: ['notify'],
  create: async (_options, { notify }) =>
    new TimedCpu(await createEagerEngine({ backend: 'cpu' }), notify),
});
