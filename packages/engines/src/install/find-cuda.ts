import { basename } from 'node:path';

import { fileDigest } from './file-digest.ts';
import { findInstalled, type InstalledEngine } from './install-engine.ts';

/** Names a plugin library that was not installed by Eddy, e.g. of a JAX installation. */
export const CUDA_PLUGIN_VARIABLE = 'PJRT_CUDA_PLUGIN';

/** The CUDA plugin named in the environment, else the newest one installed. */
export async function findCudaPlugin(cacheFolder: string): Promise<InstalledEngine | null> {
  const path = process.env[CUDA_PLUGIN_VARIABLE];
  if (path !== undefined && path !== '') {
    const pluginDigest = await fileDigest(path);
    return { pluginPath: path, pluginVersion: basename(path), pluginDigest };
  }
  return (
    (await findInstalled('cuda13', cacheFolder)) ?? (await findInstalled('cuda12', cacheFolder))
  );
}
