/**
 * Writes dist/register.js: the part of tfjs-core that registers its gradients and its chained operations
 * (`x.add(y)`). Node cannot load that part as it is published, because its imports have no file extensions,
 * and tfjs-core's CommonJS build leaves it out.
 *
 * Whatever this part imports from the rest of tfjs-core is taken from the public API instead, so that only
 * one copy of tfjs-core runs. The few helpers that are not public are bundled.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

import * as tfjsCore from '@tensorflow/tfjs-core';
import { rolldown } from 'rolldown';

const CORE = '@tensorflow/tfjs-core';
const dist = dirname(createRequire(import.meta.url).resolve(CORE));
const entries = ['register_all_gradients.js', 'public/chained_ops/register_all_chained_ops.js'];

/** Modules that the public API has as an object of functions. */
const NAMESPACES = {
  'util.js': 'util',
  'util_base.js': 'util',
  'ops/broadcast_util.js': 'broadcast_util',
  'ops/slice_util.js': 'slice_util',
};

/** Modules with names that are not public, written in terms of public ones. */
const WRITTEN = {
  'engine.js': `import { engine } from '${CORE}'; export const ENGINE = engine();`,
  'tensor.js': `import { Tensor } from '${CORE}'; export { Tensor }; export const getGlobalTensorClass = () => Tensor;`,
  ...Object.fromEntries(
    Object.entries(NAMESPACES).map(([file, namespace]) => [
      file,
      `import { ${namespace} } from '${CORE}';
      export const { ${Object.keys(tfjsCore[namespace]).join(', ')} } = ${namespace};`,
    ]),
  ),
};

/** Modules that re-export others, all of which are public. */
const PUBLIC = ['base.js', 'ops/ops.js'];

const bundle = await rolldown({
  input: 'register',
  plugins: [{ name: 'from-public-api', resolveId, load }],
});
await bundle.write({
  file: join(import.meta.dirname, 'dist/register.js'),
  format: 'esm',
  comments: { legal: false, jsdoc: false },
  banner: '/* @license Parts of TensorFlow.js, copyright Google LLC, Apache License 2.0. */',
});

function resolveId(source, importer) {
  if (importer === undefined) return { id: source, moduleSideEffects: true };
  if (source === CORE) return { id: CORE, external: true, moduleSideEffects: false };
  const file = withExtension(resolve(dirname(importer), source));
  if (isPublic(file)) return { id: CORE, external: true, moduleSideEffects: false };
  const registers = entries.includes(relative(dist, file)) || file.includes('/chained_ops/');
  return { id: file, moduleSideEffects: registers };
}

function load(id) {
  if (id === 'register') {
    return entries.map((file) => `import ${JSON.stringify(join(dist, file))};`).join('\n');
  }
  return WRITTEN[relative(dist, id)];
}

function withExtension(path) {
  return [path, `${path}.js`, join(path, 'index.js')].find(
    (file) => file.endsWith('.js') && existsSync(file),
  );
}

function isPublic(file) {
  const module = relative(dist, file);
  if (module in WRITTEN) return false;
  const names = exportedNames(readFileSync(file, 'utf8'));
  return PUBLIC.includes(module) || (names.length > 0 && names.every((name) => name in tfjsCore));
}

/** The names that a module of tfjs-core declares with `export`; its compiler writes one declaration a line. */
function exportedNames(code) {
  return [...code.matchAll(/^export (?:const|function|class|var|let) (\w+)/gm)].map(
    ([, name]) => name,
  );
}
