/** Options of a plugin by name, as an array of `PJRT_NamedValue`. */
import { addressOf, textAt, viewOf } from './native-memory.ts';

/** A whole number is a bigint: the plugin checks which kind each option has. */
export type NamedValue = string | boolean | bigint | number;
export type NamedValues = Readonly<Record<string, NamedValue>>;

/** Of one element: an array has no room between its elements, so none is kept behind them. */
const STRIDE = 56;
const TYPES = { string: 0, bigint: 1, number: 3, boolean: 4 } as const;

export interface EncodedValues {
  readonly address: bigint;
  readonly count: bigint;
  /** To be kept for as long as the plugin may look. */
  readonly owned: readonly Uint8Array[];
}

/** @source openxla/xla xla/pjrt/c/pjrt_c_api.h `PJRT_NamedValue`, API version 0.81 */
export function encodeNamedValues(values: NamedValues): EncodedValues {
  const entries = Object.entries(values);
  const bytes = new Uint8Array(STRIDE * entries.length);
  const owned: Uint8Array[] = [bytes];
  const keep = (text: string) => {
    const encoded = Buffer.from(text);
    owned.push(encoded);
    return { address: addressOf(encoded), length: BigInt(encoded.length) };
  };
  entries.forEach(([name, value], index) => {
    const view = new DataView(bytes.buffer, STRIDE * index, STRIDE);
    const key = keep(name);
    view.setBigUint64(0, BigInt(STRIDE), true);
    view.setBigUint64(16, key.address, true);
    view.setBigUint64(24, key.length, true);
    view.setInt32(32, TYPES[typeof value as keyof typeof TYPES], true);
    view.setBigUint64(48, 1n, true);
    if (typeof value === 'string') {
      const text = keep(value);
      view.setBigUint64(40, text.address, true);
      view.setBigUint64(48, text.length, true);
    } else if (typeof value === 'bigint') {
      view.setBigInt64(40, value, true);
    } else if (typeof value === 'number') {
      view.setFloat32(40, value, true);
    } else {
      view.setUint8(40, value ? 1 : 0);
    }
  });
  return { address: addressOf(bytes), count: BigInt(entries.length), owned };
}

/** The texts among a plugin's own values, by name. */
export function textsAt(address: bigint, count: bigint): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  if (count === 0n) return texts;
  const { buffer, byteOffset } = viewOf(address, BigInt(STRIDE) * count);
  for (let index = 0; index < Number(count); index++) {
    const view = new DataView(buffer, byteOffset + STRIDE * index, STRIDE);
    if (view.getInt32(32, true) !== TYPES.string) continue;
    const name = textAt(view.getBigUint64(16, true), view.getBigUint64(24, true));
    texts[name] = textAt(view.getBigUint64(40, true), view.getBigUint64(48, true));
  }
  return texts;
}
