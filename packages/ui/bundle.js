/** Writes dist/bundle: the page's script and style, with everything that they import. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const bundleFolder = join(here, 'dist/bundle');
mkdirSync(bundleFolder, { recursive: true });

const bundle = await rolldown({
  input: join(here, 'src/page/main.tsx'),
  platform: 'browser',
  // Workspace packages are read from their sources, so that the page needs no build before its own.
  resolve: { conditionNames: ['@eddy/source', 'browser', 'import', 'default'] },
});
await bundle.write({
  file: join(bundleFolder, 'page.js'),
  format: 'esm',
  minify: true,
  comments: { legal: true, jsdoc: false, annotation: false },
});
const styles = [
  fileURLToPath(import.meta.resolve('@eddy/web/components.css')),
  join(here, 'src/page/page.css'),
];
writeFileSync(
  join(bundleFolder, 'page.css'),
  styles.map((file) => readFileSync(file, 'utf8')).join('\n'),
);
