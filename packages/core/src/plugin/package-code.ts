/** The code that computes a result: which packages, in which version. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

import { findPackage } from './manifest.ts';
import type { PluginEntry } from './registry.ts';

/** Folders of a package that compute nothing. */
const NOT_CODE: ReadonlySet<string> = new Set(['testing', 'node_modules']);

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Digests by folder, each computed once: code that runs does not change. */
const known = new Map<string, string>();

/**
 * Returns the packages that plugins come from, with those that these depend on, and the version of each. An
 * installed package is named by its version. One that is being worked on (a checkout, a linked folder) changes
 * without another version: a digest of its code is added. Local plugin files have a digest of their own.
 */
export function codeOf(entries: readonly PluginEntry[]): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const { file, version } of entries) {
    if (!version.startsWith('sha256:')) addPackage(file, found);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function addPackage(file: string, found: Map<string, string>): void {
  const folder = folderOfPackage(file);
  if (folder === undefined) return;
  const { name = folder, version = '', dependencies = {} } = readPackage(folder);
  if (found.has(name)) return;
  const isInstalled = folder.split(sep).includes('node_modules');
  if (isInstalled) {
    found.set(name, version);
    return;
  }
  // `src` or `dist`, what runs; the whole package where its code lies beside its package.json.
  const [first = ''] = relative(folder, realpathSync(file)).split(sep);
  const part = isFolder(join(folder, first)) ? first : '';
  found.set(name, `${version}+${digestOf(join(folder, part))}`);
  for (const dependency of Object.keys(dependencies)) {
    const place = findPackage(dependency, folder);
    if (place === undefined) continue;
    const real = realpathSync(place);
    const code = join(real, part);
    addPackage(isFolder(code) ? code : real, found);
  }
}

function folderOfPackage(file: string): string | undefined {
  let at = realpathSync(file);
  while (!existsSync(join(at, 'package.json'))) {
    if (dirname(at) === at) return undefined;
    at = dirname(at);
  }
  return at;
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
}

function digestOf(folder: string): string {
  const before = known.get(folder);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  const add = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const { name } = entry;
      if (entry.isDirectory()) {
        if (!NOT_CODE.has(name)) add(join(path, name));
      } else if (isCode(name)) {
        hash.update(relative(folder, join(path, name))).update('\0');
        hash.update(readFileSync(join(path, name))).update('\0');
      }
    }
  };
  add(folder);
  const digest = hash.digest('hex').slice(0, 12);
  known.set(folder, digest);
  return digest;
}

function isCode(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name) && !/\.d\.[cm]?ts$|\.test\.[cm]?[jt]s$/.test(name);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
