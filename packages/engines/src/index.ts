/** Public names of @eddy/engines. */
export { createEagerEngine, type EagerEngineOptions } from './eager/eager-engine.ts';
export { installEngine, type InstallServices } from '@eddy/installer';
