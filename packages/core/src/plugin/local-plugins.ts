/** Loads a user's own `.ts` or `.js` file. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Jiti } from 'jiti';

import { readInputText, SOURCE_LIMIT } from '../files/input-file.ts';
import { pluginImportMissing, pluginInvalid } from './errors.ts';
import { placeOfText } from './place-of-text.ts';
import type { PackageManifest } from './manifest.ts';

export interface LocalPlugins {
  /** What the file exports by default: one plugin, or a list. */
  readonly plugins: readonly unknown[];
  /** sha256 of the file and of those that it imports by a relative path: other code, other results. */
  readonly sha256: string;
  /** These files: the plugin's own first. */
  readonly files: readonly SourceFile[];
  /** File, line and column of the default export. */
  readonly place: string;
}

/** A file of a plugin that lies in the user's project. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly source: string;
}

/**
 * The plugins that a file exports by default.
 *
 * The file may stand in a folder without node_modules: what it imports of Eddy and the libraries
 * that must not be there twice are the ones that run now.
 *
 * @param packages  the packages of Eddy, whose exports it may import
 * @throws PLUGIN_IMPORT_MISSING, and what the file throws
 */
export async function loadLocalPlugins(
  file: string,
  packages: readonly PackageManifest[],
): Promise<LocalPlugins> {
  const { createJiti } = await import('jiti');
  const compiler = createJiti(import.meta.url);
  const files = await readWithNeighbours(compiler, file, new Map());
  const shared = await importShared([...files.values()], packages);
  for (const each of files.values()) checkImports(each, exportsOf(each, shared, files));
  const interop = { interopDefault: false }; // with it, a default of null is a TypeError of jiti
  const options = { virtualModules: shared, moduleCache: false, ...interop };
  const module = await createJiti(file, options).import<Readonly<Record<string, unknown>>>(file);
  const place = placeOfText(file, /^export default|as default/, files.get(file)!.source);
  if (!('default' in module)) {
    const names = Object.keys(module);
    const has = names.length === 0 ? 'no export at all' : `only ${names.join(', ')}`;
    const received = `no default export (${has})`;
    throw pluginInvalid({ kind: 'plugin', name: basename(file) }, file, received);
  }
  const exported = module['default'];
  const digest = createHash('sha256');
  for (const { source } of files.values()) digest.update(source);
  return {
    plugins: Array.isArray(exported) ? (exported as unknown[]) : [exported],
    sha256: digest.digest('hex'),
    files: [...files.values()].map(({ path, source }) => ({ path, source })),
    place,
  };
}

interface LocalFile extends SourceFile {
  /** What it imports by specifier: the names that it uses. Those of types are not among them. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** The names that it exports; undefined where only running it tells. */
  readonly exports: readonly string[] | undefined;
}

/** The file, and those that it imports by a relative path. */
async function readWithNeighbours(
  compiler: Jiti,
  path: string,
  files: Map<string, LocalFile>,
): Promise<ReadonlyMap<string, LocalFile>> {
  if (files.has(path)) return files;
  const source = await readInputText(path, SOURCE_LIMIT);
  if (path.endsWith('.json'))
    return files.set(path, { path, source, imports: new Map(), exports: undefined });
  const isTypeScript = /\.[cm]?ts$/.test(path);
  const code = compiler.transform({ source, filename: path, ts: isTypeScript, async: true });
  const file = { path, source, imports: importsOf(code), exports: namesExported(code) };
  files.set(path, file);
  for (const specifier of file.imports.keys()) {
    if (!/^\.{1,2}\//.test(specifier)) continue;
    // Loading says which file imports what is not there.
    const neighbour = fileBehind(resolve(dirname(path), specifier));
    if (neighbour !== undefined) await readWithNeighbours(compiler, neighbour, files);
  }
  return files;
}

const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];

/** The source file that an import names, whose ending it may leave out. */
function fileBehind(path: string): string | undefined {
  if (ENDINGS.some((ending) => path.endsWith(ending)) && existsSync(path)) return path;
  return [path, join(path, 'index')]
    .flatMap((base) => ENDINGS.map((ending) => base + ending))
    .find((file) => existsSync(file));
}

