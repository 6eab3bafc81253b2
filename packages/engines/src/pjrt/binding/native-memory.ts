/** Reading memory that native code owns, and giving it addresses of ours. */
import koffi from 'koffi';

/** Address of a typed array's first byte. The array must stay referenced while it is in use. */
export function addressOf(array: NodeJS.TypedArray): bigint {
  return array.byteLength === 0 ? 0n : koffi.address(array);
}

/** Native bytes as an array of ours, without a copy; valid for as long as their owner keeps them. */
export function viewOf(address: bigint, length: bigint): Uint8Array {
  return new Uint8Array(koffi.view(address, Number(length)));
}

export function textAt(address: bigint, length: bigint): string {
  return length === 0n ? '' : Buffer.from(viewOf(address, length)).toString('utf8');
}

/** Copies an array of pointers. */
export function pointersAt(address: bigint, count: bigint): bigint[] {
  if (count === 0n) return [];
  return [...new BigUint64Array(koffi.view(address, 8 * Number(count)))];
}
