/** Loads a user's own `.ts` or `.js` file. */
import type { BuiltinPackages } from './manifest.ts';
import { LIBRARIES, sharedModules } from './shared-modules.ts';

/**
 * The plugins that a file exports by default: one, or a list.
 *
 * The file may stand in a folder without node_modules: what it imports of Eddy and the libraries
 * that must not be there twice are the ones that run now.
 */
export async function loadLocalPlugins(file: string, builtin: BuiltinPackages): Promise<unknown[]> {
  const { createJiti } = await import('jiti');
  const alias = await sharedModules(builtin);
  const jiti = createJiti(import.meta.url, { alias, moduleCache: false, nativeModules: LIBRARIES });
  const exported = await jiti.import<unknown>(file, { default: true });
  return Array.isArray(exported) ? (exported as unknown[]) : [exported];
}
