/** The plugins a pipeline may use: of the built-in packages and those that its `plugins:` declares. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Origin, Path } from '../config/config-node.ts';
import { ConfigInvalid, problemOf, type Problem } from '../config/problem.ts';
import { resolveInProject } from '../config/project-paths.ts';
import { EddyError } from '@eddy/tensor/errors';
import { pluginDuplicate, pluginInvalid, pluginLoadFailed, pluginUnknown } from './errors.ts';
import { loadLocalPlugins, type SourceFile } from './local-plugins.ts';
import { findPackage, readManifest, type PackageManifest } from './manifest.ts';
import { faultsOfPlugin, isPlugin, type AnyPlugin } from './plugin-shape.ts';
import type { PluginKind } from '../contracts/kinds.ts';

/** Packages that every pipeline has, and the folder from which Node finds them. */
export interface BuiltinPackages {
  readonly names: readonly string[];
  readonly folder: string;
}

export interface PluginEntry {
  readonly kind: PluginKind;
  readonly name: string;
  readonly summary: string;
  /** Package name, or the path of a local file as the pipeline names it. */
  readonly package: string;
  /** Of the package; `sha256:…` of a local file and what it imports beside it. */
  readonly version: string;
  /** Path of the file that is imported; the package's folder if it does not export the plugin. */
  readonly file: string;
}

/** One line of `plugins:`. */
export interface DeclaredPlugins {
  readonly specifier: string;
  readonly origin: Origin;
  readonly path: Path;
}

interface LoadableEntry extends PluginEntry {
  load(): Promise<unknown>;
}

export class PluginRegistry {
  readonly #entries = new Map<string, LoadableEntry>();
  readonly #loaded = new Map<string, Promise<AnyPlugin>>();
  readonly #sources = new Map<string, SourceFile>();

  add(entry: LoadableEntry): void {
    const key = keyOf(entry.kind, entry.name);
    const existing = this.#entries.get(key);
    if (existing !== undefined) throw pluginDuplicate(entry, existing, entry);
    this.#entries.set(key, entry);
  }

  addSources(files: readonly SourceFile[]): void {
    for (const file of files) this.#sources.set(file.path, file);
  }

  /** The files of local plugins that were loaded, with those that they import by a relative path. */
  sources(): readonly SourceFile[] {
    return [...this.#sources.values()];
  }

  list(kind?: PluginKind): PluginEntry[] {
    return [...this.#entries.values()].filter((entry) => kind === undefined || entry.kind === kind);
  }

  names(kind: PluginKind): string[] {
    return this.list(kind).map((entry) => entry.name);
  }

  /** @throws PLUGIN_UNKNOWN */
  entry(kind: PluginKind, name: string): PluginEntry {
    return this.#entry(kind, name);
  }

  has(kind: PluginKind, name: string): boolean {
    return this.#entries.has(keyOf(kind, name));
  }

  /** Imports the plugin's module, once. @throws PLUGIN_UNKNOWN, PLUGIN_LOAD_FAILED, PLUGIN_INVALID */
  load(kind: PluginKind, name: string): Promise<AnyPlugin> {
    const entry = this.#entry(kind, name);
    const key = keyOf(kind, name);
    const loading = this.#loaded.get(key) ?? loadEntry(entry);
    this.#loaded.set(key, loading);
    return loading;
  }

  #entry(kind: PluginKind, name: string): LoadableEntry {
    const entry = this.#entries.get(keyOf(kind, name));
    if (entry === undefined) throw pluginUnknown({ kind, name }, this.names(kind));
    return entry;
  }
}

export interface RegistryOptions {
  /** The pipeline whose plugins these are. */
  readonly file?: string;
  readonly builtin: BuiltinPackages;
  readonly declared: readonly DeclaredPlugins[];
  /** Where relative paths and packages of `plugins:` are looked up. */
  readonly folder: string;
  readonly projectRoot: string;
  /** What to do about a local file that is gone, where that is not to check its path. */
  readonly missingFix?: string | undefined;
}

/** Reads the manifests; of what is declared only local files are run. */
export async function openRegistry(
  options: RegistryOptions,
): Promise<{ readonly registry: PluginRegistry; readonly problems: readonly Problem[] }> {
  const { builtin, declared, folder } = options;
  const registry = new PluginRegistry();
  const problems: Problem[] = [];
  const manifests: PackageManifest[] = [];
  for (const name of builtin.names) {
    const packageFolder = findPackage(name, builtin.folder);
    const manifest = packageFolder === undefined ? undefined : await readManifest(packageFolder);
    if (manifest === undefined) continue;
    manifests.push(manifest);
    addPackage(registry, manifest);
  }
  const seen = new Set(builtin.names);
  const refused: { origin: Origin; path: Path; error: EddyError }[] = [];
  for (const { specifier, origin, path } of declared) {
    if (seen.has(specifier)) continue;
    seen.add(specifier);
    const report = (facts: Omit<Problem, 'origin' | 'path' | 'received'>) =>
      problems.push({ origin, path, received: JSON.stringify(specifier), ...facts });
    if (isLocal(specifier)) {
      const { projectRoot, missingFix } = options;
      const place = { folder, projectRoot, missingFix };
      const found = resolveInProject({ ...place, target: specifier, endings: [], origin, path });
      if ('problem' in found) problems.push(found.problem);
      else {
        try {
          await addLocalFile(registry, manifests, specifier, found.file);
        } catch (error) {
          if (!(error instanceof EddyError)) throw error;
          refused.push({ origin, path, error });
        }
      }
      continue;
    }
    if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(specifier)) {
      report({
        message: 'this is neither a package nor a local file',
        expected: 'an npm package name, or a path that starts with ./',
        fix: 'write for example ./my-evaluator.ts',
      });
      continue;
    }
    const packageFolder = findPackage(specifier, folder) ?? findPackage(specifier, builtin.folder);
    const manifest = packageFolder === undefined ? undefined : await readManifest(packageFolder);
    if (packageFolder === undefined) {
      report({
        message: `the package ${specifier} is not installed`,
        expected: `node_modules/${specifier} at or above ${folder}`,
        fix: `npm install ${specifier}`,
      });
    } else if (manifest === undefined) {
      report({
        message: `the package ${specifier} contains no plugins`,
        expected: `an "eddy" field in ${packageFolder}/package.json`,
        fix: 'remove it from `plugins:`',
      });
    } else addPackage(registry, manifest);
  }
  // One of them says it all; several are listed, with what else is wrong with the list.
  if (refused.length === 1 && problems.length === 0) throw refused[0]!.error;
  if (refused.length > 0) {
    const failures = refused.map(({ origin, path, error }) => {
      return { origin, path, ...problemOf(error) };
    });
    throw new ConfigInvalid(options.file ?? folder, [...failures, ...problems]);
  }
  return { registry, problems };
}

