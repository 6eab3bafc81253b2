import type { HostTensor, HostTree } from '@eddy/tensor';

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * float32 on different machines: a few units in the last place of each operation, more where a sum or
 * a library's approximation stands behind it.
 */
export const FLOAT32_TOLERANCE: Tolerance = { relative: 2e-5, absolute: 2e-6 };

/** The first element that is further off than the tolerance, in words; nothing where all agree. */
export function difference(
  expected: HostTree,
  received: HostTree,
  tolerance: Tolerance,
): string | undefined {
  for (const [name, tensor] of Object.entries(expected)) {
    const other = received[name];
    if (other === undefined) return `${name} is missing`;
    const found = tensorDifference(tensor, other, tolerance);
    if (found !== undefined) return `${name}: ${found}`;
  }
  return undefined;
}

function tensorDifference(
  expected: HostTensor,
  received: HostTensor,
  { relative, absolute }: Tolerance,
): string | undefined {
  const spec = ({ dtype, shape }: HostTensor) => `${dtype}[${shape.join(',')}]`;
  if (spec(expected) !== spec(received)) {
    return `expected ${spec(expected)}, received ${spec(received)}`;
  }
  for (let i = 0; i < expected.data.length; i++) {
    const [x, y] = [expected.data[i]!, received.data[i]!];
    const equal = Object.is(x, y) || x === y;
    if (equal || Math.abs(x - y) <= absolute + relative * Math.abs(x)) continue;
    return `element ${i}: expected ${x}, received ${y}`;
  }
  return undefined;
}
