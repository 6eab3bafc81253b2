/**
 * The container of `.wandb` files: LevelDB's log format with W&B's header and plain CRC-32 sums.
 *
 * @source https://github.com/google/leveldb/blob/main/doc/log_format.md; wandb/core/pkg/leveldb
 */
import { closeSync, openSync, writeSync } from 'node:fs';

import { crc32 } from '@node-rs/crc32';

const BLOCK_BYTES = 32 * 1024;
/** Checksum u32, length u16, type u8. */
const HEADER_BYTES = 7;
const TYPE = { full: 1, first: 2, middle: 3, last: 4 };
/** `:W&B`, 0xBEE1 little-endian, version 0. */
const FILE_HEADER = Buffer.from([...Buffer.from(':W&B'), 0xe1, 0xbe, 0]);

export class LevelDbLog {
  readonly #fd: number;
  #inBlock = FILE_HEADER.length;

  /** Starts the file anew. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w');
    writeSync(this.#fd, FILE_HEADER);
  }

  /** Appends a record, cut into fragments where it crosses a block. */
  append(record: Uint8Array): void {
    const parts: Buffer[] = [];
    let offset = 0;
    let isLast = false;
    while (!isLast) {
      let room = BLOCK_BYTES - this.#inBlock;
      if (room < HEADER_BYTES) {
        parts.push(Buffer.alloc(room));
        this.#inBlock = 0;
        room = BLOCK_BYTES;
      }
      const fragment = record.subarray(offset, offset + room - HEADER_BYTES);
      isLast = offset + fragment.length === record.length;
      parts.push(encode(fragment, offset === 0, isLast));
      this.#inBlock += HEADER_BYTES + fragment.length;
      offset += fragment.length;
    }
    writeSync(this.#fd, Buffer.concat(parts));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function encode(fragment: Uint8Array, isFirst: boolean, isLast: boolean): Buffer {
  const type = isFirst ? (isLast ? TYPE.full : TYPE.first) : isLast ? TYPE.last : TYPE.middle;
  const encoded = Buffer.alloc(HEADER_BYTES + fragment.length);
  encoded.writeUInt16LE(fragment.length, 4);
  encoded[6] = type;
  encoded.set(fragment, HEADER_BYTES);
  encoded.writeUInt32LE(crc32(encoded.subarray(6)), 0);
  return encoded;
}
