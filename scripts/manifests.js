/**
 * `npm run manifests`: writes `eddy.plugins` and the `exports` of plugin files into each package.json, from the
 * plugins themselves: each `*.plugin.ts` below src, read from the build. With `--check` it writes nothing and
 * fails where a package.json differs.
 *
 *   node scripts/manifests.js [--check] [--packages FOLDER]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {{ kind: string, name: string, summary: string, apiVersion: number }} PluginFacts
 * @typedef {{ facts: PluginFacts, source: string }} PluginFile  `source` relative to the package: ./src/…
 * @typedef {{ exports: Record<string, unknown>, eddy?: unknown }} PackageJson
 */

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, packages: { type: 'string' } },
});
const packages = resolve(values.packages ?? join(import.meta.dirname, '../packages'));

const stale = [];
for (const name of readdirSync(packages).sort()) {
  const folder = join(packages, name);
  const file = join(folder, 'package.json');
  if (!existsSync(file)) continue;
  const text = readFileSync(file, 'utf8');
  const generated = withPlugins(JSON.parse(text), await pluginsOf(folder));
  const expected = `${JSON.stringify(generated, null, 2)}\n`;
  if (expected === text) continue;
  stale.push(relative(process.cwd(), file));
  if (!values.check) writeFileSync(file, expected);
}
for (const file of stale) {
  console.log(values.check ? `${file} differs from its plugin files` : `wrote ${file}`);
}
if (values.check && stale.length > 0) {
  console.log('run `npm run manifests` and commit what it writes');
  process.exitCode = 1;
}

/**
 * The plugins of a package, sorted by name.
 *
 * @param {string} folder
 * @returns {Promise<PluginFile[]>}
 */
async function pluginsOf(folder) {
  const from = join(folder, 'src');
  const sources = existsSync(from) ? readdirSync(from, { recursive: true, encoding: 'utf8' }) : [];
  const plugins = sources
    .filter((source) => source.endsWith('.plugin.ts'))
    .map(async (source) => {
      const built = join(folder, 'dist', source.replace(/\.ts$/, '.js'));
      const { default: facts } = await import(pathToFileURL(built).href);
      return { facts, source: `./src/${source}` };
    });
  return (await Promise.all(plugins)).sort((a, b) => (a.facts.name < b.facts.name ? -1 : 1));
}

/**
 * A package.json with these plugins in place of those it lists. Exports written by hand stay, in their order.
 *
 * @param {PackageJson} content
 * @param {readonly PluginFile[]} plugins
 * @returns {object}
 */
function withPlugins({ eddy: _, ...content }, plugins) {
  const byHand = Object.entries(content.exports).filter(
    ([subpath, target]) => subpath !== './package.json' && !isPluginFile(target),
  );
  const entries = [...byHand, ...plugins.map(exportOf), ['./package.json', './package.json']];
  const subpaths = entries.map(([subpath]) => subpath);
  const twice = subpaths.find((subpath, i) => subpaths.indexOf(subpath) < i);
  if (twice !== undefined) throw new Error(`two exports are called ${twice}: rename the plugin`);
  const manifest = {
    apiVersion: 1,
    plugins: plugins.map(({ facts: { kind, name, summary } }) => ({
      kind,
      name,
      summary,
      export: `./${name}`,
    })),
  };
  return {
    ...content,
    exports: Object.fromEntries(entries),
    ...(plugins.length > 0 && { eddy: manifest }),
  };
}

/** @param {PluginFile} plugin */
function exportOf({ facts, source }) {
  const built = source.replace('./src/', './dist/').replace(/\.ts$/, '');
  const conditions = { '@eddy/source': source, types: `${built}.d.ts`, default: `${built}.js` };
  return [`./${facts.name}`, conditions];
}

/** @param {unknown} target */
function isPluginFile(target) {
  return JSON.stringify(target).includes('.plugin.');
}
