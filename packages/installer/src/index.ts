/** Public names of @eddy/installer: finding and fetching engines, without loading TF.js. */
export {
  findInstalled,
  installEngine,
  type InstalledEngine,
  type InstallServices,
} from './install-engine.ts';
export { probeEngines, type EngineRow } from './probe-engines.ts';
export { ENGINE_SOURCES, type EngineSources } from './sources.ts';
export type { EngineSource, PinnedPackage } from './engine-source.ts';
export { cudaFlags } from './cuda-flags.ts';
export { engineUnavailable } from './errors.ts';
export { CUDA_COMPILER, CUDA_PLUGIN_VARIABLE, findCudaPlugin } from './find-cuda.ts';
export { findPjrtPlugin, pjrtLibraryPath } from './find-pjrt-plugin.ts';
export { findTensorflow } from './find-tensorflow.ts';
export { findNvidiaGpu } from './gpu.ts';
export { hasFastBfloat16, machine, type Machine } from './machine.ts';
