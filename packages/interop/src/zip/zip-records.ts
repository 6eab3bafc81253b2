/**
 * The records of a zip archive of which nothing is believed: names are checked, every entry is stored
 * without compression (so nothing can expand), entries neither overlap nor share a name, and what the
 * central directory says of an entry is what stands before its data.
 */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

import { piecesOf, readFully } from '@eddy/core/files';
import yauzl from 'yauzl';

export class ArchiveRefused extends Error {
  readonly entry: string;
  readonly expected: string;
  readonly received: string;

  constructor(entry: string, message: string, expected: string, received: string) {
    super(message);
    this.entry = entry;
    this.expected = expected;
    this.received = received;
  }
}

export interface ZipRecord {
  readonly name: string;
  readonly bytes: number;
  /** Of its data, from the start of the file. */
  readonly offset: number;
  readonly crc32: number;
}

const MAX_RECORDS = 100_000;
const PIECE_BYTES = 1 << 20;
const STORED = 0;
/** Of a Unix mode, in the upper half of an entry's attributes. */
const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/** What `@types/yauzl` of version 2 does not know of version 3. */
interface LocalFileHeader {
  readonly fileDataStart: number;
  readonly compressionMethod: number;
  readonly fileName: Uint8Array;
}
interface ZipFile extends yauzl.ZipFile {
  readLocalFileHeader(
    entry: yauzl.Entry,
    callback: (error: Error | null, header: LocalFileHeader) => void,
  ): void;
}
type Entry = yauzl.Entry & { readonly fileNameRaw: Uint8Array };

/** Reads the directory of an archive. @throws ArchiveRefused */
export async function openZipRecords(file: FileHandle): Promise<ReadonlyMap<string, ZipRecord>> {
  const fromFd = promisify<number, yauzl.Options, yauzl.ZipFile>(yauzl.fromFd);
  try {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
    const zip = (await fromFd(file.fd, options)) as ZipFile;
    const records = new Map<string, ZipRecord>();
    const extents: { name: string; begin: number; end: number }[] = [];
    if (zip.entryCount > MAX_RECORDS) {
      const received = `${zip.entryCount}`;
      throw new ArchiveRefused('archive', 'too many records', `at most ${MAX_RECORDS}`, received);
    }
    for (const entry of await entriesOf(zip)) {
      const record = await readRecord(zip, entry);
      if (records.has(record.name)) {
        throw new ArchiveRefused(record.name, 'a name twice', 'each name once', 'a second entry');
      }
      records.set(record.name, record);
      const { relativeOffsetOfLocalHeader: begin } = entry;
      extents.push({ name: record.name, begin, end: record.offset + record.bytes });
    }
    requireApart(extents);
    return records;
  } catch (error) {
    if (error instanceof ArchiveRefused || isSystemError(error)) throw error;
    // yauzl checks names (absolute, `..`, backslashes), sizes and signatures before we see an entry.
    throw new ArchiveRefused('archive', (error as Error).message, 'a zip archive', 'another file');
  }
}

/** @throws ArchiveRefused when its bytes are not those that were written */
export async function readZipRecord(
  file: FileHandle,
  record: ZipRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(record.bytes);
  const filled = await readFully(file, bytes, record.offset);
  if (filled < bytes.length) {
    throw new ArchiveRefused(record.name, 'cut short', `${bytes.length} bytes`, `${filled}`);
  }
  let sum = 0;
  for (const piece of piecesOf(bytes)) sum = crc32(piece, sum);
  requireSum(record, sum);
  return bytes;
}

/**
 * Reads an entry piece by piece, for what is too large for memory.
 *
 * @throws ArchiveRefused, after the last piece, when the bytes are not those that were written
 */
export async function* piecesOfZipRecord(
  file: FileHandle,
  record: ZipRecord,
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for (let done = 0; done < record.bytes;) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, record.bytes - done));
    const filled = await readFully(file, piece, record.offset + done);
    if (filled < piece.length) {
      const received = `${done + filled}`;
      throw new ArchiveRefused(record.name, 'cut short', `${record.bytes} bytes`, received);
    }
    sum = crc32(piece, sum);
    done += piece.length;
    yield piece;
  }
  requireSum(record, sum);
}

function requireSum(record: ZipRecord, sum: number): void {
  if (sum === record.crc32) return;
  const hex = (value: number) => `crc32 ${value.toString(16).padStart(8, '0')}`;
  throw new ArchiveRefused(record.name, 'damaged', hex(record.crc32), hex(sum));
}

async function readRecord(zip: ZipFile, entry: Entry): Promise<ZipRecord> {
  const name = entry.fileName;
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  const header = await new Promise<LocalFileHeader>((resolve, reject) => {
    zip.readLocalFileHeader(entry, (error, found) => {
      if (error === null || error === undefined) resolve(found);
      else reject(error);
    });
  });
  if (compressionMethod !== STORED || header.compressionMethod !== STORED) {
    throw new ArchiveRefused(name, 'compressed', 'stored, as torch.save does', 'another method');
  }
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === SYMBOLIC_LINK) {
    throw new ArchiveRefused(name, 'a symbolic link', 'a file', 'a link');
  }
  if (entry.isEncrypted()) throw new ArchiveRefused(name, 'encrypted', 'plain data', 'encrypted');
  if (compressedSize !== uncompressedSize) {
    const received = `${compressedSize} and ${uncompressedSize} bytes`;
    throw new ArchiveRefused(name, 'two sizes', 'equal sizes of a stored entry', received);
  }
  if (Buffer.compare(header.fileName, entry.fileNameRaw) !== 0) {
    const received = JSON.stringify(Buffer.from(header.fileName).toString('latin1').slice(0, 80));
    throw new ArchiveRefused(name, 'two names', 'the name of the directory', received);
  }
  if (name.includes('\0')) throw new ArchiveRefused('archive', 'a name with NUL', 'text', 'NUL');
  return { name, bytes: uncompressedSize, offset: header.fileDataStart, crc32: entry.crc32 };
}

function requireApart(extents: { name: string; begin: number; end: number }[]): void {
  extents.sort((a, b) => a.begin - b.begin);
  for (const [i, { name, begin }] of extents.entries()) {
    const before = extents[i - 1];
    if (before === undefined || begin >= before.end) continue;
    const expected = `data from byte ${before.end} on, after ${before.name}`;
    throw new ArchiveRefused(name, 'entries overlap', expected, `byte ${begin}`);
  }
}

/** The directory's entries; their number was looked at before. */
function entriesOf(zip: yauzl.ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', () => resolve(entries));
    zip.once('error', reject);
    zip.readEntry();
  });
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
