/** Writes dist/bundle: the worker that runs models, the page `solve.html` without a model, their style. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const bundleFolder = join(here, 'dist/bundle');
mkdirSync(bundleFolder, { recursive: true });

/** Bundles a script with everything that it imports. */
async function bundle(entry, file) {
  const built = await rolldown({
    input: join(here, 'src', entry),
    platform: 'browser',
    // Workspace packages are read from their sources, so that the page needs no build before its own.
    resolve: { conditionNames: ['@eddy/source', 'browser', 'import', 'default'] },
  });
  await built.write({
    file: join(bundleFolder, file),
    format: 'iife',
    minify: true,
    comments: { legal: true, jsdoc: false, annotation: false },
  });
}

await bundle('engine/worker.ts', 'worker.js');
await bundle('solve/main.tsx', 'solve.js');
copyFileSync(join(here, 'src/solve/solve.css'), join(bundleFolder, 'solve.css'));
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
copyFileSync(join(wasm, 'tfjs-backend-wasm-simd.wasm'), join(bundleFolder, 'tfjs.wasm'));
