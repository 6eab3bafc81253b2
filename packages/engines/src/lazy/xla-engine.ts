import type { XlaEngineOptions } from '../pjrt/xla-engine.ts';
import type { HostedEngine } from '../process/hosted-engine.ts';

/** As the function of this name, but loads it, and TF.js with it, only when called. */
export async function createXlaEngine(options: XlaEngineOptions): Promise<HostedEngine> {
  const module = await import('../pjrt/xla-engine.ts');
  return module.createXlaEngine(options);
}
