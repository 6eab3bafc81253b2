/** Writes zip archives whose entries are stored without compression: the same entries, the same bytes. */
import type { FileHandle } from 'node:fs/promises';

export interface ZipEntry {
  /** With `/` between folders. */
  readonly name: string;
  readonly bytes: number;
  readonly crc32: number;
  /** The data, `bytes` of them. */
  readonly content: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What a zip archive without the zip64 extension can hold. */
export const MAX_ZIP_BYTES = 2 ** 32 - 1;
export const MAX_ZIP_ENTRIES = 2 ** 16 - 1;

/** Data begins at multiples of it, so that PyTorch can map the file. */
const ALIGNMENT = 64;
const LOCAL_HEADER_BYTES = 30;
/** What PyTorch calls the extra field that it pads with. */
const PADDING_FIELD = 0x4246;
/** 1980-01-01 00:00, the first day that the format knows: no clock goes into an archive. */
const NO_TIME = 0x00210000;
/** Flag of a name in UTF-8. */
const UTF8 = 0x0800;

/** An upper bound of the bytes that an archive of these entries has. */
export function zipSizeOf(entries: readonly Pick<ZipEntry, 'name' | 'bytes'>[]): number {
  return entries.reduce((sum, { name, bytes }) => {
    return sum + bytes + 2 * Buffer.byteLength(name) + 256;
  }, 64);
}

/**
 * Writes an archive into an empty file.
 *
 * @param entries  their `zipSizeOf` must not be more than MAX_ZIP_BYTES, nor they more than MAX_ZIP_ENTRIES
 * @throws RangeError when an entry has another length than it says
 */
export async function writeZip(file: FileHandle, entries: readonly ZipEntry[]): Promise<void> {
  const directory: Buffer[] = [];
  let at = 0;
  const write = async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) {
      done += (await file.write(bytes, done, Math.min(bytes.length - done, 1 << 26))).bytesWritten;
    }
    at += bytes.length;
  };
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const facts = entryFacts(name, entry);
    const offset = at;
    const padding = paddingField(offset + LOCAL_HEADER_BYTES + name.length);
    await write(Buffer.concat([uint32(0x04034b50), uint16(0), facts, uint16(padding.length)]));
    await write(Buffer.concat([name, padding]));
    const start = at;
    for await (const piece of entry.content()) await write(piece);
    if (at - start !== entry.bytes) {
      throw new RangeError(`${entry.name} has ${at - start} bytes, not ${entry.bytes}`);
    }
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
function entryFacts(name: Uint8Array, { bytes, crc32 }: ZipEntry): Buffer {
  const flags = name.every((byte) => byte < 128) ? 0 : UTF8;
  return Buffer.concat([
    ...[uint16(flags), uint16(0), uint32(NO_TIME), uint32(crc32)],
    ...[uint32(bytes), uint32(bytes), uint16(name.length)],
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