/** Reads the imports off what the compiler made of a module: `var _nn = await jitiImport("…")`, `_nn.Name`. */
function importsOf(code: string): ReadonlyMap<string, readonly string[]> {
  const imports = [...code.matchAll(/(?:var (\w+) = )?(?:\w+\()?await jitiImport\("([^"]+)"\)/g)];
  return new Map(
    imports.map(([, variable, specifier]) => {
      const uses = variable?.startsWith('_') === true ? `\\b${variable}\\.(\\w+)` : '(?!)';
      const names = [...code.matchAll(new RegExp(uses, 'g'))].map(([, name]) => name!);
      return [specifier!, [...new Set(names)]];
    }),
  );
}

/** Core itself runs from its sources in tests. */
const OWN_ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const SHARED_LIBRARIES = [
  ...['zod', 'rxjs', '@tensorflow/tfjs-core'],
  ...['@eddy/tensor', '@eddy/tensor/errors', '@eddy/tensor/spec'],
];

/** Modules that must be the ones that run now, by the specifier that the files import them with. */
async function importShared(
  files: readonly LocalFile[],
  packages: readonly PackageManifest[],
): Promise<Record<string, object>> {
  const available = new Map(SHARED_LIBRARIES.map((name) => [name, import.meta.resolve(name)]));
  available.set('@eddy/core', new URL(`../index.${OWN_ENDING}`, import.meta.url).href);
  for (const manifest of packages) {
    for (const subpath of manifest.subpaths) {
      const target = manifest.resolve(subpath);
      if (target === undefined) continue;
      available.set(`${manifest.name}${subpath.slice(1)}`, pathToFileURL(target).href);
    }
  }
  const shared: Record<string, object> = {};
  for (const specifier of files.flatMap(({ imports }) => [...imports.keys()])) {
    const url = available.get(specifier);
    if (url !== undefined) shared[specifier] = (await import(url)) as object;
  }
  return shared;
}

/** The names that a compiled module exports; undefined where it passes on all names of another one. */
function namesExported(code: string): string[] | undefined {
  if (/Object\.keys\(_\w+\)\.forEach/.test(code) || /\bmodule\.exports\b/.test(code))
    return undefined;
  const names = [
    ...code.matchAll(/\bexports\.(\w+) =|defineProperty\(exports, "((?!__esModule)\w+)"/g),
  ];
  return [...new Set(names.map(([, assigned, defined]) => assigned ?? defined!))];
}

/** The names exported by the modules that a file imports, by specifier, where they are known before running them. */
function exportsOf(
  { path, imports }: LocalFile,
  shared: Readonly<Record<string, object>>,
  files: ReadonlyMap<string, LocalFile>,
): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  for (const specifier of imports.keys()) {
    const module = shared[specifier];
    const behind = module ? undefined : fileBehind(resolve(dirname(path), specifier));
    const names = module
      ? Object.keys(module)
      : behind === undefined || !/^\.{1,2}\//.test(specifier)
        ? undefined
        : files.get(behind)?.exports;
    if (names !== undefined) known.set(specifier, names);
  }
  return known;
}

/**
 * Loading does not do this: compiled to CommonJS, a name that is not exported is undefined where it is used.
 *
 * @throws PLUGIN_IMPORT_MISSING
 */
function checkImports(
  { path, source, imports }: LocalFile,
  exported: ReadonlyMap<string, readonly string[]>,
): void {
  for (const [specifier, names] of imports) {
    const known = exported.get(specifier);
    const missing = known && names.find((name) => name !== 'default' && !known.includes(name));
    if (missing === undefined) continue;
    const before = source.slice(0, source.search(new RegExp(`\\b${missing}\\b`))).split('\n');
    const place = `${path}:${before.length}:${before.at(-1)!.length + 1}`;
    throw pluginImportMissing(place, missing, specifier, known!);
  }
}
