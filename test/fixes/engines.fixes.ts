/** Engines, their installation, and runs over several ranks. */
import { createHash } from 'node:crypto';
import { chmod } from 'node:fs/promises';

import { afterEach, expect, vi } from 'vitest';

import { refuseHosts } from '../../packages/engines/src/hosts/index.ts';
import { LeadingRank } from '../../packages/engines/src/hosts/lead.ts';
import { hostLost, mpiMismatch, mpiNotFound } from '../../packages/engines/src/mpi/errors.ts';
import { libraryCandidates } from '../../packages/engines/src/mpi/find-library.ts';
import { launchOf } from '../../packages/engines/src/mpi/launcher.ts';
import { localGroups } from '../../packages/engines/src/testing/local-ranks.ts';
import { findPjrtPlugin } from '../../packages/installer/src/find-pjrt-plugin.ts';
import { engineBuildFailed } from '../../packages/installer/src/errors.ts';
import { findInstalled, installEngine } from '../../packages/installer/src/install-engine.ts';
import { ENGINE_SOURCES, platformKey, type EngineSources } from '../../packages/installer/src/sources.ts'; // prettier-ignore
import { storedZip, type ZipEntry } from '../../packages/installer/src/testing/stored-zip.ts';
import { command, followFixes, program, type FixCase } from './fix-case.ts';
import type { Place } from './place.ts';
import { tiny } from './tiny.ts';

afterEach(() => void vi.unstubAllEnvs());

const files = { 'p.yml': tiny() };
const BUILD = ['run', 'p.yml', '--until', 'build'];

/** A wheel that pip "downloads", and programs on the PATH. */
async function withTools(
  place: Place,
  tools: readonly string[],
  entries: readonly ZipEntry[] = [{ name: 'plugin.so', contents: 'the library' }],
): Promise<string> {
  const wheel = storedZip(entries);
  await place.write('fake-1.2-py3-none-any.whl', wheel);
  const scripts: Readonly<Record<string, string>> = {
    python3: `while [ $# -gt 0 ]; do [ "$1" = --dest ] && to="$2"; shift; done\ncp "${place.folder}"/*.whl "$to"`,
    broken: 'echo "no network" >&2; exit 1',
    fakecc: 'true',
  };
  for (const tool of tools) {
    const [name = tool, script = tool] = tool.split('=');
    await place.write(`bin/${name}`, `#!/bin/sh\nPATH=/usr/bin:/bin\n${scripts[script]}\n`);
    await chmod(place.at(`bin/${name}`), 0o755);
  }
  vi.stubEnv('PATH', place.at('bin'));
  return createHash('sha256').update(wheel).digest('hex');
}

const sources = (sha256: string, more: object = {}): EngineSources => ({
  fake: {
    version: '1.2',
    library: 'plugin.so',
    packages: {
      [platformKey()]: [
        { from: 'pip', name: 'fake', version: '1.2', purpose: 'tests', sizeBytes: 1, sha256 },
      ],
    },
    ...more,
  },
});

const install = (place: Place, from: EngineSources, offline = false) =>
  installEngine(
    'fake',
    { cacheFolder: place.at('engines'), offline, notify: () => undefined },
    from,
  );

/** The way that all these fixes name where nothing can be installed: an engine that needs nothing. */
async function withWasm(place: Place, fix: string): Promise<void> {
  vi.unstubAllEnvs();
  await place.write('p.yml', tiny());
  const override = /`(engine=wasm)`/.exec(fix)![1]!;
  const { exitCode, output } = await place.pipeline(['plan', 'p.yml', override]);
  expect(exitCode, output).toBe(0);
}

const FIRST_OF_TWO = { PMI_RANK: '0', PMI_SIZE: '2' };

