/** Fetches engine plugins into the user's cache. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Services } from '@eddy/core';

import {
  engineChecksum,
  engineDownloadFailed,
  engineNotInstalled,
  engineUnavailable,
  engineUnknown,
} from './errors.ts';
import { pipDownload } from './pip.ts';
import {
  ENGINE_SOURCES,
  platformKey,
  type EngineSource,
  type EngineSources,
  type Wheel,
} from './sources.ts';
import { unpackWheel } from './unpack.ts';

/** A plugin that is there to be loaded. */
export interface InstalledEngine {
  /** The shared library, absolute. */
  readonly pluginPath: string;
  /** `xla-cpu-pjrt 0.0.1` */
  readonly pluginVersion: string;
  /** sha256 of the package. */
  readonly pluginDigest: string;
}

export type InstallServices = Pick<Services, 'cacheFolder' | 'offline' | 'notify'>;

const MANIFEST = 'installed.json';

/** What `installed.json` holds. */
interface Manifest {
  readonly package: string;
  readonly version: string;
  readonly sha256: string;
  readonly library: string;
  readonly libraryBytes: number;
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
    const pluginPath = join(folder, manifest.library);
    if ((await stat(pluginPath)).size !== manifest.libraryBytes) return null;
    return {
      pluginPath,
      pluginVersion: `${manifest.package} ${manifest.version}`,
      pluginDigest: manifest.sha256,
    };
  } catch {
    return null;
  }
}

/**
 * Makes sure that a plugin is installed: downloads it with pip unless it is there, checks it against
 * the pinned sha256 and moves it into place as a whole. Safe to call from several processes at once.
 *
 * @throws ENGINE_UNKNOWN, ENGINE_UNAVAILABLE, ENGINE_NOT_INSTALLED (offline), PIP_MISSING,
 *   ENGINE_DOWNLOAD_FAILED, ENGINE_CHECKSUM, WHEEL_UNSAFE
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
  const wheel = wheelOf(name, source);
  const folder = folderOf(name, source, services.cacheFolder);
  if (services.offline) throw engineNotInstalled({ engine: name, folder });

  const megabytes = Math.round(wheel.sizeBytes / 1e6);
  services.notify(
    'info',
    `engine ${name}: downloading ${source.package} ${source.version} (${megabytes} MB, ${source.purpose}) with pip into ${folder}`,
  );
  const temporary = join(services.cacheFolder, 'engines', `.${name}-${randomUUID()}.tmp`);
  const contents = join(temporary, 'contents');
  try {
    await mkdir(contents, { recursive: true });
    const file = await download(name, source, temporary);
    await verify(file, wheel);
    await unpackWheel(file, contents);
    await writeManifest(contents, source, wheel);
    await commit(contents, folder, find);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return (await find())!;
}

function sourceOf(name: string, sources: EngineSources): EngineSource {
  if (!Object.hasOwn(sources, name)) throw engineUnknown(name, Object.keys(sources));
  return sources[name]!;
}

function wheelOf(name: string, source: EngineSource): Wheel {
  const wheel = source.wheels[platformKey()];
  if (wheel !== undefined) return wheel;
  throw engineUnavailable({
    engine: name,
    expected: `a platform for which ${source.package} is built: ${Object.keys(source.wheels).join(', ')}`,
    received: platformKey(),
    fix: 'use `engine: wasm`',
  });
}

function folderOf(name: string, source: EngineSource, cacheFolder: string): string {
  return join(cacheFolder, 'engines', `${name}-${source.version}`);
}

async function download(name: string, source: EngineSource, folder: string): Promise<string> {
  const requirement = `${source.package}==${source.version}`;
  await pipDownload(name, requirement, folder);
  const file = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
  if (file !== undefined) return join(folder, file);
  const command = `pip download ${requirement}`;
  throw engineDownloadFailed({ engine: name, command, output: 'no wheel was downloaded' });
}

async function verify(file: string, wheel: Wheel): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const received = hash.digest('hex');
  if (received !== wheel.sha256) throw engineChecksum({ file, expected: wheel.sha256, received });
}

async function writeManifest(folder: string, source: EngineSource, wheel: Wheel): Promise<void> {
  const manifest: Manifest = {
    package: source.package,
    version: source.version,
    sha256: wheel.sha256,
    library: source.library,
    libraryBytes: (await stat(join(folder, source.library))).size,
  };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Whoever renames first wins; the others use what is there. A damaged folder is moved out of the way. */
async function commit(
  contents: string,
  folder: string,
  whole: () => Promise<InstalledEngine | null>,
): Promise<void> {
  for (;;) {
    try {
      await rename(contents, folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    if ((await whole()) !== null) return;
    await rename(folder, `${contents}.damaged`).catch(() => undefined);
  }
}
