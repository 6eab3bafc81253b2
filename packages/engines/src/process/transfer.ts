/** How a tree crosses to the engine process. */
import { BYTES_PER_ELEMENT, sizeOf, type HostTree, type TensorSpec } from '@eddy/tensor/spec';

import type { HostData } from './protocol.ts';

/** Of the arrays in one message. */
const BATCH_BYTES = 32 << 20;

/** From this size on it is worth a look whether there are only zeros: in a fresh carry, in accumulators. */
const ZEROS_BYTES = 1 << 16;

const ZEROS = Buffer.alloc(ZEROS_BYTES);

export interface Crossing {
  /** Names whose arrays are sent. */
  readonly sent: readonly string[];
  /** Names of which the other side needs only the shape. */
  readonly zeros: readonly string[];
  /** Name → name among `sent` that has the same array and spec: an average starts as the parameters. */
  readonly copies: Readonly<Record<string, string>>;
}

/** Sorts the names of a tree by what has to cross of them. */
export function crossingOf(tree: HostTree): Crossing {
  const sent: string[] = [];
  const zeros: string[] = [];
  const copies: Record<string, string> = {};
  /** The name under which an array is sent, or null for zeros: micro-batches begin with the same carry. */
  const seen = new Map<HostData, string | null>();
  for (const [name, tensor] of Object.entries(tree)) {
    const { data } = tensor;
    let first = seen.get(data);
    if (first === undefined) {
      first = isAllZero(data) ? null : name;
      seen.set(data, first);
    }
    if (first === null) zeros.push(name);
    else if (first !== name && sameSpec(tensor, tree[first]!)) copies[name] = first;
    else sent.push(name);
  }
  return { sent, zeros, copies };
}

/** A copy on the device has the spec of what it is copied from. */
function sameSpec(a: TensorSpec, b: TensorSpec): boolean {
  return a.dtype === b.dtype && a.shape.join() === b.shape.join();
}

/** Of large arrays, up to the first other value. The bits are looked at, for −0 is none. */
function isAllZero({ buffer, byteOffset, byteLength }: HostData): boolean {
  if (byteLength < ZEROS_BYTES) return false;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  for (let start = 0; start < byteLength; start += ZEROS_BYTES) {
    const end = Math.min(start + ZEROS_BYTES, byteLength);
    if (bytes.compare(ZEROS, 0, end - start, start, end) !== 0) return false;
  }
  return true;
}

/** Cuts names into batches of bounded size, in order, so that no message grows with the model. */
export function batches(
  names: readonly string[],
  specOf: (name: string) => TensorSpec,
): string[][] {
  const cut: string[][] = [];
  let room = 0;
  for (const name of names) {
    const spec = specOf(name);
    const bytes = sizeOf(spec.shape) * BYTES_PER_ELEMENT[spec.dtype];
    if (cut.length === 0 || bytes > room) {
      cut.push([]);
      room = BATCH_BYTES;
    }
    cut.at(-1)!.push(name);
    room -= bytes;
  }
  return cut;
}
