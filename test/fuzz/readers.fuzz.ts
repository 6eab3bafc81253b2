/**
 * Every reader of a file that somebody else may have written, on thousands of damaged files: each case ends
 * in a result or in an error of ours that says where, never in a crash, a hang or a flood of memory.
 * A new reader is one entry of READERS.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import {
  loadCheckpoint,
  readSafetensors,
  saveCheckpoint,
  writeSafetensors,
} from '@eddy/core/checkpoint';
import { randomStream, type DatasetSource } from '@eddy/core';
import { readJournal, openRunFolder, openSweepFolder } from '@eddy/core/report';
import { readYamlFile } from '@eddy/core/config';
import { contentOf, writeDataset } from '@eddy/core/data';
import { exampleRun, sharedFolder } from '@eddy/core/testing';
import { writeReferenceFolder } from '@eddy/datasets';
import arc from '@eddy/datasets/arc';
import maze from '@eddy/datasets/maze';
import referenceFolder from '@eddy/datasets/reference-folder';
import sudoku from '@eddy/datasets/sudoku';
import { readTorchFile } from '@eddy/interop';
import { describe, expect, it } from 'vitest';

import { formatArchiveManifest } from '../../packages/cli/src/archive/archive-manifest.ts';
import { unpackArchive } from '../../packages/cli/src/archive/unpack.ts';
import {
  stateDict,
  tensor,
  torchFileOf,
  zipOf,
} from '../../packages/interop/src/testing/crafted-files.ts';
import { mutate } from './mutate.ts';

const CASES = 1500;
/** Of one processor, so that a busy machine is no hang. */
const MAX_CPU_MS = 1000;
const MAX_GROWTH_BYTES = 512 * 1024 * 1024;

interface Reader {
  /** Where the file lies in a folder of its own. */
  readonly file: string;
  readonly valid: () => Buffer | Promise<Buffer>;
  readonly read: (path: string, folder: string) => unknown;
  /** Puts what is damaged into a file that is whole around it. */
  readonly pack?: (bytes: Buffer) => Buffer;
  /** What errors name where it is not the file, because others are read by what it says. */
  readonly named?: string;
  /** Fewer where a case is slow. */
  readonly cases?: number;
}

const folder = sharedFolder();

const lines = (values: readonly unknown[]) =>
  Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

const { signal } = new AbortController();

async function sourceOf(
  plugin: { config: unknown; create: unknown },
  options: object,
): Promise<DatasetSource> {
  const { config, create } = plugin as typeof sudoku;
  const services = { configFolder: folder.path, cacheFolder: folder.path, offline: true };
  return create(config.parse(options), {
    ...services,
    seeds: randomStream(0),
    notify: () => undefined,
  } as never);
}

/** All that a dataset makes of its files. */
async function drain(...plugin: Parameters<typeof sourceOf>): Promise<void> {
  const source = await sourceOf(...plugin);
  for await (const group of source.groups('train', signal)) void group;
}

/** An array of a folder as the reference's builder writes it. */
async function referenceArray(name: string, column: string): Promise<Buffer> {
  const generator = { size: 4, train: 12, test: 1 };
  const source = await sourceOf(sudoku, { source: { generator } });
  const dataset = await writeDataset(join(folder.path, `${name}-arrow`), contentOf(source, signal));
  const target = join(folder.path, name);
  await writeReferenceFolder(dataset, target, signal);
  return readFileSync(join(target, `train/all__${column}.npy`));
}

async function checkpointManifest(name: string): Promise<Buffer> {
  const data = Float32Array.from({ length: 12 }, (_, i) => i);
  const { path } = await saveCheckpoint(join(folder.path, name), {
    step: 3,
    epoch: 1,
    state: { a: { dtype: 'float32', shape: [3, 4], data } },
    metadata: { seed: 0, cursor: { epoch: 1, index: 4 } },
  });
  return readFileSync(join(path, 'manifest.json'));
}

/** A manifest whose sum is right, so that what it says is looked at. */
function signed(manifest: Buffer): Buffer {
  try {
    const { sha256: _old, ...body } = JSON.parse(manifest.toString()) as Record<string, unknown>;
    const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    return Buffer.from(JSON.stringify({ ...body, sha256 }));
  } catch {
    return manifest;
  }
}

const MAZE_ROWS = ['S  #', '## #', '   #', 'G###'];
const MAZE_ANSWER = ['Soo#', '##o#', 'ooo#', 'G###'];

