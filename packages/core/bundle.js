/**
 * Puts two libraries, whole, in place of the output of the files that re-export them. Node spends about half a
 * millisecond on each file of a library: inversify has 240 and yaml 72, in every command. Without this step all works
 * as well, only later.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { rolldown } from 'rolldown';

const here = import.meta.dirname;

/** @param {string} module  below src, without its extension */
async function bundle(module) {
  const licences = new Map();
  const built = await rolldown({
    input: join(here, 'src', `${module}.ts`),
    platform: 'node',
    treeshake: { moduleSideEffects: true },
    plugins: [
      {
        name: 'licences',
        load(id) {
          const [, folder, name] =
            /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(id.replaceAll('\\', '/')) ?? [];
          if (name !== undefined) licences.set(name, folder);
        },
      },
    ],
  });
  await built.write({
    file: join(here, 'dist', `${module}.js`),
    format: 'esm',
    comments: { legal: false, jsdoc: false },
    banner: () => `/* @license\n${[...licences].sort().map(licenceOf).join('\n')}\n*/`,
  });
}

/** @param {[string, string]} library  its name and its folder */
function licenceOf([name, folder]) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
  return `${name} ${version}\n\n${text}\n`;
}

await bundle('plugin/inversify');
await bundle('config/yaml');
