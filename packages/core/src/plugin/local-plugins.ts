/** Loads a user's own `.ts` or `.js` file. */
import { fileURLToPath } from 'node:url';

/**
 * The plugins that a file exports by default: one, or a list.
 *
 * The file may stand in a folder without node_modules: what it imports of Eddy and the libraries
 * that must not be there twice are the ones that run now.
 */
export async function loadLocalPlugins(file: string): Promise<unknown[]> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { alias: sharedModules(), moduleCache: false });
  const exported = await jiti.import<unknown>(file, { default: true });
  return Array.isArray(exported) ? (exported as unknown[]) : [exported];
}

function sharedModules(): Record<string, string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const core = fileURLToPath(new URL(`../index.${extension}`, import.meta.url));
  const shared = ['zod', 'rxjs', '@tensorflow/tfjs-core'];
  const files = shared.map((name) => [name, fileURLToPath(import.meta.resolve(name))] as const);
  return { '@eddy/core': core, ...Object.fromEntries(files) };
}
