import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { EddyError } from '@eddy/tensor/errors';
import yauzl from 'yauzl';

import { lastLines, runChild } from './child.ts';
import { wheelUnsafe } from './errors.ts';

const MAX_TOTAL_BYTES = 2 ** 31;
const SYMBOLIC_LINK = 0o120000;
const FILE_TYPE_MASK = 0o170000;

/**
 * Unpacks a wheel's files, or those whose names match `keep`, into a folder.
 *
 * @throws WHEEL_UNSAFE for names that leave the folder, links, archives larger than 2 GiB, and
 *   whatever else yauzl refuses.
 */
export async function unpackWheel(wheel: string, folder: string, keep = /^/): Promise<void> {
  const open = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);
  const zip = await open(wheel, { lazyEntries: true, autoClose: false });
  const openStream = promisify(zip.openReadStream.bind(zip)) as (
    entry: yauzl.Entry,
  ) => Promise<NodeJS.ReadableStream>;
  let total = 0;
  try {
    for await (const entry of entriesOf(zip)) {
      const refuse = (reason: string) =>
        wheelUnsafe({ file: wheel, entry: entry.fileName, reason });
      if (entry.fileName.endsWith('/')) continue;
      if (((entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK) === SYMBOLIC_LINK) {
        throw refuse('a symbolic link');
      }
      if (!keep.test(entry.fileName)) continue;
      total += entry.uncompressedSize;
      if (total > MAX_TOTAL_BYTES) throw refuse('more than 2 GiB unpacked');
      const target = join(folder, entry.fileName);
      await mkdir(dirname(target), { recursive: true });
      const mode = isExecutable(entry) ? 0o755 : 0o644;
      await pipeline(await openStream(entry), createWriteStream(target, { flags: 'wx', mode }));
    }
  } catch (error) {
    if (error instanceof EddyError || isSystemError(error)) throw error;
    // yauzl checks names (absolute, `..`, backslashes) and sizes before we see an entry.
    throw wheelUnsafe({ file: wheel, entry: 'archive', reason: String(error) });
  } finally {
    zip.close();
  }
}

function isExecutable({ externalFileAttributes }: yauzl.Entry): boolean {
  return ((externalFileAttributes >>> 16) & 0o111) !== 0;
}

/**
 * Unpacks a package of npm with the system's tar. Its checksum is pinned, so that what it holds is known.
 *
 * @throws WHEEL_UNSAFE with tar's words.
 */
export async function unpackTarball(tarball: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const result = await runChild('tar', ['-xzf', tarball, '-C', folder]);
  if (result?.code === 0) return;
  const reason = result === null ? 'tar was not found' : lastLines(result.output);
  throw wheelUnsafe({ file: tarball, entry: 'archive', reason });
}

/** A full disk says nothing about the wheel. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | null>((resolve, reject) => {
      const settle = (result: yauzl.Entry | null) => {
        zip.removeListener('error', reject);
        zip.removeListener('entry', settle);
        zip.removeListener('end', ended);
        resolve(result);
      };
      const ended = () => {
        settle(null);
      };
      zip.once('entry', settle);
      zip.once('end', ended);
      zip.once('error', reject);
      zip.readEntry();
    });
    if (entry === null) return;
    yield entry;
  }
}
