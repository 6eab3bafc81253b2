/** Data files and what datasets are made of. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { EddyError } from '@eddy/tensor/errors';
import { afterAll, beforeAll, expect } from 'vitest';

import { generatedRows, type Generator } from '../../packages/datasets/src/rows/generated-rows.ts';
import { command, didYouMean, followFixes, inFile, type FixCase } from './fix-case.ts';
import { tiny } from './tiny.ts';

const ROW = '1234341221434321,1234341221434321,3';
const PUZZLES = `question,answer,rating\n1.34341221434321,1234341221434321,3\n12.4341221434321,1234341221434321,1\n`;
const csv = (options: string, more = '') =>
  tiny({ dataset: `  dataset: { use: sudoku, ${more} source: { csv: { size: 4, ${options} } } }` });
const hub = (options: string, more = '') =>
  tiny({ dataset: `  dataset: { use: sudoku, ${more} source: { hub: { ${options} } } }` });
const build = ['run', 'p.yml', '--until', 'build'];
const MAZE = '  dataset: { use: maze, source: { generator: { size: 5, train: 8, test: 2 } } }';

/** A mirror of the hub with one file. */
const CONTENT = `question,answer\n${'53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79'},${'534678912672195348198342567859761423426853791713924856961537284287419635345286179'}\n`;
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
let server: Server;
let mirror: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const isLook = request.headers.range === 'bytes=0-0';
    response.writeHead(isLook ? 206 : 200, {
      ...(isLook ? { 'Content-Range': `bytes 0-0/${CONTENT.length}` } : {}),
      ETag: `"${SHA256}"`,
    });
    response.end(isLook ? CONTENT[0] : CONTENT);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const arcTask = (colour: number, side = 2) => {
  const grid = Array.from({ length: side }, () => Array<number>(side).fill(colour));
  return JSON.stringify({
    train: [{ input: grid, output: grid }],
    test: [{ input: grid, output: [[colour]] }],
  });
};
const ARC =
  '  dataset: { use: arc, canvas: 5, subsets: [a, b], testSubsets: [b], source: { folders: { a: a, b: b } } }';

