/**
 * Damaged .npy and Arrow files and CSV, beside numpy, pyarrow and Python's csv: what we accept they accept, with the same
 * values, and no claim of a file costs memory. `EDDY_PYTHON` names a Python that has them.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomStream, type DatasetSource } from '@eddy/core';
import { contentOf, writeDataset } from '@eddy/core/data';
import { sharedFolder } from '@eddy/core/testing';
import sudoku from '@eddy/datasets/sudoku';
import { formatSudoku, sudokuGridOf } from '@eddy/puzzles';
import { beforeEach, describe, expect, it } from 'vitest';

import { npyIntegers, openNpy } from '../../packages/datasets/src/npy/read-npy.ts';
import { readSplit } from '../../packages/core/src/data/arrow-reader.ts';
import { count } from '../counts.ts';
import { mutate } from './mutate.ts';
import { packed, skipWithout, verdictsOf } from './python-oracle.ts';

const CASES = count(500, 10_000);
/** Files of a kilobyte: four times their size is nothing beside what V8 keeps before it collects. */
const MAX_GROWTH_BYTES = 64 << 20;

const folder = sharedFolder();
const { signal } = new AbortController();
let startBytes = 0;
beforeEach(() => void (startBytes = process.memoryUsage().rss));

function theirs<T>(script: string, files: readonly Uint8Array[], ...args: string[]): T[] {
  const path = join(folder.path, 'packed');
  writeFileSync(path, packed(files));
  const verdicts = verdictsOf<T[]>(script, [path, ...args]);
  expect(verdicts).toHaveLength(files.length);
  return verdicts;
}

const services = () => ({
  configFolder: folder.path,
  cacheFolder: folder.path,
  offline: true,
  notify: () => undefined,
});

/** What a reader makes of a file; null where it refuses it with one of these codes. */
async function orRefused<T>(read: () => Promise<T>, ...codes: string[]): Promise<T | null> {
  return read().catch((error: unknown) => {
    if (codes.includes((error as { code: string }).code)) return null;
    throw error;
  });
}

function npy(descr: string, shape: string, data: Uint8Array, version = 1): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const room = version === 1 ? 10 : 12;
  const length = Math.ceil((room + text.length + 1) / 64) * 64 - room;
  const header = Buffer.alloc(room);
  header.write('\x93NUMPY', 'latin1');
  header[6] = version;
  if (version === 1) header.writeUInt16LE(length, 8);
  else header.writeUInt32LE(length, 8);
  return Buffer.concat([header, Buffer.from(`${text.padEnd(length - 1)}\n`), data]);
}

const bytes = (values: ArrayLike<number> & { buffer: ArrayBufferLike }) =>
  new Uint8Array(values.buffer);
const sixInts = bytes(Int32Array.of(1, -2, 3, 40_000, 5, 6));
const NPY_FILES: Record<string, Buffer> = {
  'a vector of int32': npy('<i4', '(6,)', sixInts),
  'a vector of int64': npy('<i8', '(3,)', bytes(BigInt64Array.of(1n, -2n, 3n) as never)),
  'a vector of uint8, version 2': npy('|u1', '(4,)', Uint8Array.of(1, 2, 3, 4), 2),
  'an empty vector': npy('<i4', '(0,)', new Uint8Array()),
  'a shape without its comma': npy('<i4', '(6)', sixInts),
  'a shape with two commas': npy('<i4', '(6,,)', sixInts),
  'a shape with a leading zero': npy('<i4', '(06,)', sixInts),
  'a shape of one axis and a claim': npy('<i4', '(999999999999,)', sixInts),
  'a shape that overflows': npy('<i4', '(4294967296, 4294967296)', sixInts),
  'a key twice': npy("<i4', 'descr': '<i8", '(6,)', sixInts),
  'a key too many': npy("<i4', 'more': '1", '(6,)', sixInts),
  objects: npy('|O', '(1,)', Uint8Array.of(0x80, 2, 0x2e)),
  'an unfinished dict': npy("<i4', 'x", '(6,)', sixInts),
  'text after the dict': npy('<i4', '(6,), } + {', sixInts),
};

