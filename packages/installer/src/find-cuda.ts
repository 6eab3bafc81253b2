import { basename } from 'node:path';

import { sha256OfFile } from '@eddy/core/files';

import { findNvidiaGpu } from './gpu.ts';
import { findInstalled, type InstalledEngine } from './install-engine.ts';

/** Names a plugin library that was not installed by Eddy, e.g. of a JAX installation. */
export const CUDA_PLUGIN_VARIABLE = 'PJRT_CUDA_PLUGIN';

/** XLA's CUDA plugin with NVIDIA's compiler alone: enough to plan for a GPU that is not here. */
export const CUDA_COMPILER = 'cuda13-compiler';

/**
 * The CUDA plugin named in the environment, else the one installed that fits this machine's driver, else the
 * newest one.
 *
 * @param compilerOnly  whether one will do that can't run anything.
 */
export async function findCudaPlugin(
  cacheFolder: string,
  { compilerOnly = false } = {},
): Promise<InstalledEngine | null> {
  const path = process.env[CUDA_PLUGIN_VARIABLE];
  if (path !== undefined && path !== '') {
    const pluginDigest = await sha256OfFile(path);
    return { pluginPath: path, pluginVersion: basename(path), pluginDigest };
  }
  const fitting = findNvidiaGpu()?.engine ?? 'cuda13';
  const others = compilerOnly ? [CUDA_COMPILER] : [];
  const names = [fitting, fitting === 'cuda13' ? 'cuda12' : 'cuda13', ...others];
  for (const name of names) {
    const installed = await findInstalled(name, cacheFolder);
    if (installed !== null) return installed;
  }
  return null;
}
