/** Writes a state dict as `torch.save` does, so that `torch.load(file, weights_only=True)` reads it. */
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor';

import { torchFileTooLarge } from './errors.ts';
import { PICKLE_OPCODES as OP } from './pickle-opcodes.ts';

export interface TorchWriteOptions {
  /** Tensors to store as bfloat16; the others keep their dtype. */
  readonly bfloat16?: (name: string) => boolean;
}

const FOLDER = 'archive';
/** Data begins at multiples of it, so that PyTorch can map the file. */
const ALIGNMENT = 64;
const MAX_BYTES = 2 ** 32 - 1;
const LOCAL_HEADER_BYTES = 30;
/** What PyTorch calls the extra field that it pads with. */
const PADDING_FIELD = 0x4246;

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
  const entries: [string, Uint8Array][] = [
    ['data.pkl', pickleOf(names, tree, stored)],
    ['byteorder', Buffer.from('little')],
    ...stored.map(({ bytes }, i): [string, Uint8Array] => [`data/${i}`, bytes]),
    ['version', Buffer.from('3\n')],
  ];
  const total = entries.reduce((sum, [, bytes]) => sum + bytes.length + 512, 0);
  if (total > MAX_BYTES) throw torchFileTooLarge(path, total, MAX_BYTES);
  const file = await open(path, 'wx');
  try {
    await writeZip(file, entries);
    await file.sync();
  } finally {
    await file.close();
  }
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

async function writeZip(file: FileHandle, entries: readonly [string, Uint8Array][]): Promise<void> {
  const directory: Buffer[] = [];
  let at = 0;
  const write = async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) {
      done += (await file.write(bytes, done, Math.min(bytes.length - done, 1 << 26))).bytesWritten;
    }
    at += bytes.length;
  };
  for (const [record, bytes] of entries) {
    const name = Buffer.from(`${FOLDER}/${record}`);
    const facts = entryFacts(name, bytes);
    const offset = at;
    const padding = paddingField(offset + LOCAL_HEADER_BYTES + name.length);
    await write(Buffer.concat([uint32(0x04034b50), uint16(0), facts, uint16(padding.length)]));
    await write(Buffer.concat([name, padding]));
    await write(bytes);
    const tail = Buffer.concat([Buffer.alloc(12), uint32(offset)]);
    directory.push(Buffer.concat([uint32(0x02014b50), uint32(0), facts, tail, name]));
  }
  const start = at;
  for (const entry of directory) await write(entry);
  const count = uint16(entries.length);
  const sizes = [uint32(at - start), uint32(start), uint16(0)];
  await write(Buffer.concat([uint32(0x06054b50), uint32(0), count, count, ...sizes]));
}

/** From the flags to the length of the name: the same in both headers. */
function entryFacts(name: Uint8Array, bytes: Uint8Array): Buffer {
  return Buffer.concat([
    ...[uint16(0), uint16(0), uint32(0), uint32(crc32(bytes))],
    ...[uint32(bytes.length), uint32(bytes.length), uint16(name.length)],
  ]);
}

/** An extra field that lets the data begin at a multiple of ALIGNMENT. */
function paddingField(dataAt: number): Buffer {
  const length = (ALIGNMENT - ((dataAt + 4) % ALIGNMENT)) % ALIGNMENT;
  return Buffer.concat([uint16(PADDING_FIELD), uint16(length), Buffer.alloc(length)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
