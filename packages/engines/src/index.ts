/** Public names of @eddy/engines. */
export { createXlaEngine, type XlaEngine, type XlaEngineOptions } from './pjrt/xla-engine.ts';
