/** Public names of @eddy/engines/install: finding and fetching engines, without loading TF.js. */
export {
  findInstalled,
  installEngine,
  type InstalledEngine,
  type InstallServices,
} from './install-engine.ts';
export { probeEngines, type EngineRow } from './probe-engines.ts';
export {
  ENGINE_SOURCES,
  type EngineSource,
  type EngineSources,
  type PinnedPackage,
} from './sources.ts';
