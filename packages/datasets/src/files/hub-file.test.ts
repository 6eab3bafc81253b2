import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DatasetSource } from '@eddy/core';
import maze from '../maze/maze.plugin.ts';
import sudoku from '../sudoku/sudoku.plugin.ts';
import { hubFile } from './hub-file.ts';

const ROW =
  'made,53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79,534678912672195348198342567859761423426853791713924856961537284287419635345286179,0';
const CSV = `source,question,answer,rating\n${ROW}\n`;
const sha256 = createHash('sha256').update(CSV).digest('hex');

let folder: string;
let server: Server;
let hubUrl: string;
let requests: string[];
let content: string;
let etag: string;
/** Bytes that the server sends before it hangs up, or before it sends nothing more. */
let cutAt: number;
let hangs: boolean;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'eddy-hub-'));
  [requests, content, etag, cutAt] = [[], CSV, `"${sha256}"`, Number.POSITIVE_INFINITY];
  hangs = false;
  // As the hub answers: a one-byte range for size and ETag, then the file.
  server = createServer((request, response) => {
    requests.push(request.url!);
    if (!/^\/datasets\/sapientinc\/[\w-]+\/resolve\/(main|v1)\/\w+\.csv$/.test(request.url!)) {
      response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
    } else if (request.headers.range === 'bytes=0-0') {
      const range = `bytes 0-0/${content.length}`;
      response.writeHead(206, { 'Content-Range': range, ETag: etag }).end(content[0]);
    } else if (cutAt < content.length) {
      response.writeHead(200, { 'Content-Length': content.length });
      response.write(content.slice(0, cutAt), () => hangs || response.destroy());
    } else {
      response.writeHead(200, { ETag: etag }).end(content);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const said: string[] = [];
const services = (offline = false) => ({
  cacheFolder: folder,
  offline,
  notify: (_: string, text: string) => void said.push(text),
});
const wanted = (rest: object = {}) => ({
  repo: 'sapientinc/sudoku-extreme',
  revision: 'main',
  file: 'train.csv',
  hubUrl,
  ...rest,
});
const cachedFiles = () =>
  readdir(path.join(folder, 'hub/sapientinc/sudoku-extreme/main')).catch(() => []);

describe('hubFile', () => {
  it('downloads once, says what and how big, and then works offline', async () => {
    const file = await hubFile(wanted(), services());
    expect(await readFile(file, 'utf8')).toBe(CSV);
    expect(said.at(-1)).toMatch(
      /^downloading sapientinc\/sudoku-extreme@main train.csv from http:\S+, 0.0 MB, to/,
    );
    const { length } = requests;
    expect(await hubFile(wanted({ sha256 }), services(true))).toBe(file);
    expect(requests).toHaveLength(length);
    expect(await cachedFiles()).toEqual(['train.csv']);
  });

  it('keeps revisions apart', async () => {
    await hubFile(wanted(), services());
    await expect(hubFile(wanted({ revision: 'v1' }), services(true))).rejects.toMatchObject({
      code: 'DATA_NOT_CACHED',
    });
  });

  it('asks nobody when offline', async () => {
    await expect(hubFile(wanted(), services(true))).rejects.toMatchObject({
      code: 'DATA_NOT_CACHED',
    });
    expect(requests).toEqual([]);
  });

  it('keeps no file with another checksum than the pinned or the stated one', async () => {
    const other = 'f'.repeat(64);
    await expect(hubFile(wanted({ sha256: other }), services())).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      facts: { expected: `sha256 ${other}`, received: `sha256 ${sha256}` },
    });
    etag = `"${other}"`;
    await expect(hubFile(wanted(), services())).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
    });
    expect(await cachedFiles()).toEqual([]);
  });

  it('keeps no partial file', async () => {
    cutAt = 30;
    await expect(hubFile(wanted(), services())).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(await cachedFiles()).toEqual([]);
  });

  it('ends at once when it is told to, and keeps no partial file', async () => {
    [cutAt, hangs] = [30, true];
    const stop = new AbortController();
    const reason = new Error('stopped');
    const told = services();
    const notify = (level: 'info' | 'warning', text: string) => {
      told.notify(level, text);
      setTimeout(() => stop.abort(reason), 100);
    };
    await expect(hubFile(wanted(), { ...told, notify }, stop.signal)).rejects.toBe(reason);
    expect(await cachedFiles()).toEqual([]);
    await expect(hubFile(wanted(), services(), stop.signal)).rejects.toBe(reason);
  });

  it('says when the file or the hub is not there', async () => {
    await expect(hubFile(wanted({ file: 'none.txt' }), services())).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      facts: { received: 'the repository has no such file at this revision' },
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(hubFile(wanted(), services())).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      facts: { received: expect.stringContaining('ECONNREFUSED') },
    });
    server.listen(0);
  });
});

it('builds maze from the hub, leading spaces and all', async () => {
  content = 'source,question,answer,rating\nmade,  S # G  ,  S #oGoo,5\n';
  etag = `"${createHash('sha256').update(content).digest('hex')}"`;
  const config = maze.config.parse({ source: { hub: { hubUrl, size: 3 } } });
  const source = maze.create(config, { ...services(), configFolder: folder }) as DatasetSource;
  const groups = source.groups('train', new AbortController().signal);
  const { value } = await groups[Symbol.asyncIterator]().next();
  const { input, label, rating } = value.puzzles[0].examples[0];
  expect([...input]).toEqual([2, 2, 3, 2, 1, 2, 4, 2, 2]);
  expect([...label]).toEqual([2, 2, 3, 2, 1, 5, 4, 5, 5]);
  expect(rating).toBe(5);
  expect(requests[0]).toBe('/datasets/sapientinc/maze-30x30-hard-1k/resolve/main/train.csv');
});

it('builds sudoku from the hub', async () => {
  const config = sudoku.config.parse({ source: { hub: { hubUrl, sha256: { train: sha256 } } } });
  const source = sudoku.create(config, { ...services(), configFolder: folder }) as DatasetSource;
  expect(source.splits).toEqual(['train', 'test']);
  expect(await source.fingerprint()).toBe(`${sha256} ${sha256}`);
  expect(requests.some((url) => url.includes('train'))).toBe(false); // its checksum is pinned
  await source.groups('train', new AbortController().signal)[Symbol.asyncIterator]().next();
  const groups = source.groups('test', new AbortController().signal);
  const { value } = await groups[Symbol.asyncIterator]().next();
  expect([...value.puzzles[0].examples[0].input.subarray(0, 9)]).toEqual([
    6, 4, 1, 1, 8, 1, 1, 1, 1,
  ]);
  expect(new Set(requests)).toEqual(
    new Set(
      ['train', 'test'].map(
        (split) => `/datasets/sapientinc/sudoku-extreme/resolve/main/${split}.csv`,
      ),
    ),
  );
});
