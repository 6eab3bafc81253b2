/** Writes a state dict as `torch.save` does, so that `torch.load(file, weights_only=True)` reads it. */
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor';

import { torchFileTooLarge } from './errors.ts';
import { MAX_ZIP_BYTES, writeZip, zipSizeOf, type ZipEntry } from '../zip/write-zip.ts';
import { PICKLE_OPCODES as OP } from './pickle-opcodes.ts';

export interface TorchWriteOptions {
  /** Tensors to store as bfloat16; the others keep their dtype. */
  readonly bfloat16?: (name: string) => boolean;
}

const FOLDER = 'archive';

interface Stored {
  readonly storage: string;
  readonly bytes: Uint8Array;
}

/**
 * @throws TORCH_FILE_TOO_LARGE
 * @throws EEXIST when the file is there
 */
export async function writeTorchFile(
  path: string,
  tree: HostTree,
  { bfloat16 = () => false }: TorchWriteOptions = {},
): Promise<void> {
  const names = Object.keys(tree);
  const stored = names.map((name) => storedAs(tree[name]!, bfloat16(name)));
  const entries = [
    entryOf('data.pkl', pickleOf(names, tree, stored)),
    entryOf('byteorder', Buffer.from('little')),
    ...stored.map(({ bytes }, i) => entryOf(`data/${i}`, bytes)),
    entryOf('version', Buffer.from('3\n')),
  ];
  const total = zipSizeOf(entries);
  if (total > MAX_ZIP_BYTES) throw torchFileTooLarge(path, total, MAX_ZIP_BYTES);
  const file = await open(path, 'wx');
  try {
    await writeZip(file, entries);
    await file.sync();
  } finally {
    await file.close();
  }
}

function entryOf(record: string, bytes: Uint8Array): ZipEntry {
  const name = `${FOLDER}/${record}`;
  return { name, bytes: bytes.length, crc32: crc32(bytes), content: () => [bytes] };
}

function storedAs({ data, dtype }: HostTensor, bfloat16: boolean): Stored {
  if (bfloat16 && data instanceof Float32Array) {
    return { storage: 'BFloat16Storage', bytes: new Uint8Array(roundToBfloat16(data).buffer) };
  }
  const storage = { float32: 'FloatStorage', int32: 'IntStorage', bool: 'BoolStorage' }[dtype];
  return { storage, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** To the nearest, ties to even. */
function roundToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (b, i) =>
    Number.isNaN(values[i]) ? 0x7fc0 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16,
  );
}

function pickleOf(names: readonly string[], tree: HostTree, stored: readonly Stored[]): Uint8Array {
  const parts: (number | Uint8Array)[] = [];
  const put = (...more: (number | Uint8Array)[]) => parts.push(...more);
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    put(OP.BINUNICODE, uint32(bytes.length), bytes);
  };
  const int = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    put(OP.LONG1, 8, bytes);
  };
  const global = (module: string, name: string) =>
    put(OP.GLOBAL, Buffer.from(`${module}\n${name}\n`));
  const tuple = (items: readonly number[]) => {
    put(OP.MARK);
    items.forEach(int);
    put(OP.TUPLE);
  };
  const orderedDict = () => {
    global('collections', 'OrderedDict');
    put(OP.EMPTY_TUPLE, OP.REDUCE);
  };
  put(OP.PROTO, 2);
  orderedDict();
  put(OP.MARK);
  names.forEach((name, i) => {
    const { shape } = tree[name]!;
    text(name);
    global('torch._utils', '_rebuild_tensor_v2');
    put(OP.MARK, OP.MARK);
    text('storage');
    global('torch', stored[i]!.storage);
    text(String(i));
    text('cpu');
    int(sizeOf(shape));
    put(OP.TUPLE, OP.BINPERSID);
    int(0);
    tuple(shape);
    tuple(shape.map((_, axis) => sizeOf(shape.slice(axis + 1))));
    put(OP.NEWFALSE);
    orderedDict();
    put(OP.TUPLE, OP.REDUCE);
  });
  put(OP.SETITEMS, OP.STOP);
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
