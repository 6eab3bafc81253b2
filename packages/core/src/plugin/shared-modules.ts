/** What a local plugin file imports without an installation of its own: Eddy as it runs now. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { exportedFiles, findPackage, type BuiltinPackages } from './manifest.ts';

/** Libraries of which a second copy would not know the first one's tensors, streams and schemas. */
export const LIBRARIES = ['zod', 'rxjs', '@tensorflow/tfjs-core'];
/** What a contract of core names; found from here, whatever packages are built in. */
const CONTRACTS = ['@eddy/core', '@eddy/tensor'];

/**
 * Returns the file behind each name that a plugin may import: every export of the built-in packages
 * (`@eddy/core`, `@eddy/models/nn` …) and the libraries that must not be there twice.
 */
export async function sharedModules(builtin: BuiltinPackages): Promise<Record<string, string>> {
  const modules: Record<string, string> = {};
  const here = dirname(fileURLToPath(import.meta.url));
  const packages = [
    ...builtin.names.map((name) => ({ name, folder: findPackage(name, builtin.folder) })),
    ...CONTRACTS.map((name) => ({ name, folder: findPackage(name, here) })),
  ];
  for (const { name, folder } of packages) {
    if (folder === undefined) continue;
    for (const [subpath, file] of await exportedFiles(folder)) {
      if (existsSync(file)) modules[name + subpath.slice(1)] = file;
    }
  }
  for (const name of LIBRARIES) modules[name] = fileURLToPath(import.meta.resolve(name));
  return modules;
}