const PICKLE = stateDict({
  x: tensor({ storage: 'FloatStorage', key: '0', numElements: 6, shape: [2, 3], strides: [3, 1] }),
});

const ARCHIVE_MANIFEST = formatArchiveManifest({
  run: { name: 'x', id: '1', startedAt: '2026-01-01T00:00:00Z' },
  versions: { node: '20.19.0' },
  engine: null,
  checkpoints: [],
  data: {},
  storedData: {},
  files: {
    'config.yml': {
      bytes: 8,
      sha256: createHash('sha256').update('name: x\n').digest('hex'),
    },
  },
});

const archiveOfRun = () =>
  zipOf([
    { name: 'archive.json', data: Buffer.from(ARCHIVE_MANIFEST) },
    { name: 'config.yml', data: Buffer.from('name: x\n') },
  ]);

/** Unpacks an archive, and removes what came of it. */
async function unpackOnce(archive: string): Promise<void> {
  await unpackArchive(archive, `${archive}-out`);
  rmSync(`${archive}-out`, { recursive: true });
}

const READERS: Record<string, Reader> = {
  'pipeline file': {
    file: 'x.yml',
    valid: () => readFileSync(resolve(import.meta.dirname, '../../pipelines/sudoku-4x4.yml')),
    read: (path) => readYamlFile(path),
  },
  safetensors: {
    file: 'x.safetensors',
    valid: async () => {
      const path = join(folder.path, 'valid.safetensors');
      const data = Float32Array.from({ length: 12 }, (_, i) => i);
      await writeSafetensors(path, { a: { dtype: 'float32', shape: [3, 4], data } });
      return readFileSync(path);
    },
    read: (path) => readSafetensors(path),
  },
  'manifest of a run': {
    file: 'run/manifest.json',
    valid: () =>
      Buffer.from(
        JSON.stringify({
          format: 'eddy-run/1',
          id: 'x',
          name: 'x',
          startedAt: '2026-01-01T00:00:00Z',
          host: 'h',
          configHash: 'c',
          versions: { node: '20.19.0' },
        }),
      ),
    read: (path) => openRunFolder(dirname(path)),
  },
  'journal of a run': {
    file: 'journal.jsonl',
    valid: () => lines(exampleRun('/x').slice(0, 20)),
    read: async (path) => Promise.resolve().then(() => readJournal(path)),
  },
  'trials of a sweep': {
    file: 'sweep/sweep.json',
    valid: () =>
      Buffer.from(
        JSON.stringify({
          format: 'eddy-sweep/1',
          name: 'x',
          startedAt: '2026-01-01T00:00:00Z',
          trialsHash: 'h',
          objective: { mode: 'max' },
          trials: [{ id: '000', values: { seed: '1' }, overrides: ['seed=1'] }],
        }),
      ),
    read: (path) => openSweepFolder(dirname(path)),
  },
  'PyTorch file': {
    file: 'x.pt',
    valid: () => torchFileOf(PICKLE, { 0: new Uint8Array(24) }),
    read: (path) => readTorchFile(path),
  },
  'pickle in a whole PyTorch file': {
    file: 'y.pt',
    valid: () => PICKLE,
    pack: (pickle) => torchFileOf(pickle, { 0: new Uint8Array(24) }),
    read: (path) => readTorchFile(path),
  },
  'manifest of a checkpoint': {
    file: 'checkpoints/step-00000003/manifest.json',
    valid: () => checkpointManifest('checkpoints'),
    read: (path) => loadCheckpoint(dirname(path)),
  },
  'manifest of a checkpoint with a right sum': {
    file: 'signed/step-00000003/manifest.json',
    valid: () => checkpointManifest('signed'),
    pack: signed,
    named: 'step-00000003',
    read: (path) => loadCheckpoint(dirname(path)),
  },
  'archive of a run': {
    file: 'run.zip',
    valid: archiveOfRun,
    read: (path) => unpackOnce(path),
  },
  'manifest in a whole archive of a run': {
    file: 'signed-run.zip',
    valid: () => Buffer.from(ARCHIVE_MANIFEST),
    pack: (manifest) =>
      zipOf([
        { name: 'archive.json', data: signed(manifest) },
        { name: 'config.yml', data: Buffer.from('name: x\n') },
      ]),
    read: (path) => unpackOnce(path),
  },
  '.npy of tokens': {
    file: 'tokens/train/all__inputs.npy',
    valid: () => referenceArray('tokens', 'inputs'),
    read: () => drain(referenceFolder, { folder: 'tokens' }),
  },
  '.npy of offsets': {
    file: 'offsets/train/all__puzzle_indices.npy',
    valid: () => referenceArray('offsets', 'puzzle_indices'),
    read: () => drain(referenceFolder, { folder: 'offsets' }),
  },
  'CSV of Sudokus': {
    file: 'sudoku.csv',
    valid: () =>
      Buffer.from(
        'source,question,answer,rating\na,1.3...1.2...4.2.,1234341221434321,3\nb,....341221434321,1234341221434321,0\n',
      ),
    read: (path) => drain(sudoku, { source: { csv: { train: path, size: 4 } } }),
  },
  'CSV of mazes': {
    file: 'maze.csv',
    valid: () =>
      Buffer.from(
        `source,question,answer,rating\na,${MAZE_ROWS.join('')},${MAZE_ANSWER.join('')},3\n`,
      ),
    read: (path) => drain(maze, { source: { csv: { train: path, size: 4 } } }),
  },
  'JSON of ARC': {
    file: 'arc/training/task.json',
    valid: () => {
      const pair = {
        input: [
          [1, 2],
          [3, 4],
        ],
        output: [
          [4, 3],
          [2, 1],
        ],
      };
      return Buffer.from(JSON.stringify({ train: [pair, pair], test: [pair] }));
    },
    read: (path) =>
      drain(arc, {
        source: { folders: { training: dirname(path) } },
        subsets: ['training'],
        testSubsets: [],
      }),
  },
};

