/** Every reader of a file that somebody else may have written, with a valid file of its kind. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

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

import { formatArchiveManifest } from '../../packages/cli/src/archive/archive-manifest.ts';
import { unpackArchive } from '../../packages/cli/src/archive/unpack.ts';
import {
  stateDict,
  tensor,
  torchFileOf,
  zipOf,
} from '../../packages/interop/src/testing/crafted-files.ts';

export interface Reader {
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

/** Where the files of the readers lie. Called by each test file that uses them, before its own hooks. */
export const folder = sharedFolder();

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

export const READERS: Record<string, Reader> = {
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
