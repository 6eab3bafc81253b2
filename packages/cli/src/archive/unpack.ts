/**
 * Unpacks an archive of a run of which nothing is believed: names, number and sizes of its files are
 * checked before one is written, each file's sha256 before the folder gets its name.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import {
  JSON_LIMIT,
  makeFolderDurably,
  openInputFile,
  readInputText,
  sha256OfFile,
  syncFolder,
  syncTree,
} from '@eddy/core/files';
import {
  ArchiveRefused,
  openZipRecords,
  piecesOfZipRecord,
  readZipRecord,
  type ZipRecord,
} from '@eddy/interop';
import { EddyError } from '@eddy/tensor/errors';

import { outputExists } from '../project/errors.ts';
import {
  MANIFEST_FILE,
  MAX_MANIFEST_BYTES,
  parseArchiveManifest,
  type ArchiveManifest,
} from './archive-manifest.ts';
import { archiveRefused } from './errors.ts';

/**
 * Writes the files of an archive into a folder of that name, which must be free.
 *
 * @throws ARCHIVE_REFUSED, OUTPUT_EXISTS; then there is no folder
 */
export async function unpackArchive(archive: string, output: string): Promise<ArchiveManifest> {
  const target = resolve(output);
  if (existsSync(target)) throw outputExists(output);
  const file = await openInputFile(archive);
  const making = join(dirname(target), `.unpacking-${randomUUID()}`);
  try {
    const records = await openZipRecords(file);
    const manifest = await manifestOf(file, records, archive);
    await makeFolderDurably(dirname(target));
    await mkdir(making);
    for (const [name, expected] of Object.entries(manifest.files)) {
      await extract(file, records.get(name)!, join(making, name), { archive, name, ...expected });
    }
    const text = await readZipRecord(file, records.get(MANIFEST_FILE)!);
    await writeNew(join(making, MANIFEST_FILE), [text]);
    await syncTree(making);
    if (existsSync(target)) throw outputExists(output);
    await rename(making, target);
    await syncFolder(dirname(target));
    return manifest;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (!(error instanceof ArchiveRefused)) throw error;
    const { entry, message, expected, received } = error;
    throw archiveRefused({ archive, entry, message, expected, received, cause: error });
  } finally {
    await file.close();
  }
}

/**
 * Compares a folder that was unpacked with its `archive.json`; what else lies there is not looked at.
 *
 * @throws ARCHIVE_REFUSED
 */
export async function verifyUnpacked(folder: string): Promise<ArchiveManifest> {
  const path = join(folder, MANIFEST_FILE);
  const text = await readInputText(path, JSON_LIMIT).catch((cause: unknown) => {
    if (cause instanceof EddyError) throw cause;
    const received = cause instanceof Error ? cause.message : String(cause);
    const expected = `a folder with ${MANIFEST_FILE}`;
    throw archiveRefused({ archive: folder, message: 'no archive', expected, received, cause });
  });
  const manifest = parsed(text, folder);
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const file = join(folder, name);
    const size = await stat(file).then(
      (facts) => (facts.isFile() ? facts.size : null),
      () => null,
    );
    const received = size === bytes ? await sha256OfFile(file) : undefined;
    if (received === sha256) continue;
    throw archiveRefused({
      archive: folder,
      entry: name,
      message: 'a file is not the one that was packed',
      expected: `${bytes} bytes, sha256 ${sha256}`,
      received:
        size === null ? 'no file' : `${size} bytes, sha256 ${received ?? 'of other content'}`,
    });
  }
  return manifest;
}

async function manifestOf(
  file: FileHandle,
  records: ReadonlyMap<string, ZipRecord>,
  archive: string,
): Promise<ArchiveManifest> {
  const record = records.get(MANIFEST_FILE);
  const refuse = (entry: string, message: string, expected: string, received: string) =>
    archiveRefused({ archive, entry, message, expected, received });
  if (record === undefined) {
    throw refuse(MANIFEST_FILE, 'it has no manifest', 'a list of its files', 'none');
  }
  if (record.bytes > MAX_MANIFEST_BYTES) {
    const expected = `at most ${MAX_MANIFEST_BYTES} bytes`;
    throw refuse(MANIFEST_FILE, 'its manifest is too large', expected, `${record.bytes} bytes`);
  }
  const bytes = await readZipRecord(file, record);
  const manifest = parsed(new TextDecoder().decode(bytes), archive);
  for (const [name, expected] of Object.entries(manifest.files)) {
    const size = records.get(name)?.bytes;
    if (size === expected.bytes) continue;
    const received = size === undefined ? 'no entry' : `${size} bytes`;
    throw refuse(
      name,
      'a file is missing or has another size',
      `${expected.bytes} bytes`,
      received,
    );
  }
  const extra = [...records.keys()].find(
    (name) => name !== MANIFEST_FILE && !Object.hasOwn(manifest.files, name),
  );
  if (extra !== undefined) {
    throw refuse(
      extra,
      'a file is not in its manifest',
      'the files of the manifest',
      'another one',
    );
  }
  return manifest;
}

function parsed(text: string, archive: string): ArchiveManifest {
  try {
    return parseArchiveManifest(text);
  } catch (cause) {
    const received = (cause instanceof Error ? cause.message : String(cause)).slice(0, 400);
    const message = 'its manifest is invalid';
    const expected = 'archive.json as `pipeline pack` writes it';
    throw archiveRefused({ archive, entry: MANIFEST_FILE, message, expected, received, cause });
  }
}

/** Writes an entry, and compares its sha256 while it does. */
async function extract(
  file: FileHandle,
  record: ZipRecord,
  target: string,
  {
    archive,
    name,
    sha256,
  }: { readonly archive: string; readonly name: string } & {
    readonly sha256: string;
  },
): Promise<void> {
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of piecesOfZipRecord(file, record)) {
      hash.update(piece);
      yield piece;
    }
  }
  await mkdir(dirname(target), { recursive: true });
  await writeNew(target, hashed());
  const received = hash.digest('hex');
  if (received === sha256) return;
  throw archiveRefused({
    archive,
    entry: name,
    message: 'a file is not the one that was packed',
    expected: `sha256 ${sha256}`,
    received: `sha256 ${received}`,
  });
}

/** Never follows a link, never replaces a file. */
async function writeNew(
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for await (const piece of content) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}
