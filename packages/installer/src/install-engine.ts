/** Fetches engines into the user's cache. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { makeFolderDurably, sha256OfFile, syncFolder, syncTree } from '@eddy/core/files';
import type { Services } from '@eddy/core';

import { runChild } from './child.ts';
import {
  compilerMissing,
  engineChecksum,
  engineDownloadFailed,
  engineNotInstalled,
  engineUnavailable,
  engineUnknown,
} from './errors.ts';
import { withInstallLock } from './install-lock.ts';
import { npmDownload } from './npm.ts';
import { pipDownload } from './pip.ts';
import { ENGINE_SOURCES, platformKey, type EngineSources } from './sources.ts';
import type { EngineSource, PinnedPackage } from './engine-source.ts';
import { unpackTarball, unpackWheel } from './unpack.ts';

/** A plugin that is there to be loaded. */
export interface InstalledEngine {
  /** The shared library, absolute. */
  readonly pluginPath: string;
  /** `xla-cpu-pjrt 0.0.1` */
  readonly pluginVersion: string;
  /** sha256 of the package, or of the checksums of its packages. */
  readonly pluginDigest: string;
  /** The shared library of its allocator, absolute, if it has one of its own. */
  readonly allocatorPath?: string;
}

export type InstallServices = Pick<Services, 'cacheFolder' | 'offline' | 'notify'> & {
  /** Ends a download and leaves nothing of it behind. */
  readonly signal?: AbortSignal;
};

const MANIFEST = 'installed.json';

/** What `installed.json` holds. */
interface Manifest {
  readonly package: string;
  readonly version: string;
  readonly sha256: string;
  readonly library: string;
  /** Sizes by path; absent in what was installed before there were engines of several files. */
  readonly files?: Readonly<Record<string, number>>;
  readonly libraryBytes?: number;
}

/** The plugin if it is installed and whole, without touching the network. */
export async function findInstalled(
  name: string,
  cacheFolder: string,
  sources: EngineSources = ENGINE_SOURCES,
): Promise<InstalledEngine | null> {
  const source = sourceOf(name, sources);
  const folder = folderOf(name, source, cacheFolder);
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Manifest;
    const files = manifest.files ?? { [manifest.library]: manifest.libraryBytes };
    for (const [path, bytes] of Object.entries(files)) {
      if ((await stat(join(folder, path))).size !== bytes) return null;
    }
    return {
      pluginPath: join(folder, manifest.library),
      pluginVersion: `${manifest.package} ${manifest.version}`,
      pluginDigest: manifest.sha256,
      ...(source.allocator !== undefined && { allocatorPath: join(folder, source.allocator) }),
    };
  } catch {
    return null;
  }
}

/**
 * Makes sure that an engine is installed: unless it is there, downloads its packages with pip and npm,
 * checks each against its pinned sha256, builds what is to be built and moves all into place as a
 * whole. Of several processes that call it at once, one works and the others wait.
 *
 * @throws ENGINE_UNKNOWN, ENGINE_UNAVAILABLE, ENGINE_NOT_INSTALLED (offline), PIP_MISSING, NPM_MISSING,
 *   COMPILER_MISSING, ENGINE_DOWNLOAD_FAILED, ENGINE_CHECKSUM, WHEEL_UNSAFE, ENGINE_BUILD_FAILED, the
 *   signal's reason
 */
