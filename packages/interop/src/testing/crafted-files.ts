/** Pickles and zip archives made byte by byte, for tests: also those that no honest writer makes. */
import { crc32 } from 'node:zlib';

import { PICKLE_OPCODES, type PickleOpcode } from '../torch/pickle-opcodes.ts';

type Part = PickleOpcode | Uint8Array;

/** Opcodes by name, arguments as bytes. */
export function pickleOf(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.of(PICKLE_OPCODES[part]) : part)),
  );
}

export const u8 = (value: number): Buffer => Buffer.of(value);

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export const lines = (...texts: readonly string[]): Buffer =>
  Buffer.from(texts.map((text) => `${text}\n`).join(''));

export const proto = (version = 2): Buffer => pickleOf('PROTO', u8(version));
export const text = (value: string): Buffer =>
  pickleOf('BINUNICODE', u32(Buffer.byteLength(value)), Buffer.from(value));
export const int = (value: number): Buffer => pickleOf('BININT', u32(value));
export const global = (module: string, name: string): Buffer =>
  pickleOf('GLOBAL', lines(module, name));
export const tuple = (...items: readonly Buffer[]): Buffer => pickleOf('MARK', ...items, 'TUPLE');

export interface CraftedTensor {
  readonly storage: string;
  readonly key: string;
  readonly numElements: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** As `torch.save` writes a tensor. */
export function tensor(facts: CraftedTensor): Buffer {
  const { storage, key, numElements, offset = 0, shape, strides } = facts;
  const id = tuple(
    text('storage'),
    global('torch', storage),
    text(key),
    text('cpu'),
    int(numElements),
  );
  const args = tuple(
    pickleOf(id, 'BINPERSID'),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    pickleOf('NEWFALSE'),
    orderedDict(),
  );
  return pickleOf(global('torch._utils', '_rebuild_tensor_v2'), args, 'REDUCE');
}

export function orderedDict(...items: readonly Buffer[]): Buffer {
  const empty = pickleOf(global('collections', 'OrderedDict'), 'EMPTY_TUPLE', 'REDUCE');
  return items.length === 0 ? empty : pickleOf(empty, 'MARK', ...items, 'SETITEMS');
}

/** A whole state dict with the attribute that `Module.state_dict()` leaves on it. */
export function stateDict(tensors: Readonly<Record<string, Buffer>>): Buffer {
  const items = Object.entries(tensors).flatMap(([name, value]) => [text(name), value]);
  const version = pickleOf('EMPTY_DICT', text('version'), int(1), 'SETITEM');
  const metadata = pickleOf('EMPTY_DICT', text('_metadata'), orderedDict(text(''), version));
  return pickleOf(proto(), orderedDict(...items), metadata, 'SETITEM', 'BUILD', 'STOP');
}

export interface CraftedEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** What the headers say, where it differs from the truth. */
  readonly localName?: string;
  readonly method?: number;
  readonly crc?: number;
  readonly sizes?: readonly [compressed: number, uncompressed: number];
  /** Points the directory at the entry of that index. */
  readonly aliasOf?: number;
  readonly flags?: number;
  /** Unix mode, as a zip program on Unix writes it. */
  readonly mode?: number;
}

/** A zip archive of stored entries. */
export function zipOf(entries: readonly CraftedEntry[]): Buffer {
  const parts: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  const put = (part: Buffer) => {
    parts.push(part);
    at += part.length;
  };
  const facts = (entry: CraftedEntry, name: string, signature: number, versions: Buffer) => {
    const [compressed, size] = entry.sizes ?? [entry.data.length, entry.data.length];
    const fixed = Buffer.alloc(22);
    fixed.writeUInt16LE(entry.flags ?? flagsOf(name), 0);
    fixed.writeUInt16LE(entry.method ?? 0, 2);
    fixed.writeUInt32LE(entry.crc ?? crc32(entry.data), 8);
    fixed.writeUInt32LE(compressed, 12);
    fixed.writeUInt32LE(size, 16);
    fixed.writeUInt16LE(Buffer.byteLength(name), 20);
    return Buffer.concat([u32(signature), versions, fixed]);
  };
  for (const entry of entries) {
    offsets.push(entry.aliasOf === undefined ? at : offsets[entry.aliasOf]!);
    if (entry.aliasOf !== undefined) continue;
    const name = entry.localName ?? entry.name;
    put(facts(entry, name, 0x04034b50, Buffer.of(0, 0)));
    put(Buffer.of(0, 0));
    put(Buffer.from(name));
    put(Buffer.from(entry.data));
  }
  const directory = at;
  for (const [i, entry] of entries.entries()) {
    put(facts(entry, entry.name, 0x02014b50, Buffer.of(0, 0, 0, 0)));
    put(Buffer.alloc(8));
    put(u32((entry.mode ?? 0) * 2 ** 16));
    put(u32(offsets[i]!));
    put(Buffer.from(entry.name));
  }
  const size = at - directory;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(directory, 16);
  return Buffer.concat([...parts, end]);
}

/** Bit 11 says that a name is in UTF-8. */
function flagsOf(name: string): number {
  return Buffer.byteLength(name) === name.length ? 0 : 0x0800;
}

/** A file as `torch.save` lays it out. */
export function torchFileOf(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
): Buffer {
  return zipOf([
    { name: 'archive/data.pkl', data: pickle },
    { name: 'archive/byteorder', data: Buffer.from('little') },
    ...Object.entries(storages).map(([key, data]) => ({ name: `archive/data/${key}`, data })),
    { name: 'archive/version', data: Buffer.from('3\n') },
  ]);
}