type Remove = () => unknown;

/** The things that a path may lead to in place of a file. */
const NO_FILES: Record<string, (path: string) => Remove | Promise<Remove>> = {
  'a pipe that nobody writes to': (path) => {
    execFileSync('mkfifo', [path]);
    return () => undefined;
  },
  'a folder': (path) => {
    mkdirSync(path);
    return () => undefined;
  },
  'a device without an end': (path) => {
    symlinkSync('/dev/zero', path);
    return () => undefined;
  },
  'a socket': async (path) => {
    // A socket's own path may have 108 bytes at most.
    const short = join(mkdtempSync(join(tmpdir(), 'eddy-s-')), 's');
    const server = createServer().listen(short);
    await once(server, 'listening');
    symlinkSync(short, path);
    return () => server.close();
  },
};

describe.each(Object.entries(READERS))(
  '%s',
  (name, { file, valid, pack = (bytes) => bytes, named = basename(file), read, cases = CASES }) => {
    it(`stands ${cases} damaged files`, async () => {
      const original = await valid();
      const random = randomStream(2026).stream('fuzz', name);
      const path = join(folder.path, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, pack(original));
      // The reader reads at all: what is refused later is refused for its damage.
      await read(path, folder.path);
      const startBytes = process.memoryUsage().rss;
      const seen = { read: 0, refused: 0 };
      for (let i = 0; i < cases; i++) {
        const damaged = mutate(original, random.stream(i));
        writeFileSync(path, pack(damaged));
        const start = process.cpuUsage();
        try {
          await read(path, folder.path);
          seen.read++;
        } catch (error) {
          const { name: kind, facts } = error as { name?: string; facts?: { at?: string } };
          const shown = `case ${i}: ${JSON.stringify(damaged.toString('latin1')).slice(0, 600)}`;
          if (kind !== 'EddyError') throw new Error(`${shown}: ${String(error)}`, { cause: error });
          expect(facts?.at, shown).toEqual(expect.stringContaining(named));
          seen.refused++;
        }
        const { user, system } = process.cpuUsage(start);
        expect((user + system) / 1000, `case ${i}`).toBeLessThan(MAX_CPU_MS);
      }
      expect(seen.refused).toBeGreaterThan(cases / 10);
      expect(process.memoryUsage().rss - startBytes).toBeLessThan(MAX_GROWTH_BYTES);
    });

    it.each(Object.keys(NO_FILES))(
      'refuses %s at once',
      async (kind) => {
        const path = join(folder.path, file);
        mkdirSync(dirname(path), { recursive: true });
        rmSync(path, { recursive: true, force: true });
        const remove = await NO_FILES[kind]!(path);
        const startBytes = process.memoryUsage().rss;
        try {
          await expect(Promise.resolve(read(path, folder.path))).rejects.toMatchObject({
            name: 'EddyError',
          });
        } finally {
          await remove();
          rmSync(path, { recursive: true, force: true });
        }
        expect(process.memoryUsage().rss - startBytes).toBeLessThan(50 << 20);
      },
      5000,
    );
  },
);