describe('.npy', () => {
  it(`agrees with numpy on ${CASES} damaged files`, async ({ skip }) => {
    skipWithout(skip, ['numpy']);
    const random = randomStream(19).stream('npy');
    const whole = Object.values(NPY_FILES).slice(0, 3);
    const files = [
      ...Object.values(NPY_FILES),
      ...Array.from({ length: CASES }, (_, i) => mutate(whole[i % 3]!, random.stream(i))),
    ];
    const verdicts = theirs<{ shape?: number[]; values?: string[]; other?: true } | null>(
      'npy_verdicts.py',
      files,
    );
    const path = join(folder.path, 'x.npy');
    const seen = { both: 0, neither: 0, onlyTheirs: 0 };
    for (const [i, file] of files.entries()) {
      writeFileSync(path, file);
      const our = await orRefused(async () => {
        const opened = await openNpy(path);
        return {
          shape: opened.shape,
          values: [...(await npyIntegers(opened, signal))].map(String),
        };
      }, 'NPY_INVALID');
      const shown = `${i}: ${JSON.stringify(file.toString('latin1').slice(0, 200))}`;
      const their = verdicts[i]!;
      if (our !== null) {
        expect({ shape: their?.shape, values: their?.values }, shown).toEqual(our);
        seen.both++;
      } else if (their === null) seen.neither++;
      // Types and sizes that no folder of the reference has, and bytes after the last value.
      else seen.onlyTheirs++;
    }
    console.log(`npy: ${JSON.stringify(seen)}`);
    expect(seen.both).toBeGreaterThan(CASES / 100);
    expect(process.memoryUsage().rss - startBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

const stored = async (name: string) => {
  const config = sudoku.config.parse({ source: { generator: { size: 4, train: 8, test: 1 } } });
  const source = sudoku.create(config, services()) as DatasetSource;
  const { folder: place, metadata } = await writeDataset(join(folder.path, name), contentOf(source, signal)); // prettier-ignore
  const path = join(place, 'train.arrow');
  const valid = readFileSync(path);
  const sha256 = createHash('sha256').update(valid).digest('hex');
  const promised = { split: 'train', metadata, sizes: metadata.splits['train']!, sha256 };
  return { path, valid, promised };
};

describe('Arrow', () => {
  it('has the values that pyarrow reads', async ({ skip }) => {
    skipWithout(skip, ['pyarrow']);
    const { path, valid, promised } = await stored('whole');
    const [their] = theirs<Record<string, unknown>>('arrow_verdicts.py', [valid]);
    const split = await readSplit(path, promised);
    const rows = (tokens: Uint8Array) =>
      Array.from({ length: tokens.length / 16 }, (_, row) =>
        Buffer.from(tokens.subarray(16 * row, 16 * row + 16)).toString('hex'),
      );
    expect(rows(split.inputs)).toEqual(their!['input']);
    expect(rows(split.labels)).toEqual(their!['label']);
    expect([...split.puzzleIdentifiers]).toEqual(their!['identifier']);
  });

  it(`refuses ${CASES} damaged files by the sum in dataset.json`, async () => {
    const { path, valid, promised } = await stored('damaged');
    const random = randomStream(19).stream('arrow');
    for (let i = 0; i < CASES; i++) {
      const damaged = mutate(valid, random.stream(i));
      if (damaged.equals(valid)) continue;
      writeFileSync(path, damaged);
      expect(
        await orRefused(() => readSplit(path, promised), 'DATASET_DAMAGED'),
        `${i}`,
      ).toBeNull();
    }
    expect(process.memoryUsage().rss - startBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

describe('Arrow with a right sum', () => {
  it(`ends for ${CASES} damaged files, whose sum an attacker has written, too`, async () => {
    const { path, valid, promised } = await stored('attacked');
    const random = randomStream(19).stream('arrow');
    const seen = { read: 0, refused: 0 };
    for (let i = 0; i < CASES; i++) {
      const damaged = mutate(valid, random.stream(i));
      writeFileSync(path, damaged);
      const sha256 = createHash('sha256').update(damaged).digest('hex');
      const split = await orRefused(
        () => readSplit(path, { ...promised, sha256 }),
        'DATASET_DAMAGED',
      );
      seen[split === null ? 'refused' : 'read']++;
    }
    console.log(`arrow: ${JSON.stringify(seen)}`);
    expect(seen.refused).toBeGreaterThan(CASES / 2);
    expect(process.memoryUsage().rss - startBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

describe('CSV', () => {
  const ROWS =
    'source,question,answer,rating\na,1.3...1.2...4.2.,1234341221434321,3\n"b",....341221434321,1234341221434321,0\n';

  it(`agrees with Python's csv on ${CASES} damaged files`, async ({ skip }) => {
    skipWithout(skip, ['csv']);
    const random = randomStream(19).stream('csv');
    const files = Array.from({ length: CASES }, (_, i) =>
      mutate(Buffer.from(ROWS), random.stream(i)),
    );
    const verdicts = theirs<[string, string][] | null>('csv_verdicts.py', files);
    const path = join(folder.path, 'x.csv');
    const config = sudoku.config.parse({ source: { csv: { train: path, size: 4 } } });
    const shown = (tokens: Uint8Array) => formatSudoku(sudokuGridOf(tokens)).replaceAll(/\s/g, '');
    const seen = { both: 0, refused: 0, onlyOurs: 0 };
    for (const [i, file] of files.entries()) {
      writeFileSync(path, file);
      const rows = await orRefused(
        async () => {
          const read: [string, string][] = [];
          const source = sudoku.create(config, services()) as DatasetSource;
          for await (const group of source.groups('train', signal)) {
            for (const { examples } of group.puzzles) {
              read.push(
                ...examples.map(({ input, label }): [string, string] => [
                  shown(input),
                  shown(label),
                ]),
              );
            }
          }
          return read;
        },
        'CSV_ROW_INVALID',
        'CSV_HEADER_INVALID',
        'DATASET_EMPTY',
      );
      if (rows === null) {
        seen.refused++;
        continue;
      }
      // Python's reader takes only what is UTF-8, commas and named as the columns are here.
      if (verdicts[i] === null) seen.onlyOurs++;
      else {
        expect(rows, JSON.stringify(file.toString('latin1'))).toEqual(verdicts[i]);
        seen.both++;
      }
    }
    console.log(`csv: ${JSON.stringify(seen)}`);
    expect(seen.both).toBeGreaterThan(CASES / 50);
    expect(process.memoryUsage().rss - startBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it.each([
    ['a Parquet file', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(64), Buffer.from('PAR1')])],
    ['an .npz file', Buffer.from('PK\x03\x04\x14\0\0\0inputs.npy')],
    ['an Arrow file', Buffer.from('ARROW1\0\0')],
  ])('is not read from %s', async (_, content) => {
    const path = join(folder.path, 'other.csv');
    writeFileSync(path, content);
    const config = sudoku.config.parse({ source: { csv: { train: path, size: 4 } } });
    const source = sudoku.create(config, services()) as DatasetSource;
    await expect(
      source.groups('train', signal)[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      code: 'CSV_HEADER_INVALID',
      facts: { at: `${path}:1` },
    });
  });
});
