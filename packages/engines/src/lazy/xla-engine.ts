import type { XlaEngine, XlaEngineOptions } from '../pjrt/xla-engine.ts';

/** As the function of this name, but loads it, and TF.js with it, only when called. */
export async function createXlaEngine(options: XlaEngineOptions): Promise<XlaEngine> {
  const module = await import('../pjrt/xla-engine.ts');
  return module.createXlaEngine(options);
}
