import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';

import { sha256OfFile } from '@eddy/core/files';

import { runChild } from './child.ts';
import { pjrtPluginAmbiguous, pjrtPluginMissing } from './errors.ts';
import type { InstalledEngine } from './install-engine.ts';

const LIBRARY_EXTENSIONS = new Set(['.so', '.dylib', '.dll']);

/** Prints the shared libraries of an installed distribution, and its version, as JSON. */
const LIST_LIBRARIES = `
import importlib.metadata, json, sys
d = importlib.metadata.distribution(sys.argv[1])
files = [str(d.locate_file(f)) for f in d.files or [] if f.suffix in ('.so', '.dylib', '.dll')]
print(json.dumps({'version': d.version, 'files': files}))
`;

/** The absolute path of a PJRT plugin that is named by a path; undefined for the name of a package. */
export function pjrtLibraryPath(plugin: string, folder: string): string | undefined {
  const isPath = LIBRARY_EXTENSIONS.has(extname(plugin)) || /[\\/]/.test(plugin);
  return isPath ? resolve(folder, plugin) : undefined;
}

/**
 * Finds a PJRT plugin that somebody else provides.
 *
 * @param plugin  a shared library with `GetPjrtApi`, or the name of a Python package, installed for `python3`, that
 *   holds exactly one library whose name mentions PJRT or XLA (`jax-rocm7-pjrt`, `libtpu`).
 * @param folder  the folder that a relative path starts from.
 * @throws PJRT_PLUGIN_MISSING, PJRT_PLUGIN_AMBIGUOUS
 */
export async function findPjrtPlugin(plugin: string, folder: string): Promise<InstalledEngine> {
  const path = pjrtLibraryPath(plugin, folder);
  if (path !== undefined) {
    if (!(await isFile(path))) {
      throw pjrtPluginMissing({ expected: 'a shared library', received: `no file ${path}` });
    }
    return installed(path, basename(path));
  }
  const { version, files } = await librariesOf(plugin);
  const candidates = files.filter((file) => /pjrt|xla|libtpu/i.test(basename(file)));
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) {
    throw pjrtPluginAmbiguous({ plugin, candidates });
  }
  return installed(only, `${plugin} ${version}`);
}

async function installed(pluginPath: string, pluginVersion: string): Promise<InstalledEngine> {
  return { pluginPath, pluginVersion, pluginDigest: await sha256OfFile(pluginPath) };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** The line of a Python traceback that says what was wrong. */
function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)!;
}

async function librariesOf(name: string): Promise<{ version: string; files: string[] }> {
  const expected = `the Python package ${name}, installed for python3`;
  const result = await runChild('python3', ['-c', LIST_LIBRARIES, name]);
  if (result === null) throw pjrtPluginMissing({ expected, received: 'python3 was not found' });
  if (result.code !== 0) throw pjrtPluginMissing({ expected, received: lastLine(result.output) });
  return JSON.parse(result.output) as { version: string; files: string[] };
}