const cases: FixCase[] = [
  command({
    code: 'DATA_FILE_MISSING',
    when: 'the name of the file is misspelt',
    files: { 'p.yml': csv('train: puzles.csv'), 'puzzles.csv': PUZZLES },
    words: build,
    edits: [didYouMean('puzles.csv')],
  }),
  command({
    code: 'DATA_FILE_MISSING',
    when: 'the file has not been copied to this machine',
    files: { 'p.yml': csv('train: data/puzzles.csv') },
    words: build,
    edits: [
      async (place, fix) => {
        const path = /put the file at ([^,]+),/.exec(fix)![1]!;
        await place.write('data/puzzles.csv', PUZZLES);
        expect(path).toBe(place.at('data/puzzles.csv'));
      },
    ],
  }),
  command({
    code: 'INPUT_NOT_A_FILE',
    when: 'a folder is named in place of a file',
    files: { 'p.yml': csv('train: data'), 'data/puzzles.csv': PUZZLES },
    words: build,
    edits: [
      async (place, fix) => {
        const file = /such as (.+)$/.exec(fix)![1]!;
        await place.edit('p.yml', 'train: data', `train: ${file}`);
      },
    ],
  }),
  command({
    code: 'DATA_NOT_CACHED',
    when: 'data of the hub are wanted offline',
    files: { 'p.yml': hub('') },
    words: ['run', '--offline', 'p.yml', '--until', 'build'],
    environment: { EDDY_OFFLINE: undefined },
    edits: [
      (_place, fix, { words }) => {
        expect(fix).toMatch('run once without --offline');
        const online = words.filter((word) => word !== '--offline');
        return { words: online, environment: { EDDY_OFFLINE: undefined, HF_ENDPOINT: mirror } };
      },
    ],
  }),
  command({
    code: 'DATA_NOT_CACHED',
    when: 'data of the hub are wanted offline, and local files are there',
    files: { 'p.yml': tiny({ dataset: '  dataset: { use: sudoku }' }), 'puzzles.csv': CONTENT },
    words: build,
    edits: [
      (_place, fix, { words }) => {
        const override = /`(build.dataset.source.csv.train)=FILE`/.exec(fix)![1]!;
        return { words: [...words, `++${override}=puzzles.csv`] };
      },
    ],
  }),
  command({
    code: 'DOWNLOAD_FAILED',
    when: 'the hub cannot be reached',
    files: { 'p.yml': hub('') },
    words: build,
    environment: { EDDY_OFFLINE: undefined, HF_ENDPOINT: 'http://127.0.0.1:9' },
    edits: [
      (_place, fix, attempt) => {
        expect(fix).toMatch('`export HF_ENDPOINT=URL`');
        return { ...attempt, environment: { EDDY_OFFLINE: undefined, HF_ENDPOINT: mirror } };
      },
    ],
  }),
  {
    code: 'CHECKSUM_MISMATCH',
    when: 'the file behind the revision has changed since it was pinned',
    follow: (place) =>
      command({
        code: 'CHECKSUM_MISMATCH',
        when: '',
        files: { 'p.yml': hub(`sha256: { train: ${'a'.repeat(64)} }`) },
        words: build,
        environment: { EDDY_OFFLINE: undefined, HF_ENDPOINT: mirror },
      }).follow(place),
  },
  command({
    code: 'HUB_ENDPOINT_INVALID',
    when: 'HF_ENDPOINT is a name without http://',
    files: { 'p.yml': hub('') },
    words: build,
    environment: { EDDY_OFFLINE: undefined, HF_ENDPOINT: 'hf-mirror.example' },
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('`unset HF_ENDPOINT`');
        // The hub itself is out of reach of a test.
        return { words: build, environment: { EDDY_OFFLINE: undefined, HF_ENDPOINT: mirror } };
      },
    ],
  }),
  command({
    code: 'GIT_LFS_POINTER',
    when: 'the repository was cloned without git-lfs',
    files: {
      'p.yml': csv('train: repo/puzzles.csv'),
      'repo/puzzles.csv': 'version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n',
    },
    words: build,
    edits: [
      async (place, fix) => {
        expect(fix).toMatch(`git -C '${place.at('repo')}' lfs pull`);
        await place.write('repo/puzzles.csv', PUZZLES);
      },
    ],
  }),
  command({
    code: 'CSV_HEADER_INVALID',
    when: 'the file is compressed',
    files: { 'p.yml': csv('train: p.csv.gz'), 'p.csv.gz': gzipSync(PUZZLES) },
    words: build,
    edits: [
      async (place, fix) => {
        expect(fix).toMatch(`gunzip '${place.at('p.csv.gz')}'`);
        await place.write('p.csv', PUZZLES);
        await place.edit('p.yml', 'p.csv.gz', 'p.csv');
      },
    ],
  }),
  command({
    code: 'CSV_HEADER_INVALID',
    when: 'the first line is a puzzle',
    files: { 'p.yml': csv('train: p.csv'), 'p.csv': `${ROW}\n` },
    words: build,
    edits: [
      async (place, fix) => {
        const header = /first line: (\S+)/.exec(fix)![1]!;
        await place.write('p.csv', `${header},rating\n${ROW}\n`);
      },
    ],
  }),
  command({
    code: 'CSV_HEADER_INVALID',
    when: 'the file is in UTF-16, as some spreadsheets write it',
    files: { 'p.yml': csv('train: p.csv'), 'p.csv': Buffer.from(`\uFEFF${PUZZLES}`, 'utf16le') },
    words: build,
    edits: [
      async (place, fix) => {
        const [, from, to] = /iconv -f UTF-16 -t UTF-8 -o '([^']+)' '([^']+)'`/.exec(fix)!;
        expect(to).toBe(place.at('p.csv'));
        await place.write('p.csv.csv', PUZZLES);
        await place.edit('p.yml', 'p.csv', from!);
      },
    ],
  }),
  command({
    code: 'CSV_ROW_INVALID',
    when: 'a row was cut short',
    files: { 'p.yml': csv('train: p.csv'), 'p.csv': `${PUZZLES}12,34,1\n` },
    words: build,
  }),
  command({
    code: 'RATING_MISSING',
    when: 'hard puzzles are wanted of a file without ratings',
    files: {
      'p.yml': csv('train: p.csv', 'minDifficulty: 1,'),
      'p.csv': PUZZLES.replaceAll(/,rating|,\d$/gm, ''),
    },
    words: build,
  }),
  command({
    code: 'DATASET_EMPTY',
    when: 'no puzzle is hard enough',
    files: { 'p.yml': csv('train: p.csv', 'minDifficulty: 9,'), 'p.csv': PUZZLES },
    words: build,
  }),
  {
    code: 'GENERATOR_EXHAUSTED',
    when: 'there are not so many such puzzles, neither for training nor for testing',
    follow: exhausted,
  },
  command({
    code: 'NOT_A_SUDOKU',
    when: 'mazes are shuffled like Sudokus',
    files: {
      'p.yml': tiny({
        dataset: MAZE,
        augment: 'augment: { augmentation: { use: sudoku-shuffle, numVersions: 2 } }',
      }),
    },
    words: ['run', 'p.yml', '--until', 'augment'],
    edits: [inFile('dihedral', 'p.yml', 'use: sudoku-shuffle, numVersions: 2', 'use: dihedral')],
  }),
  command({
    code: 'NOT_ARC',
    when: 'Sudokus are shuffled like ARC',
    files: {
      'p.yml': tiny({
        augment: 'augment: { augmentation: { use: arc-transform, numVersions: 2 } }',
      }),
    },
    words: build,
  }),
  command({
    code: 'ARC_TASK_INVALID',
    when: 'a task was cut short',
    files: { 'p.yml': tiny({ dataset: ARC }), 'a/1.json': arcTask(1), 'b/2.json': '{"train": [' },
    words: build,
    edits: [
      async (place, fix) => {
        expect(fix).toMatch('correct the file at this place');
        await place.write('b/2.json', arcTask(2));
      },
    ],
  }),
  command({
    code: 'ARC_TASK_TWICE',
    when: 'a task is in both subsets',
    files: {
      'p.yml': tiny({ dataset: ARC }),
      'a/1.json': arcTask(1),
      'a/2.json': arcTask(2),
      'b/1.json': arcTask(1),
    },
    words: build,
    edits: [
      inFile(
        'take a or b out of build.dataset.subsets',
        'p.yml',
        'subsets: [a, b]',
        'subsets: [b]',
      ),
    ],
  }),
  command({
    code: 'NO_TASK_FITS',
    when: 'the canvas is smaller than every task',
    files: {
      'p.yml': tiny({ dataset: ARC }),
      'a/1.json': arcTask(1, 9),
      'b/2.json': arcTask(2, 7),
    },
    words: build,
  }),
  command({
    code: 'COMBINED_DATASETS_DIFFER',
    when: 'Sudokus of two sizes are combined',
    files: {
      'p.yml': tiny({
        dataset: `  dataset:
    use: combined
    datasets:
      - { use: sudoku, source: { generator: { size: 4, train: 4, test: 2 } } }
      - { use: sudoku, seed: 1, source: { generator: { size: 6, train: 4, test: 2 } } }`,
      }),
    },
    words: build,
    edits: [
      inFile('the same vocabulary, length and grid', 'p.yml', 'size: 6', 'size: 4'),
      inFile('write test-sudoku', 'p.yml', 'evaluate: {', 'evaluate: { split: test-sudoku,'),
    ],
    then: 'CONFIG_INVALID',
  }),
  command({
    code: 'VALIDATION_EMPTY',
    when: 'a part is held out of a single puzzle',
    files: {
      'p.yml': tiny({
        build: 'build:\n  validation: 0.5',
        dataset:
          '  dataset: { use: sudoku, source: { generator: { size: 4, train: 1, test: 4 } } }',
        size: '  globalBatchSize: 1',
      }),
    },
    words: build,
  }),
  command({
    code: 'LEAKAGE_FOUND',
    when: 'the test file has a training puzzle',
    files: {
      'p.yml': csv('train: p.csv, test: t.csv').replace(
        'build:',
        'build:\n  leakage: { action: fail }',
      ),
      'p.csv': `${PUZZLES}1.34341.2143.321,1234341221434321,3\n`,
      't.csv': PUZZLES,
    },
    words: build,
  }),
  command({
    code: 'EXPORT_TARGET_EXISTS',
    when: 'a dataset was exported to the folder before',
    files: { 'p.yml': tiny(), 'out/x': '' },
    words: ['export-dataset', 'p.yml', '--output', 'out'],
  }),
  command({
    code: 'DATASET_DAMAGED',
    when: 'a file of the built dataset was cut short',
    files: { 'p.yml': tiny() },
    before: async (place) => {
      await place.pipeline(build);
      const names = await readdir(place.at('cache'), { recursive: true });
      const file = names.find((name) => name.endsWith('train.arrow'))!;
      await place.write(`cache/${file}`, 'x');
    },
    words: ['export-dataset', 'p.yml', '-o', 'out'],
  }),
];

/** Numbers below 40, which the symmetries divide between training and testing. */
async function exhausted(): Promise<void> {
  const generator: Generator<number> = {
    task: 'numbers',
    version: '1',
    draw: (random) => random.integer(40),
    text: String,
    symmetryClass: String,
  };
  const wanted = { train: 100, test: 100 };
  const found: string[] = [];
  for (let tries = 0; tries < 3; tries++) {
    const error = await rowsOf(generator, wanted).then(
      () => undefined,
      ({ facts }: EddyError) => facts,
    );
    if (error === undefined) break;
    expect(error.code).toBe('GENERATOR_EXHAUSTED');
    const [, split, count] = /`build\.dataset\.source\.generator\.(\w+)=(\d+)`/.exec(error.fix)!;
    wanted[split as 'train' | 'test'] = Number(count);
    found.push(split!);
  }
  expect(found).toEqual(['train', 'test']);
  expect(wanted.train + wanted.test).toBe(40);
}

async function rowsOf(
  generator: Generator<number>,
  wanted: { readonly train: number; readonly test: number },
): Promise<void> {
  const source = generatedRows(generator, wanted, 0, { notify: () => undefined });
  for (const split of source.splits)
    for await (const _ of source.rows(split, new AbortController().signal));
}

followFixes('data', cases);
