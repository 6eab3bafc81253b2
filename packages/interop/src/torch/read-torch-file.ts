/** Reads what `torch.save(model.state_dict(), file)` wrote, running nothing. */
import { type FileHandle } from 'node:fs/promises';

import { openInputFile, refuseGitLfsPointerFile } from '@eddy/core/files';
import { SAFETENSORS_BYTES, type SafetensorsTensor } from '@eddy/core/checkpoint';
import { sizeOf } from '@eddy/tensor';

import {
  ArchiveRefused,
  openZipRecords,
  readZipRecord,
  type ZipRecord,
} from '../zip/zip-records.ts';
import { torchFileRefused } from './errors.ts';
import { describeValue, type TensorReference } from './pickle-values.ts';
import { contiguousBytes } from './strided.ts';
import { PickleRefused, unpickle } from './unpickle.ts';

export interface TorchFile {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

const PICKLE_RECORD = 'data.pkl';
const MAX_PICKLE_BYTES = 64 << 20;
/** Views of one storage may lie over each other, but not without end. */
const MAX_AMPLIFICATION = 4;
const ZIP_MAGIC = 0x504b;

/**
 * Reads a state dict: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL, views made contiguous.
 *
 * Only the zip format (PyTorch 1.6, 2020, and later). Anything but a dict of tensors is refused, at
 * the first instruction of its pickle that is not needed for one.
 *
 * @throws TORCH_FILE_REFUSED naming the record, the byte, and the opcode or name found there;
 *   GIT_LFS_POINTER
 */
export async function readTorchFile(path: string): Promise<TorchFile> {
  await refuseGitLfsPointerFile(path);
  const file = await openInputFile(path);
  try {
    await requireZip(file, path);
    const records = await openZipRecords(file);
    const folder = archiveFolder(records, path);
    await requireLittleEndian(file, records.get(`${folder}byteorder`), path);
    const tensors = await readPickle(file, records.get(folder + PICKLE_RECORD)!, path);
    return { tensors: await readTensors(file, path, records, folder, tensors) };
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error;
    throw torchFileRefused({
      file: path,
      place: error.entry,
      message: error.message,
      expected: error.expected,
      received: error.received,
      cause: error,
    });
  } finally {
    await file.close();
  }
}

async function requireZip(file: FileHandle, path: string): Promise<void> {
  const start = Buffer.alloc(2);
  const { bytesRead } = await file.read(start, 0, 2, 0);
  if (bytesRead === 2 && start.readUInt16BE(0) === ZIP_MAGIC) return;
  throw torchFileRefused({
    file: path,
    place: 'byte 0',
    message: 'not the zip format of PyTorch 1.6 and later',
    expected: 'PK',
    received: start[0] === 0x80 ? 'a bare pickle' : `bytes ${start.toString('hex')}`,
    fix: 'load it with the PyTorch version that wrote it, and save it again with torch.save',
  });
}

/** Everything lies in one folder, named after the file as it was saved. */
function archiveFolder(records: ReadonlyMap<string, ZipRecord>, path: string): string {
  const found = [...records.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (found.length === 1) return found[0]!.slice(0, -PICKLE_RECORD.length);
  throw torchFileRefused({
    file: path,
    place: 'archive',
    message: 'not a file written by torch.save',
    expected: `one record <name>/${PICKLE_RECORD}`,
    received: found.length === 0 ? 'none' : found.join(', '),
  });
}

async function requireLittleEndian(
  file: FileHandle,
  record: ZipRecord | undefined,
  path: string,
): Promise<void> {
  // PyTorch before 2.1 has no such record.
  if (record === undefined) return;
  const text = record.bytes > 16 ? 'a long text' : await readText(file, record);
  if (text.trim() === 'little') return;
  const message = 'the numbers are big-endian';
  throw torchFileRefused({
    file: path,
    place: record.name,
    message,
    expected: 'little',
    received: text,
  });
}

async function readText(file: FileHandle, record: ZipRecord): Promise<string> {
  return Buffer.from(await readZipRecord(file, record)).toString('latin1');
}

async function readPickle(
  file: FileHandle,
  record: ZipRecord,
  path: string,
): Promise<Map<string, TensorReference>> {
  const refuse = (offset: number, message: string, expected: string, received: string) =>
    torchFileRefused({
      file: path,
      place: `${record.name} byte ${offset}`,
      message,
      expected,
      received,
    });
  if (record.bytes > MAX_PICKLE_BYTES) {
    throw refuse(0, 'too long', `at most ${MAX_PICKLE_BYTES} bytes`, `${record.bytes} bytes`);
  }
  const bytes = await readZipRecord(file, record);
  let value;
  try {
    value = unpickle(bytes);
  } catch (error) {
    if (!(error instanceof PickleRefused)) throw error;
    throw refuse(error.offset, error.message, error.expected, error.received);
  }
  const end = bytes.length - 1;
  if (typeof value !== 'object' || value?.kind !== 'dict') {
    throw refuse(end, 'not a state dict', 'a dict of tensors', describeValue(value));
  }
  const tensors = new Map<string, TensorReference>();
  for (const [name, tensor] of value.entries) {
    if (typeof name !== 'string') {
      throw refuse(end, 'not a state dict', 'names as keys', `the key ${name}`);
    }
    if (typeof tensor !== 'object' || tensor?.kind !== 'tensor') {
      const at = JSON.stringify(name.slice(0, 80));
      throw refuse(end, `${at} is not a tensor`, 'a tensor', describeValue(tensor));
    }
    tensors.set(name, tensor);
  }
  return tensors;
}

async function readTensors(
  file: FileHandle,
  path: string,
  records: ReadonlyMap<string, ZipRecord>,
  folder: string,
  references: ReadonlyMap<string, TensorReference>,
): Promise<Map<string, SafetensorsTensor>> {
  const refuse = (place: string, message: string, expected: string, received: string) =>
    torchFileRefused({ file: path, place, message, expected, received });
  const byKey = new Map<string, [string, TensorReference][]>();
  for (const entry of references) {
    const { key } = entry[1].storage;
    const views = byKey.get(key);
    if (views === undefined) byKey.set(key, [entry]);
    else views.push(entry);
  }
  const read = new Map<string, SafetensorsTensor>();
  for (const [key, views] of byKey) {
    const { storage } = views[0]![1];
    const { dtype, numElements } = storage;
    const name = `${folder}data/${key}`;
    const record = records.get(name);
    if (record === undefined) {
      throw refuse(name, 'the data of a tensor is missing', 'a record', 'none');
    }
    const bytes = numElements * SAFETENSORS_BYTES[dtype];
    if (record.bytes !== bytes) {
      const expected = `${bytes} bytes for ${numElements} of ${dtype}`;
      throw refuse(name, 'another size than the pickle says', expected, `${record.bytes} bytes`);
    }
    const viewed = views.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
    if (viewed > MAX_AMPLIFICATION * numElements) {
      const expected = `views of at most ${MAX_AMPLIFICATION} times its size`;
      throw refuse(name, 'too many views of one storage', expected, `${viewed} elements`);
    }
    const data = await readZipRecord(file, record);
    for (const [tensor, view] of views) {
      read.set(tensor, { dtype, shape: view.shape, bytes: contiguousBytes(data, view) });
    }
  }
  // In the order of the state dict.
  return new Map([...references.keys()].map((name) => [name, read.get(name)!]));
}
