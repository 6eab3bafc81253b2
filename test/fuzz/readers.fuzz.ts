/**
 * Every reader of a file that somebody else may have written, on thousands of damaged files: each case ends
 * in a result or in an error of ours that says where, never in a crash, a hang or a flood of memory.
 * A new reader is one entry of READERS in `readers.ts`.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { randomStream } from '@eddy/core';
import { describe, expect, it } from 'vitest';

import { mutate } from './mutate.ts';
import { folder, READERS } from './readers.ts';

const CASES = 1500;
/** Of one processor, so that a busy machine is no hang. */
const MAX_CPU_MS = 1000;
const MAX_GROWTH_BYTES = 512 * 1024 * 1024;

type Remove = () => unknown;

/** What a path may lead to in place of a file. */
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
