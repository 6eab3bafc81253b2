/** Writes dist/bundle: the page's script and style, with everything that they import. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const bundleFolder = join(here, 'dist/bundle');
rmSync(bundleFolder, { recursive: true, force: true });
mkdirSync(bundleFolder, { recursive: true });

const bundle = await rolldown({
  input: join(here, 'src/page/main.tsx'),
  platform: 'browser',
  // Workspace packages are read from their sources, so that the page needs no build before its own.
  resolve: { conditionNames: ['@eddy/source', 'browser', 'import', 'default'] },
  // A hash in @eddy/puzzles that no page uses: the check below finds it in no script.
  external: ['node:crypto'],
  onLog(level, log, handle) {
    // A browser has no `node:fs`: a page that imports a file of Node would not start.
    if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    handle(level, log);
  },
});
await bundle.write({
  dir: bundleFolder,
  // The server hands out files of these names only. `import()` makes a part of its own.
  entryFileNames: 'page.js',
  chunkFileNames: 'page-[name].js',
  format: 'esm',
  minify: true,
  comments: { legal: true, jsdoc: false, annotation: false },
});

const stylesFolder = join(here, 'src/page/styles');
const styles = readdirSync(stylesFolder).sort();
const sheets = [
  ...['uplot/dist/uPlot.min.css', '@eddy/web/components.css', '@eddy/web/solver.css'].map((name) =>
    fileURLToPath(import.meta.resolve(name)),
  ),
  ...styles.map((name) => join(stylesFolder, name)),
];
writeFileSync(
  join(bundleFolder, 'page.css'),
  sheets.map((sheet) => readFileSync(sheet, 'utf8')).join('\n'),
);

// What runs models in the page Try, as @eddy/web has bundled it.
const web = join(fileURLToPath(import.meta.resolve('@eddy/web/package.json')), '../dist/bundle');
copyFileSync(join(web, 'worker.js'), join(bundleFolder, 'page-worker.js'));
copyFileSync(join(web, 'tfjs.wasm'), join(bundleFolder, 'page-tfjs.wasm'));

for (const name of readdirSync(bundleFolder).filter((file) => file.endsWith('.js'))) {
  if (readFileSync(join(bundleFolder, name), 'utf8').includes('node:crypto')) {
    throw new Error(`${name} needs Node: some import is not for pages`);
  }
}
