/**
 * TensorBoard's event files: TFRecords of `tensorboard.Event` messages with scalar summaries.
 *
 * @source tensorboard/compat/proto/{event,summary}.proto; tensorflow TFRecord format
 */
import { closeSync, openSync, writeSync } from 'node:fs';

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { crc32c } from '@node-rs/crc32';

const CRC_MASK = 0xa282ead8;

/** Field numbers of the messages. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 };
const SUMMARY = { value: 1 };
const VALUE = { tag: 1, simpleValue: 2 };

export class EventFile {
  readonly #fd: number;

  /** Starts a file; it must not exist. */
  constructor(path: string, wallSeconds: number) {
    this.#fd = openSync(path, 'wx');
    this.#record(
      eventAt(wallSeconds).tag(EVENT.fileVersion, WireType.LengthDelimited).string('brain.Event:2'),
    );
  }

  /** All scalars of one step. */
  write(wallSeconds: number, step: number, scalars: Readonly<Record<string, number>>): void {
    const event = eventAt(wallSeconds).tag(EVENT.step, WireType.Varint).int64(step);
    event.tag(EVENT.summary, WireType.LengthDelimited).fork();
    for (const [tag, value] of Object.entries(scalars)) {
      event.tag(SUMMARY.value, WireType.LengthDelimited).fork();
      event.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
      event.tag(VALUE.simpleValue, WireType.Bit32).float(value);
      event.join();
    }
    this.#record(event.join());
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** length u64, masked crc32c of the length, data, masked crc32c of the data. */
  #record(message: BinaryWriter): void {
    const data = message.finish();
    const record = Buffer.alloc(8 + 4 + data.length + 4);
    record.writeBigUInt64LE(BigInt(data.length), 0);
    record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
    record.set(data, 12);
    record.writeUInt32LE(maskedCrc(data), 12 + data.length);
    writeSync(this.#fd, record);
  }
}

function eventAt(wallSeconds: number): BinaryWriter {
  return new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(wallSeconds);
}

/** Rotated and offset, so that a checksum of data that contains checksums stays meaningful. */
function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return (((crc >>> 15) | (crc << 17)) + CRC_MASK) >>> 0;
}
