/**
 * Checks the structure of an Arrow file before apache-arrow reads it: its footer, and the head of each record batch.
 *
 * @source Arrow's columnar format, "IPC File Format"; `File.fbs`, `Schema.fbs` and `Message.fbs` for the numbers of fields
 */
import type { FileHandle } from 'node:fs/promises';

import { readFully } from '../files/pieces.ts';
import { checkedRoot, fieldPosition, vectorOf, type TableShape } from './flatbuffer.ts';

const MAGIC = 'ARROW1';
/** The magic and its padding at the start; the footer's length and the magic at the end. */
const [HEAD_BYTES, TAIL_BYTES] = [8, 10];
const BLOCK_BYTES = 24;
const CONTINUES = 0xff_ff_ff_ff;
const RECORD_BATCH = 3;

const KEY_VALUE: TableShape = {};
const FIELD: TableShape = {
  3: () => ({ table: {} }),
  4: () => ({ table: {} }),
  5: () => ({ tables: FIELD }),
  6: () => ({ tables: KEY_VALUE }),
};
const SCHEMA: TableShape = {
  1: () => ({ tables: FIELD }),
  2: () => ({ tables: KEY_VALUE }),
  3: () => ({ values: 8 }),
};
const FOOTER: TableShape = {
  1: () => ({ table: SCHEMA }),
  2: () => ({ values: BLOCK_BYTES }),
  3: () => ({ values: BLOCK_BYTES }),
  4: () => ({ tables: KEY_VALUE }),
};
const MESSAGE: TableShape = {
  2: () => ({
    table: {
      1: () => ({ values: 16 }),
      2: () => ({ values: 16 }),
      3: () => ({ table: {} }),
      4: () => ({ values: 8 }),
    },
  }),
  4: () => ({ tables: KEY_VALUE }),
};

/** @throws RangeError if a part of the file lies outside it, or is not one that our writer makes */
export async function checkArrowStructure(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const read = async (position: number, length: number): Promise<Buffer> => {
    if (length < 0 || position < 0 || position + length > size)
      throw new RangeError('a part outside the file');
    const bytes = Buffer.alloc(length);
    await readFully(handle, bytes, position);
    return bytes;
  };
  const head = await read(0, HEAD_BYTES);
  const tail = await read(size - TAIL_BYTES, TAIL_BYTES);
  if (head.toString('latin1', 0, 6) !== MAGIC || tail.toString('latin1', 4) !== MAGIC)
    throw new RangeError('no Arrow file');
  const footerLength = tail.readInt32LE(0);
  const footerStart = size - TAIL_BYTES - footerLength;
  if (footerStart < HEAD_BYTES) throw new RangeError('a footer longer than the file');
  const footer = checkedRoot(await read(footerStart, footerLength), FOOTER);
  if (fieldPosition(footer, 1) === undefined) throw new RangeError('a footer without a schema');
  if (vectorOf(footer, 2, BLOCK_BYTES).length > 0) throw new RangeError('a dictionary');
  const blocks = vectorOf(footer, 3, BLOCK_BYTES);
  let end = HEAD_BYTES;
  for (let i = 0; i < blocks.length; i++) {
    const position = Number(footer.bytes.readBigInt64LE(blocks.from + i * BLOCK_BYTES));
    // One after the other: a few bytes of the file cannot stand for many batches.
    if (position < end) throw new RangeError('record batches that overlap');
    end = await checkRecordBatch(read, position);
    if (end > footerStart) throw new RangeError('a record batch longer than the file');
  }
}

/** @returns where its body ends */
async function checkRecordBatch(
  read: (position: number, length: number) => Promise<Buffer>,
  position: number,
): Promise<number> {
  const prefix = await read(position, 8);
  if (prefix.readUInt32LE(0) !== CONTINUES) throw new RangeError('a message without its mark');
  const length = prefix.readInt32LE(4);
  const message = checkedRoot(await read(position + 8, length), MESSAGE);
  const type = fieldPosition(message, 1);
  if (type === undefined || message.bytes.readUInt8(type) !== RECORD_BATCH)
    throw new RangeError('a message that is no record batch');
  if (fieldPosition(message, 2) === undefined)
    throw new RangeError('a record batch without a head');
  const at = fieldPosition(message, 3);
  const bodyLength = at === undefined ? 0 : Number(message.bytes.readBigInt64LE(at));
  if (bodyLength < 0) throw new RangeError('a negative length');
  return position + 8 + length + bodyLength;
}