export async function installEngine(
  name: string,
  services: InstallServices,
  sources: EngineSources = ENGINE_SOURCES,
): Promise<InstalledEngine> {
  const find = () => findInstalled(name, services.cacheFolder, sources);
  const installed = await find();
  if (installed !== null) return installed;
  const source = sourceOf(name, sources);
  const packages = packagesOf(name, source);
  const folder = folderOf(name, source, services.cacheFolder);
  if (services.offline) throw engineNotInstalled({ engine: name, folder });
  await requireCompiler(name, source);

  const engines = join(services.cacheFolder, 'engines');
  await makeFolderDurably(engines);
  const waits = (holder: string) => {
    services.notify('info', `engine ${name}: waiting for another installation of it, ${holder}`);
  };
  const work = async () => {
    const meanwhile = await find();
    if (meanwhile !== null) return meanwhile;
    const temporary = join(engines, `.${name}-${randomUUID()}.tmp`);
    await removeLeftovers(engines, name);
    try {
      await assemble(name, source, packages, { folder, temporary, services });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return (await find())!;
  };
  return withInstallLock(join(engines, `.${name}.lock`), waits, work, services.signal);
}

function sourceOf(name: string, sources: EngineSources): EngineSource {
  if (!Object.hasOwn(sources, name)) throw engineUnknown(name, Object.keys(sources));
  return sources[name]!;
}

function packagesOf(name: string, source: EngineSource): readonly PinnedPackage[] {
  const packages = source.packages[platformKey()];
  if (packages !== undefined) return packages;
  throw engineUnavailable({
    engine: name,
    expected: `a platform for which it is built: ${Object.keys(source.packages).join(', ')}`,
    received: platformKey(),
    fix: 'take an engine that runs everywhere: `engine=wasm`',
  });
}

function folderOf(name: string, source: EngineSource, cacheFolder: string): string {
  return join(cacheFolder, 'engines', `${name}-${source.version}`);
}

async function requireCompiler(engine: string, { build }: EngineSource): Promise<void> {
  if (build === undefined || (await hasCompiler(build.compiler))) return;
  throw compilerMissing({ engine, compiler: build.compiler });
}

export async function hasCompiler(compiler: string): Promise<boolean> {
  return (await runChild(compiler, ['--version']))?.code === 0;
}

/** Of installations that were cut short: whoever holds the lock is the only one at work. */
async function removeLeftovers(engines: string, name: string): Promise<void> {
  const isLeftover = (entry: string) => entry.startsWith(`.${name}-`) && entry.endsWith('.tmp');
  for (const entry of (await readdir(engines)).filter(isLeftover)) {
    await rm(join(engines, entry), { recursive: true, force: true });
  }
}

interface Places {
  readonly folder: string;
  readonly temporary: string;
  readonly services: InstallServices;
}

async function assemble(
  name: string,
  source: EngineSource,
  packages: readonly PinnedPackage[],
  { folder, temporary, services }: Places,
): Promise<void> {
  const contents = join(temporary, 'contents');
  await mkdir(contents, { recursive: true });
  for (const pinned of packages) {
    const what = `${pinned.name} ${pinned.version} (${megabytes(pinned)}, ${pinned.purpose})`;
    const text = `engine ${name}: downloading ${what} with ${pinned.from} into ${folder}`;
    services.notify('info', text);
    const archive = await download(name, pinned, join(temporary, 'download'), services.signal);
    await verify(archive, pinned);
    if (pinned.from === 'pip') await unpackWheel(archive, contents, pinned.keep);
    else await unpackTarball(archive, join(contents, 'npm', pinned.name));
    await rm(archive);
  }
  if (source.build !== undefined) {
    const { compiler, purpose, run } = source.build;
    services.notify('info', `engine ${name}: compiling ${purpose} with ${compiler}`);
    await run(name, contents);
  }
  await writeManifest(contents, source, packages);
  await commit(contents, folder);
}

function megabytes({ sizeBytes }: PinnedPackage): string {
  const size = sizeBytes / 1e6;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} MB`;
}

/** The one file that the download leaves in the folder. */
async function download(
  name: string,
  pinned: PinnedPackage,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await (pinned.from === 'pip' ? pipDownload : npmDownload)(name, pinned, folder, signal);
  const [file] = await readdir(folder);
  if (file !== undefined) return join(folder, file);
  const command = `${pinned.from}, for ${pinned.name}==${pinned.version}`;
  throw engineDownloadFailed({ engine: name, command, output: 'nothing was downloaded' });
}

async function verify(file: string, { sha256 }: PinnedPackage): Promise<void> {
  const received = await sha256OfFile(file);
  if (received !== sha256) throw engineChecksum({ file, expected: sha256, received });
}

async function writeManifest(
  folder: string,
  source: EngineSource,
  packages: readonly PinnedPackage[],
): Promise<void> {
  const [{ name, version, sha256 }] = packages as readonly [PinnedPackage];
  const sums = packages.map((pinned) => pinned.sha256);
  const digest = () => createHash('sha256').update(sums.join()).digest('hex');
  const manifest: Manifest = {
    package: name,
    version,
    sha256: sums.length === 1 ? sha256 : digest(),
    library: source.library,
    files: await sizesIn(folder),
  };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    sizes[relative(folder, path)] = (await stat(path)).size;
  }
  return sizes;
}

/**
 * What stands in the way is damaged, else it would have been found. Only sizes are compared before an engine is loaded,
 * so that all of it must be on the disk before it has its name.
 */
async function commit(contents: string, folder: string): Promise<void> {
  await syncTree(contents);
  await rename(folder, `${contents}.damaged`).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await rename(contents, folder);
  await syncFolder(dirname(folder));
}
