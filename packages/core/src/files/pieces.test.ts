import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { sha256OfFile } from './digest.ts';
import { piecesOf, readFully } from './pieces.ts';

const folder = freshFolder();
const CONTENT = Uint8Array.from({ length: 100 }, (_, i) => i);

let path: string;
let file: FileHandle;

beforeEach(async () => {
  path = join(folder.path, 'file');
  await writeFile(path, CONTENT);
  file = await open(path, 'r');
});
afterEach(() => file.close());

describe('readFully', () => {
  it.each([1, 7, 10, 99, 100, 1000])('reads in pieces of %i bytes', async (pieceBytes) => {
    const asked: number[] = [];
    const watched = {
      read: (bytes: Uint8Array, offset: number, length: number, position: number) => {
        asked.push(length);
        return file.read(bytes, offset, length, position);
      },
    };
    const bytes = new Uint8Array(60);
    expect(await readFully(watched as typeof file, bytes, 20, pieceBytes)).toBe(60);
    expect(bytes).toEqual(CONTENT.subarray(20, 80));
    expect(asked).toHaveLength(Math.ceil(60 / pieceBytes));
    expect(Math.max(...asked)).toBe(Math.min(60, pieceBytes));
  });

  it('says how much there was where the file ends before', async () => {
    const bytes = new Uint8Array(60);
    expect(await readFully(file, bytes, 90, 7)).toBe(10);
    expect(bytes.subarray(0, 10)).toEqual(CONTENT.subarray(90));
    expect(await readFully(file, bytes, 100)).toBe(0);
  });

  it('goes on where the system gave less than was asked for', async () => {
    const sparing = {
      read: (bytes: Uint8Array, offset: number, length: number, position: number) =>
        file.read(bytes, offset, Math.min(length, 3), position),
    };
    const bytes = new Uint8Array(100);
    expect(await readFully(sparing as typeof file, bytes, 0)).toBe(100);
    expect(bytes).toEqual(CONTENT);
  });
});

it('piecesOf covers an array once', () => {
  const pieces = (size: number) => [...piecesOf(CONTENT, size)].map(({ length }) => length);
  expect(pieces(30)).toEqual([30, 30, 30, 10]);
  expect(pieces(50)).toEqual([50, 50]);
  expect(pieces(1000)).toEqual([100]);
  expect(Buffer.concat([...piecesOf(CONTENT, 7)])).toEqual(Buffer.from(CONTENT));
  expect([...piecesOf(new Uint8Array())]).toEqual([]);
});

it('sha256OfFile takes a path or an open file, which it leaves open', async () => {
  // sha256sum of the bytes 0 to 99
  const expected = 'bce0aff19cf5aa6a7469a30d61d04e4376e4bbf6381052ee9e7f33925c954d52';
  expect(await sha256OfFile(path)).toBe(expected);
  expect(await sha256OfFile(file)).toBe(expected);
  expect(await sha256OfFile(file)).toBe(expected);
});
