import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { failure } from '@eddy/core/testing';
import { storedZip, type ZipEntry } from './testing/stored-zip.ts';
import { engineBuildFailed } from './errors.ts';
import { findInstalled, installEngine } from './install-engine.ts';
import { ENGINE_SOURCES, platformKey, type EngineSources } from './sources.ts';
import type { PinnedPackage } from './engine-source.ts';

const LIBRARY = 'plugins/plugin.so';
const ENTRIES: ZipEntry[] = [
  { name: LIBRARY, contents: 'the library' },
  { name: 'fake-1.2.dist-info/METADATA', contents: 'Name: fake' },
];

let folder: string;
let cacheFolder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-install-'));
  cacheFolder = join(folder, 'cache');
  said = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Puts programs of these names, and only them, on the PATH; the real tools stay reachable. */
function onPath(programs: Readonly<Record<string, string>>): void {
  const bin = join(folder, 'bin');
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
  }
  vi.stubEnv('PATH', bin);
}

/** A pip that "downloads" this wheel, and notes how it was called. */
function fakePip(entries: readonly ZipEntry[] = ENTRIES): EngineSources {
  const wheel = storedZip(entries);
  writeFileSync(join(folder, 'fake-1.2-py3-none-any.whl'), wheel);
  onPath({
    python3: `echo "$@" >> ${folder}/calls
while [ $# -gt 0 ]; do [ "$1" = --dest ] && destination="$2"; shift; done
cp ${folder}/*.whl "$destination"`,
  });
  return sourcesFor(createHash('sha256').update(wheel).digest('hex'));
}

function sourcesFor(sha256: string): EngineSources {
  return {
    fake: {
      version: '1.2',
      library: LIBRARY,
      packages: { [platformKey()]: [fakePackage(sha256)] },
    },
  };
}

function fakePackage(sha256: string): PinnedPackage {
  const identity = { from: 'pip', name: 'fake', version: '1.2' } as const;
  return { ...identity, purpose: 'a plugin for tests', sizeBytes: 12_345_678, sha256 };
}

/** An engine of a wheel and of a package of npm, with a compiler that joins the two. */
function fakeBuild(
  options: {
    readonly wheel?: readonly ZipEntry[];
    readonly without?: 'npm' | 'fakecc';
    readonly build?: () => Promise<void>;
  } = {},
): EngineSources {
  const [wheel] = fakePip(options.wheel)['fake']!.packages[platformKey()]!;
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package/source.c'), 'the source');
  const tarball = join(folder, 'source-3.4.tgz');
  execFileSync('tar', ['-czf', tarball, '-C', folder, 'package'], {
    env: { PATH: '/usr/bin:/bin' },
  });
  const programs = {
    python3: readFileSync(join(folder, 'bin/python3'), 'utf8').split('\n').slice(2).join('\n'),
    tar: 'exec tar "$@"',
    npm: `for destination; do true; done; cp ${tarball} "$destination"`,
    fakecc: 'true',
  };
  onPath(Object.fromEntries(Object.entries(programs).filter(([name]) => name !== options.without)));
  const source: PinnedPackage = {
    ...{ from: 'npm', name: 'source', version: '3.4', purpose: 'its source', sizeBytes: 200_000 },
    sha256: createHash('sha256').update(readFileSync(tarball)).digest('hex'),
  };
  const joinBoth = async (_engine: string, contents: string) => {
    const read = (path: string) => readFileSync(join(contents, path), 'utf8');
    const built = `built of ${read('npm/source/package/source.c')} and ${read(LIBRARY)}`;
    writeFileSync(join(contents, 'built.so'), built);
    await rm(join(contents, 'npm'), { recursive: true });
  };
  return {
    fake: {
      version: '1.2',
      library: 'built.so',
      packages: { [platformKey()]: [{ ...wheel, keep: /\.so$/ }, source] },
      build: { compiler: 'fakecc', purpose: 'a plugin', run: options.build ?? joinBoth },
    },
  };
}

function install(sources: EngineSources, offline = false, name = 'fake') {
  const notify = (level: string, text: string) => said.push(`${level}: ${text}`);
  return installEngine(name, { cacheFolder, offline, notify }, sources);
}

const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const installed = () => {
  const engines = join(cacheFolder, 'engines');
  const isLock = (name: string) => name.endsWith('.lock');
  return existsSync(engines) ? readdirSync(engines).filter((name) => !isLock(name)) : [];
};

