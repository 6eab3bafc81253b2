import type { Engine } from '@eddy/core';

import type { EagerEngineOptions } from '../eager/eager-engine.ts';
import { refuseHosts } from '../hosts/index.ts';

/**
 * As the function of this name, but loads it, and TF.js with it, only when called.
 *
 * @throws HOSTS_UNSUPPORTED
 */
export async function createEagerEngine(options: EagerEngineOptions): Promise<Engine> {
  await refuseHosts(`engine ${options.backend}`);
  const module = await import('../eager/eager-engine.ts');
  return module.createEagerEngine(options);
}