const cases: FixCase[] = [
  program({
    code: 'ENGINE_UNKNOWN',
    when: 'the name of an engine is misspelt',
    raise: (place) => findInstalled('xla-cpuu', place.folder, ENGINE_SOURCES),
    says: /did you mean /,
    followed: (place, fix) =>
      findInstalled(/did you mean ([\w-]+)\?/.exec(fix)![1]!, place.folder, ENGINE_SOURCES),
  }),
  program({
    code: 'ENGINE_NOT_INSTALLED',
    when: 'an engine is wanted offline',
    raise: async (place) => install(place, sources(await withTools(place, ['python3'])), true),
    says: '`pipeline engines install fake`',
    followed: async (place) => {
      const from = sources(await withTools(place, ['python3']));
      await install(place, from);
      expect((await install(place, from, true)).pluginVersion).toBe('fake 1.2');
    },
  }),
  command({
    code: 'ENGINE_NOT_INSTALLED',
    when: 'there is no network at all',
    files,
    words: ['run', 'p.yml', '++engine.use=xla-cpu', '--until', 'train'],
    edits: [
      async (place, fix) => {
        await withWasm(place, fix);
        return { words: BUILD };
      },
    ],
  }),
  program({
    code: 'PIP_MISSING',
    when: 'Python has no pip',
    raise: async (place) => install(place, sources(await withTools(place, []))),
    says: '`apt install python3-pip`',
    followed: async (place) => install(place, sources(await withTools(place, ['python3']))),
  }),
  program({
    code: 'PIP_MISSING',
    when: 'nothing can be installed here',
    raise: async (place) => install(place, sources(await withTools(place, []))),
    says: /./,
    followed: withWasm,
  }),
  program({
    code: 'COMPILER_MISSING',
    when: 'there is no compiler',
    raise: async (place) =>
      install(place, sources(await withTools(place, ['python3']), { build: { compiler: 'fakecc' } })), // prettier-ignore
    says: '`apt install g++`',
    followed: async (place) =>
      install(
        place,
        sources(await withTools(place, ['python3', 'fakecc']), {
          build: { compiler: 'fakecc', purpose: 'tests', run: () => Promise.resolve() },
        }),
      ),
  }),
  program({
    code: 'ENGINE_BUILD_FAILED',
    when: 'the compiler is old',
    raise: async (place) =>
      install(
        place,
        sources(await withTools(place, ['python3', 'fakecc']), {
          build: {
            compiler: 'fakecc',
            purpose: 'tests',
            run: () => Promise.reject(engineBuildFailed({ engine: 'fake', command: 'cc', output: 'no' })), // prettier-ignore
          },
        }),
      ),
    says: 'install g++ 9 or newer',
    followed: async (place) =>
      install(
        place,
        sources(await withTools(place, ['python3', 'fakecc']), {
          build: { compiler: 'fakecc', purpose: 'tests', run: () => Promise.resolve() },
        }),
      ),
  }),
  program({
    code: 'NPM_MISSING',
    when: 'Node came without npm',
    raise: async (place) => {
      const sha256 = await withTools(place, ['python3']);
      const pinned = { from: 'npm', name: 'x', version: '1', purpose: 'x', sizeBytes: 1, sha256 };
      return install(place, sources(sha256, { packages: { [platformKey()]: [pinned] } }));
    },
    says: '`apt install npm`',
    followed: withWasm,
  }),
  program({
    code: 'ENGINE_DOWNLOAD_FAILED',
    when: 'the network is down, and then up',
    raise: async (place) => install(place, sources(await withTools(place, ['python3=broken']))),
    says: 'connect to the network and try again',
    followed: async (place) => install(place, sources(await withTools(place, ['python3']))),
  }),
  program({
    code: 'ENGINE_CHECKSUM',
    when: 'a mirror serves another file',
    raise: async (place) => {
      await withTools(place, ['python3']);
      return install(place, sources('0'.repeat(64)));
    },
    says: 'use the official package index',
    followed: async (place) => install(place, sources(await withTools(place, ['python3']))),
  }),
  program({
    code: 'WHEEL_UNSAFE',
    when: 'a mirror serves a wheel that leaves its folder',
    raise: async (place) =>
      install(
        place,
        sources(await withTools(place, ['python3'], [{ name: '../evil', contents: 'x' }])),
      ),
    says: 'use the official package index',
    followed: async (place) => install(place, sources(await withTools(place, ['python3']))),
  }),
  command({
    code: 'ENGINE_UNAVAILABLE',
    when: 'there is no GPU here',
    files,
    words: ['run', 'p.yml', '++engine.use=xla-cuda', '--until', 'train'],
    edits: [
      async (_place, fix) => {
        // A GPU is not to be had by typing: what installs the engine is only named.
        expect(fix).toMatch(/`engine=(xla-cpu|wasm|auto)`|`pipeline engines install /);
        return { words: BUILD };
      },
    ],
  }),
  program({
    code: 'PJRT_PLUGIN_MISSING',
    when: 'the Python package is not installed',
    raise: (place) => findPjrtPlugin('eddy-no-such-package', place.folder),
    says: '`engine.plugin=/PATH/TO/LIBRARY.so`',
    followed: async (place) => {
      await place.write('library.so', 'x');
      expect((await findPjrtPlugin('./library.so', place.folder)).pluginVersion).toBe('library.so');
    },
  }),
  program({
    code: 'PJRT_PLUGIN_AMBIGUOUS',
    when: 'the Python package has two libraries',
    raise: async (place) => {
      const libraries = ['a_pjrt.so', 'b_pjrt.so'];
      for (const name of libraries) await place.write(name, 'x');
      const answer = JSON.stringify({ version: '1', files: libraries.map((name) => place.at(name)) }); // prettier-ignore
      await place.write('bin/python3', `#!/bin/sh\necho '${answer}'\n`);
      await chmod(place.at('bin/python3'), 0o755);
      vi.stubEnv('PATH', place.at('bin'));
      return findPjrtPlugin('two', place.folder);
    },
    says: /`'engine\.plugin=[^`]+'`/,
    followed: (place, fix) =>
      findPjrtPlugin(/`'engine\.plugin=([^`']+)'`/.exec(fix)![1]!, place.folder),
  }),
  ...hostCases(),
];

function hostCases(): FixCase[] {
  return [
    program({
      code: 'HOSTS_UNSUPPORTED',
      when: 'a sweep is started by a launcher',
      raise: () => leading(() => refuseHosts('a sweep')),
      says: '`export EDDY_MPI=off`',
      followed: alone,
    }),
    program({
      code: 'MPI_NOT_FOUND',
      when: 'the library is in a folder of its own',
      raise: () => {
        throw mpiNotFound({ tried: ['libmpi.so.12: cannot open shared object file'] });
      },
      says: '`export EDDY_MPI=/path/to/libmpi.so.12`',
      followed: (_place, fix) => {
        const [, path] = /`export EDDY_MPI=(\/[^`]+)`/.exec(fix)!;
        expect(libraryCandidates({ ...FIRST_OF_TWO, EDDY_MPI: path })).toEqual([path]);
      },
    }),
    program({
      code: 'MPI_MISMATCH',
      when: 'the process is to run alone',
      raise: () => {
        throw mpiMismatch({ variable: 'PMI_SIZE', launched: 2, joined: 1 });
      },
      says: '`export EDDY_MPI=off`',
      followed: alone,
    }),
    program({
      code: 'HOST_LOST',
      when: 'the run goes on on one host',
      raise: () => {
        throw hostLost({ place: 'rank 1 (gpu04)', received: 'no sign of life' });
      },
      says: '`pipeline resume RUN`',
      followed: async (place) => {
        await place.write('p.yml', tiny());
        const { output } = await place.pipeline([...BUILD, '--run-dir', 'run']);
        const resumed = await place.pipeline(['resume', 'run']);
        expect(resumed.exitCode, output + resumed.output).toBe(0);
      },
    }),
  ];
}

/** Does something as rank 0 of two. */
async function leading(work: () => unknown): Promise<void> {
  const [first, second] = await localGroups(2);
  const rank = LeadingRank.lead(first!);
  try {
    await work();
  } finally {
    await Promise.all([rank.close(0), second!.broadcast().then(() => second!.leave(0))]);
  }
}

async function alone(place: Place): Promise<void> {
  await place.write('p.yml', tiny());
  const environment = { ...FIRST_OF_TWO, EDDY_MPI: 'off' };
  expect(launchOf(environment)).toBeNull();
  const { exitCode, output } = await place.pipeline(BUILD, environment);
  expect(exitCode, output).toBe(0);
}

followFixes('engines and hosts', cases);
