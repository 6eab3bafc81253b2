/** Public names of @eddy/engines. */
export { createXlaEngine, type XlaEngineOptions } from './pjrt/xla-engine.ts';
export type { HostedEngine } from './process/hosted-engine.ts';
export { createEagerEngine, type EagerEngineOptions } from './eager/eager-engine.ts';
export {
  findInstalled,
  installEngine,
  type InstalledEngine,
  type InstallServices,
} from './install/install-engine.ts';