function isLocal(specifier: string): boolean {
  return /^[./~]|[\\]|\.[cm]?[jt]s$/.test(specifier) || specifier.includes('\0');
}

function addPackage(registry: PluginRegistry, manifest: PackageManifest): void {
  for (const { kind, name, summary, export: subpath } of manifest.plugins) {
    const file = manifest.resolve(subpath);
    registry.add({
      kind,
      name,
      summary,
      package: manifest.name,
      version: manifest.version,
      file: file ?? manifest.folder,
      load: async () => {
        if (file === undefined) throw new Error(`package.json does not export ${subpath}`);
        const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
        return module.default;
      },
    });
  }
}

async function addLocalFile(
  registry: PluginRegistry,
  packages: readonly PackageManifest[],
  specifier: string,
  file: string,
): Promise<void> {
  const { plugins, sha256, files, place } = await loadLocalPlugins(file, packages).catch(
    (cause: unknown) => {
      if (cause instanceof EddyError) throw cause;
      throw pluginLoadFailed({ kind: 'plugin', name: basename(file) }, file, cause);
    },
  );
  registry.addSources(files);
  for (const plugin of plugins) {
    if (!isPlugin(plugin)) {
      // A list has a place in the file for all of its plugins.
      const which = plugins.length === 1 ? '' : `item ${plugins.indexOf(plugin) + 1} of the list: `;
      const received = `${which}${faultsOfPlugin(plugin).join('; ')}`;
      throw pluginInvalid({ kind: 'plugin', name: basename(file) }, place, received);
    }
    const { kind, name, summary } = plugin;
    const version = `sha256:${sha256.slice(0, 12)}`;
    registry.add({
      kind,
      name,
      summary,
      package: specifier,
      version,
      file,
      load: () => Promise.resolve(plugin),
    });
  }
}

async function loadEntry(entry: LoadableEntry): Promise<AnyPlugin> {
  const plugin = await entry.load().catch((cause: unknown) => {
    throw pluginLoadFailed(entry, entry.file, cause);
  });
  if (!isPlugin(plugin)) throw pluginInvalid(entry, entry.file, faultsOfPlugin(plugin).join('; '));
  if (plugin.kind !== entry.kind || plugin.name !== entry.name) {
    throw pluginInvalid(entry, entry.file, `a plugin called ${plugin.kind} ${plugin.name}`);
  }
  return plugin;
}

function keyOf(kind: PluginKind, name: string): string {
  return `${kind}:${name}`;
}
