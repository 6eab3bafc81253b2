/** Writes dist/bundle: the worker that runs models, the page `solve.html` without a model, their style. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const bundleFolder = join(here, 'dist/bundle');
mkdirSync(bundleFolder, { recursive: true });

/**
 * Bundles a script with everything that it imports.
 *
 * @param {string} entry  below src
 * @param {string} file  below dist/bundle
 */
async function bundle(entry, file) {
  const built = await rolldown({
    input: join(here, 'src', entry),
    platform: 'browser',
    // A hash of tasks in @eddy/puzzles, which no page uses: it is not among what is left.
    external: ['node:crypto'],
    // Workspace packages are read from their sources, so that the page needs no build before its own.
    resolve: { conditionNames: ['@eddy/source', 'browser', 'import', 'default'] },
  });
  await built.write({
    file: join(bundleFolder, file),
    format: 'iife',
    minify: true,
    comments: { legal: true, jsdoc: false, annotation: false },
  });
  const isForNode = readFileSync(join(bundleFolder, file), 'utf8').includes('node:crypto');
  if (isForNode) throw new Error(`${file} needs Node: some import is not for pages`);
}

await bundle('engine/worker.ts', 'worker.js');
await bundle('solve/main.tsx', 'solve.js');
const styles = ['components.css', 'solve/solver.css', 'solve/page.css'];
const style = styles.map((file) => readFileSync(join(here, 'src', file), 'utf8')).join('\n');
writeFileSync(join(bundleFolder, 'solve.css'), style);
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
copyFileSync(join(wasm, 'tfjs-backend-wasm-simd.wasm'), join(bundleFolder, 'tfjs.wasm'));
