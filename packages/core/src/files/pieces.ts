/** Files and arrays of more bytes than Node takes in one call. */
import type { FileHandle } from 'node:fs/promises';

/** Node aborts at 2 GiB and more in one call; the puzzle table of ARC has more. */
const PIECE_BYTES = 2 ** 30;

/**
 * Fills `bytes` with what stands in the file from `position` on.
 *
 * @returns how many bytes there were: fewer than asked for where the file ends before.
 */
export async function readFully(
  file: Pick<FileHandle, 'read'>,
  bytes: Uint8Array,
  position: number,
  pieceBytes = PIECE_BYTES,
): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const wanted = Math.min(bytes.length - filled, pieceBytes);
    const { bytesRead } = await file.read(bytes, filled, wanted, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/** Views of `bytes`, one after another, for what takes less than 2 GiB in one call. */
export function* piecesOf(bytes: Uint8Array, pieceBytes = PIECE_BYTES): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    yield bytes.subarray(offset, offset + pieceBytes);
  }
}
