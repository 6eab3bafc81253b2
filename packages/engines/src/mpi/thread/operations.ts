/**
 * What ranks do together, each as a generator that gives the requests it waits for. All ranks do the same in the
 * same order.
 */
import type { Communicator, MpiLibrary, MpiRequest } from '../library.ts';
import type { Addend } from './messages.ts';

export interface Awaited {
  readonly request: MpiRequest;
  /** True if all ranks have begun the operation, so that it takes no longer than its bytes do. */
  readonly isSoon: boolean;
}

export type Operation<T> = Generator<Awaited, T, void>;

/** Of one message, whatever a count of 32 bits would hold. */
const PIECE_BYTES = 64 << 20;
/** The first message of a broadcast: how long it is, and the beginning. */
const FRAME_BYTES = 4096;
const LENGTH_BYTES = 8;

export interface Ranks {
  readonly mpi: MpiLibrary;
  readonly over: Communicator;
  readonly rank: number;
  readonly size: number;
}

/** @param bytes  on rank 0 */
export function* broadcast(ranks: Ranks, bytes: Uint8Array | null): Operation<Uint8Array> {
  const { mpi, over } = ranks;
  const frame = new Uint8Array(FRAME_BYTES);
  const room = FRAME_BYTES - LENGTH_BYTES;
  if (bytes !== null) {
    new DataView(frame.buffer).setFloat64(0, bytes.length);
    frame.set(bytes.subarray(0, room), LENGTH_BYTES);
  }
  yield { request: mpi.broadcast(over, frame, 0), isSoon: false };
  const length = new DataView(frame.buffer).getFloat64(0);
  const whole = bytes ?? newBytes(length);
  if (bytes === null)
    whole.set(frame.subarray(LENGTH_BYTES, LENGTH_BYTES + Math.min(length, room)));
  for (const [start, end] of pieces(room, length, PIECE_BYTES)) {
    yield { request: mpi.broadcast(over, whole.subarray(start, end), 0), isSoon: true };
  }
  return whole;
}

/** Gathers bytes of any length from each rank on all ranks. */
export function* tell(ranks: Ranks, own: Uint8Array): Operation<Uint8Array[]> {
  const { mpi, over, size } = ranks;
  const lengths = new Float64Array(size);
  const length = Float64Array.of(own.length);
  yield { request: mpi.gatherForAll(over, bytesOf(length), bytesOf(lengths)), isSoon: false };
  const most = Math.max(...lengths);
  const all = Array.from(lengths, (bytes) => newBytes(bytes));
  for (const [start, end] of pieces(0, most, Math.max(1, Math.floor(PIECE_BYTES / size)))) {
    const piece = new Uint8Array(end - start);
    piece.set(own.subarray(start, end));
    const together = newBytes(size * piece.length);
    yield { request: mpi.gatherForAll(over, piece, together), isSoon: true };
    for (const [rank, bytes] of all.entries()) {
      const from = together.subarray(rank * piece.length, (rank + 1) * piece.length);
      if (start < bytes.length) bytes.set(from.subarray(0, bytes.length - start), start);
    }
  }
  return all;
}

/** Gathers the same number of bytes from each rank on rank 0. @returns on rank 0 those of all */
export function* gather(ranks: Ranks, own: Uint8Array): Operation<Uint8Array[]> {
  const { mpi, over, rank, size } = ranks;
  const all = Array.from({ length: rank === 0 ? size : 0 }, () => newBytes(own.length));
  const pieceBytes = Math.max(1, Math.floor(PIECE_BYTES / size));
  for (const [start, end] of pieces(0, own.length, pieceBytes)) {
    const together = newBytes(rank === 0 ? size * (end - start) : 0);
    yield { request: mpi.gather(over, own.subarray(start, end), together), isSoon: true };
    for (const [i, bytes] of all.entries()) {
      bytes.set(together.subarray(i * (end - start), (i + 1) * (end - start)), start);
    }
  }
  return all;
}

/**
 * Replaces `data`, whose length is a multiple of 4 × ranks, by the sum over all ranks. Each rank adds up one part of
 * it in rank order, so that the same number of ranks gives the same bits, and sends its part to the others. As many
 * bytes travel as in a ring.
 */
export function* sum(ranks: Ranks, data: Uint8Array, of: Addend): Operation<null> {
  const { mpi, over, size } = ranks;
  const unit = 4 * size;
  const pieceBytes = Math.max(unit, Math.floor(PIECE_BYTES / unit) * unit);
  for (const [start, end] of pieces(0, data.length, pieceBytes)) {
    const piece = data.subarray(start, end);
    const partBytes = piece.length / size;
    const parts = newBytes(piece.length);
    yield { request: mpi.exchangeParts(over, piece, parts, partBytes), isSoon: true };
    const own = addUp(parts, partBytes, of);
    yield { request: mpi.gatherForAll(over, own, piece), isSoon: true };
  }
  return null;
}

/** Puts what ranks have at the beginning of `own` one after the other. */
export function* join(ranks: Ranks, own: Uint8Array, all: Uint8Array): Operation<null> {
  const { mpi, over } = ranks;
  yield { request: mpi.gatherForAll(over, own, all), isSoon: true };
  return null;
}

function addUp(parts: Uint8Array, partBytes: number, of: Addend): Uint8Array {
  const { buffer, byteOffset, byteLength } = parts;
  const all =
    of === 'float32'
      ? new Float32Array(buffer, byteOffset, byteLength / 4)
      : new Int32Array(buffer, byteOffset, byteLength / 4);
  const length = partBytes / 4;
  for (let start = length; start < all.length; start += length) addTo(all, start, length);
  return parts.subarray(0, partBytes);
}

/** Adds a part to the first one. */
function addTo(all: Float32Array | Int32Array, start: number, length: number): void {
  for (let i = 0; i < length; i++) all[i]! += all[start + i]!;
}

function* pieces(from: number, to: number, bytes: number): Generator<readonly [number, number]> {
  for (let start = from; start < to; start += bytes) yield [start, Math.min(start + bytes, to)];
}

/** Not zero-filled where that would cost. */
function newBytes(length: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer, byteOffset, length);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
