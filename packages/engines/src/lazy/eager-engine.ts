import type { Engine } from '@eddy/core';

import type { EagerEngineOptions } from '../eager/eager-engine.ts';

/** As the function of this name, but loads it, and TF.js with it, only when called. */
export async function createEagerEngine(options: EagerEngineOptions): Promise<Engine> {
  const module = await import('../eager/eager-engine.ts');
  return module.createEagerEngine(options);
}
