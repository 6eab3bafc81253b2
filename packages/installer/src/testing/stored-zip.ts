import { crc32 } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly contents: string;
  /** Unix file mode, e.g. 0o120777 for a symbolic link. */
  readonly mode?: number;
}

/** A zip archive without compression, for tests that need odd ones. */
export function storedZip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, contents, mode = 0o100644 } of entries) {
    const nameBytes = Buffer.from(name);
    const data = Buffer.from(contents);
    // The fields that a file's own header and its directory entry have in common.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, data]);
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE((mode << 16) >>> 0, 8);
    entry.writeUInt32LE(offset, 12);
    // Made by Unix, so that the mode counts.
    const head = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.of(20, 3)]);
    directory.push(Buffer.concat([head, common, entry.subarray(2), nameBytes]));
    files.push(file);
    offset += file.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, index, Buffer.from('PK\x05\x06'), end]);
}
