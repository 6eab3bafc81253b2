import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { crc32 } from '@node-rs/crc32';
import { describe, expect, it } from 'vitest';

import { LevelDbLog } from './leveldb-log.ts';

const folder = sharedFolder();

/** Reads the format by its document: blocks of 32 KiB, fragments first … middle … last. */
function readLog(path: string): Buffer[] {
  const bytes = readFileSync(path);
  expect(bytes.subarray(0, 7).toString('hex')).toBe(`${Buffer.from(':W&B').toString('hex')}e1be00`);
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 7; at < bytes.length;) {
    const room = 32_768 - (at % 32_768);
    if (room < 7) {
      at += room;
      continue;
    }
    const [sum, length, type] = [
      bytes.readUInt32LE(at),
      bytes.readUInt16LE(at + 4),
      bytes[at + 6]!,
    ];
    const data = bytes.subarray(at + 7, at + 7 + length);
    expect(length + 7).toBeLessThanOrEqual(room);
    expect(sum).toBe(crc32(bytes.subarray(at + 6, at + 7 + length)));
    if (type === 1 || type === 2) parts = [];
    parts.push(data);
    if (type === 1 || type === 4) records.push(Buffer.concat(parts));
    at += 7 + length;
  }
  return records;
}

describe('LevelDbLog', () => {
  // The first block has 32768 − 7 bytes, a record takes 7 more than its data.
  it.each([0, 1, 100, 32_747, 32_748, 32_749, 32_753, 32_754, 32_755, 70_000, 200_000])(
    'gives back records of and after %i bytes',
    (size) => {
      const path = join(folder.path, `${size}.wandb`);
      const records = [size, 5, size, 0, 3].map((length, i) => Buffer.alloc(length, i + 65));
      const log = new LevelDbLog(path);
      records.forEach((record) => log.append(record));
      log.close();
      expect(readLog(path).map((record) => record.toString())).toEqual(records.map(String));
    },
  );
});