describe('installEngine', () => {
  it('downloads with pip, checks, unpacks and says so', async () => {
    const sources = fakePip();
    const engine = await install(sources);
    expect(readFileSync(engine.pluginPath, 'utf8')).toBe('the library');
    expect(engine.pluginVersion).toBe('fake 1.2');
    expect(engine.pluginDigest).toBe(sources['fake']!.packages[platformKey()]![0].sha256);
    expect(calls()).toHaveLength(1);
    expect(calls()[0]).toMatch(
      /^-m pip download --no-deps --only-binary=:all: --no-cache-dir --progress-bar=off --dest \S+ fake==1\.2$/,
    );
    expect(said).toEqual([
      `info: engine fake: downloading fake 1.2 (12 MB, a plugin for tests) with pip into ${cacheFolder}/engines/fake-1.2`,
    ]);
    expect(installed()).toEqual(['fake-1.2']);
  });

  it('does nothing the second time, also offline', async () => {
    const sources = fakePip();
    const first = await install(sources);
    expect(await install(sources, true)).toEqual(first);
    expect(calls()).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  it('refuses a package with another checksum and leaves nothing behind', async () => {
    fakePip();
    const error = await failure(install(sourcesFor('0'.repeat(64))));
    expect(error.code).toBe('ENGINE_CHECKSUM');
    expect(error.facts.expected).toContain('0'.repeat(64));
    expect(installed()).toEqual([]);
  });

  it('stays off the network when offline and names the command', async () => {
    const sources = fakePip();
    const error = await failure(install(sources, true));
    expect(error.code).toBe('ENGINE_NOT_INSTALLED');
    expect(error.facts.fix).toContain('`pipeline engines install fake`');
    expect(existsSync(join(folder, 'calls'))).toBe(false);
  });

  it("passes on pip's last words", async () => {
    onPath({ python3: 'echo "ERROR: No matching distribution found for fake==1.2" >&2; exit 1' });
    const error = await failure(install(sourcesFor('')));
    expect(error.code).toBe('ENGINE_DOWNLOAD_FAILED');
    expect(error.facts.received).toContain('No matching distribution');
    expect(installed()).toEqual([]);
  });

  it('finds pip under its other names', async () => {
    const sources = fakePip();
    const bin = join(folder, 'bin');
    const script = readFileSync(join(bin, 'python3'), 'utf8').split('\n').slice(2).join('\n');
    onPath({ python3: 'echo "/usr/bin/python3: No module named pip" >&2; exit 1', pip: script });
    await install(sources);
    expect(calls()[0]).toMatch(/^download /);
  });

  it('ends pip when it is told to, and leaves nothing behind', async () => {
    const sources = fakePip();
    onPath({ python3: `echo $$ >> ${folder}/calls; exec sleep 60` });
    const stop = new AbortController();
    const reason = new Error('stopped');
    const services = { cacheFolder, offline: false, notify: () => undefined, signal: stop.signal };
    const work = installEngine('fake', services, sources);
    await vi.waitFor(() => expect(calls()).toHaveLength(1), { timeout: 10_000 });
    stop.abort(reason);
    await expect(work).rejects.toBe(reason);
    const pid = Number(calls()[0]);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
    expect(installed()).toEqual([]);
  });

  it('says that pip is missing', async () => {
    onPath({});
    expect((await failure(install(sourcesFor('')))).code).toBe('PIP_MISSING');
  });

  it('can run twice at once', async () => {
    const sources = fakePip();
    const engines = await Promise.all([install(sources), install(sources), install(sources)]);
    expect(new Set(engines.map((engine) => engine.pluginPath)).size).toBe(1);
    expect(installed()).toEqual(['fake-1.2']);
    expect(calls()).toHaveLength(1);
    expect(said.filter((line) => line.includes('waiting for another installation'))).toHaveLength(
      2,
    );
  });

  it('clears away what an installation left that was cut short', async () => {
    const sources = fakePip();
    const leftover = join(cacheFolder, 'engines', '.fake-1234.tmp', 'contents');
    mkdirSync(leftover, { recursive: true });
    writeFileSync(join(leftover, 'half a library'), '');
    await install(sources);
    expect(installed()).toEqual(['fake-1.2']);
  });

  it('mends a damaged installation', async () => {
    const sources = fakePip();
    const engine = await install(sources);
    truncateSync(engine.pluginPath, 3);
    await install(sources);
    expect(readFileSync(engine.pluginPath, 'utf8')).toBe('the library');
    expect(installed()).toEqual(['fake-1.2']);
  });

  it('knows an installation of an earlier version of Eddy', async () => {
    const sources = fakePip();
    const { pluginPath } = await install(sources);
    const manifest = join(cacheFolder, 'engines/fake-1.2/installed.json');
    const { files: _, ...rest } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: object };
    writeFileSync(manifest, JSON.stringify({ ...rest, libraryBytes: 'the library'.length }));
    await install(sources);
    expect(calls()).toHaveLength(1);
    truncateSync(pluginPath, 3);
    await install(sources);
    expect(calls()).toHaveLength(2);
  });

  it.each([
    ['climbs out', { name: '../evil', contents: 'x' }],
    ['climbs out on the way', { name: 'plugins/../../evil', contents: 'x' }],
    ['is absolute', { name: '/tmp/evil', contents: 'x' }],
    ['has a backslash', { name: 'plugins\\..\\..\\evil', contents: 'x' }],
    ['is a symbolic link', { name: 'plugins/link', contents: '/etc/passwd', mode: 0o120777 }],
  ])('refuses a wheel in which a name %s', async (_, entry) => {
    const error = await failure(install(fakePip([...ENTRIES, entry])));
    expect(error.code).toBe('WHEEL_UNSAFE');
    expect(installed()).toEqual([]);
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });

  it('knows on which platforms a package exists', async () => {
    const sources = { fake: { ...fakePip()['fake']!, packages: {} } };
    expect((await failure(install(sources))).code).toBe('ENGINE_UNAVAILABLE');
  });

  describe('of several packages, one of them built here', () => {
    it('unpacks what is to be kept, builds, and says each step before it takes it', async () => {
      const sources = fakeBuild({ wheel: [...ENTRIES, { name: 'plugins/rest', contents: 'x' }] });
      const { pluginPath, pluginDigest } = await install(sources);
      expect(readFileSync(pluginPath, 'utf8')).toBe('built of the source and the library');
      const [wheel, tarball] = sources['fake']!.packages[platformKey()]!;
      const sums = `${wheel.sha256},${tarball!.sha256}`;
      expect(pluginDigest).toBe(createHash('sha256').update(sums).digest('hex'));
      expect(said.map((line) => line.replace(cacheFolder, ''))).toEqual([
        'info: engine fake: downloading fake 1.2 (12 MB, a plugin for tests) with pip into /engines/fake-1.2',
        'info: engine fake: downloading source 3.4 (0.2 MB, its source) with npm into /engines/fake-1.2',
        'info: engine fake: compiling a plugin with fakecc',
      ]);
      const folder = join(cacheFolder, 'engines/fake-1.2');
      expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
        'built.so',
        'installed.json',
        'plugins',
        'plugins/plugin.so',
      ]);
    });

    it('notices damage to any of its files', async () => {
      const sources = fakeBuild();
      const { pluginPath } = await install(sources);
      truncateSync(join(cacheFolder, 'engines/fake-1.2', LIBRARY), 3);
      expect(await findInstalled('fake', cacheFolder, sources)).toBeNull();
      await install(sources);
      expect(readFileSync(pluginPath, 'utf8')).toContain('the library');
    });

    it('looks for the compiler before it downloads', async () => {
      const error = await failure(install(fakeBuild({ without: 'fakecc' })));
      expect(error.code).toBe('COMPILER_MISSING');
      expect(error.facts.fix).toContain('apt install');
      expect(existsSync(join(folder, 'calls'))).toBe(false);
      expect(said).toEqual([]);
    });

    it('says that npm is missing and leaves nothing behind', async () => {
      expect((await failure(install(fakeBuild({ without: 'npm' })))).code).toBe('NPM_MISSING');
      expect(installed()).toEqual([]);
    });

    it("passes on the compiler's words and leaves nothing behind", async () => {
      const build = () =>
        Promise.reject(engineBuildFailed({ engine: 'fake', command: 'fakecc', output: 'no' }));
      const error = await failure(install(fakeBuild({ build })));
      expect(error.code).toBe('ENGINE_BUILD_FAILED');
      expect(installed()).toEqual([]);
    });
  });

  it('names the engines that can be installed', async () => {
    const error = await failure(install(ENGINE_SOURCES, false, 'xla-tpu'));
    expect(error.code).toBe('ENGINE_UNKNOWN');
    expect(error.facts.expected).toContain('xla-cpu');
  });
});
