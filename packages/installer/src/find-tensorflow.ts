import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { sha256OfFile } from '@eddy/core/files';

import { findNvidiaGpu } from './gpu.ts';
import { findInstalled, type InstalledEngine } from './install-engine.ts';

/**
 * TF.js's binding to TensorFlow: the vendor's own, where npm's install script of `tfjs-node-gpu` or
 * `tfjs-node` worked in the user's project, else the one that Eddy installed. On a machine with an
 * NVIDIA GPU those for GPUs come first.
 *
 * @param project  the folder from which the vendor's packages are resolved.
 */
export async function findTensorflow(
  cacheFolder: string,
  project: string = process.cwd(),
): Promise<InstalledEngine | null> {
  const gpu = async () =>
    (await findVendor('@tensorflow/tfjs-node-gpu', project)) ??
    (await findInstalled('tensorflow-gpu', cacheFolder));
  return (
    (findNvidiaGpu() === null ? null : await gpu()) ??
    (await findVendor('@tensorflow/tfjs-node', project)) ??
    (await findInstalled('tensorflow', cacheFolder))
  );
}

async function findVendor(name: string, project: string): Promise<InstalledEngine | null> {
  const manifest = resolveFrom(project, `${name}/package.json`);
  if (manifest === null) return null;
  const pluginPath = bindingIn(join(dirname(manifest), 'lib'));
  if (pluginPath === null) return null;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return {
    pluginPath,
    pluginVersion: `${name} ${version}`,
    pluginDigest: await sha256OfFile(pluginPath),
  };
}

function resolveFrom(project: string, request: string): string | null {
  try {
    return createRequire(join(project, 'package.json')).resolve(request);
  } catch {
    return null;
  }
}

/** `lib/napi-v8/tfjs_binding.node`, of the newest version of Node's interface that is there. */
function bindingIn(lib: string): string | null {
  if (!existsSync(lib)) return null;
  const version = (folder: string) => Number(/^napi-v(\d+)$/.exec(folder)?.[1] ?? NaN);
  const bindings = readdirSync(lib)
    .filter((folder) => version(folder) <= Number(process.versions.napi))
    .sort((a, b) => version(b) - version(a))
    .map((folder) => join(lib, folder, 'tfjs_binding.node'));
  return bindings.find((binding) => existsSync(binding)) ?? null;
}
