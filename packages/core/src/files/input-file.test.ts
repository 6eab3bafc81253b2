import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { openInputFile, readInputFile, readInputSync, readInputTextSync } from './input-file.ts';

const folder = freshFolder();
const LIMIT = { what: 'a test', maxBytes: 3 << 20 };

const READERS: Record<string, (path: string) => unknown> = {
  openInputFile: (path) => openInputFile(path, LIMIT),
  readInputFile: (path) => readInputFile(path, LIMIT),
  readInputSync: (path) => readInputSync(path, LIMIT),
};

describe.each(Object.entries(READERS))('%s', (_, read) => {
  const refused = async (path: string, expected: object) => {
    const start = performance.now();
    await expect(Promise.resolve().then(() => read(path))).rejects.toMatchObject(expected);
    expect(performance.now() - start).toBeLessThan(1000);
  };

  it('refuses what is no regular file', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const device = join(folder.path, 'device');
    symlinkSync('/dev/zero', device);
    for (const [path, received] of [
      [pipe, 'a pipe'],
      [folder.path, 'a folder'],
      ['/dev/zero', 'a device'],
      [device, 'a device'],
    ] as const) {
      await refused(path, { code: 'INPUT_NOT_A_FILE', facts: { at: path, received } });
    }
  });

  it('refuses a file that is too large, without reading it', async () => {
    const path = join(folder.path, 'large');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 40);
    await refused(path, {
      code: 'INPUT_TOO_LARGE',
      message: expect.stringContaining('larger than a test may be') as string,
      facts: { at: path, expected: `at most ${3 << 20} bytes` },
    });
  });

  it('leaves to its caller what is not there', async () => {
    await refused(join(folder.path, 'none'), { code: 'ENOENT' });
  });
});

it('reads files of several pieces, and files of the system, whose size is 0', async () => {
  const path = join(folder.path, 'x');
  const content = Buffer.alloc((2 << 20) + 12, 'abcdefg');
  writeFileSync(path, content);
  expect((await readInputFile(path, LIMIT)).equals(content)).toBe(true);
  expect(readInputSync(path).equals(content)).toBe(true);
  expect(readInputTextSync('/proc/self/status', LIMIT)).toContain('State:');
});
