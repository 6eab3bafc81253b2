/** Arrays shared out, and joined again. */
import type { Share } from '@eddy/tensor';
import { sizeOf } from '@eddy/tensor/spec';

import type { HostData } from './protocol.ts';

/** Of a sum the first gets all. @param shape  of the whole. */
export function cut(
  whole: HostData,
  shape: readonly number[],
  share: Share,
  count: number,
): HostData[] {
  if (share !== 'sum') return cutAlong(whole, shape, share, count);
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? whole : new Float32Array(whole.length),
  );
}

/** A sum in the order of its parts, so that as many give the same bits. @param shape  of the whole. */
export function join(parts: readonly HostData[], shape: readonly number[], share: Share): HostData {
  return share === 'sum' ? sumOf(parts as readonly Float32Array[]) : joinAlong(parts, shape, share);
}

function cutAlong(
  whole: HostData,
  shape: readonly number[],
  axis: number,
  count: number,
): HostData[] {
  const { outer, inner } = around(shape, axis);
  const run = (shape[axis]! / count) * inner;
  return Array.from({ length: count }, (_, part) => {
    const start = part * run;
    if (outer === 1) return whole.subarray(start, start + run);
    const data = new (whole.constructor as Float32ArrayConstructor)(outer * run) as HostData;
    for (let i = 0; i < outer; i++) {
      const source = i * count * run + start;
      data.set(whole.subarray(source, source + run), i * run);
    }
    return data;
  });
}

function joinAlong(parts: readonly HostData[], shape: readonly number[], axis: number): HostData {
  const { outer } = around(shape, axis);
  const [first] = parts;
  const run = first!.length / outer;
  const whole = new (first!.constructor as Float32ArrayConstructor)(sizeOf(shape)) as HostData;
  for (const [part, data] of parts.entries()) {
    for (let i = 0; i < outer; i++) {
      whole.set(data.subarray(i * run, (i + 1) * run), (i * parts.length + part) * run);
    }
  }
  return whole;
}

function sumOf([first, ...others]: readonly Float32Array[]): Float32Array {
  const sum = first!.slice();
  for (const addend of others) {
    for (let i = 0; i < sum.length; i++) sum[i]! += addend[i]!;
  }
  return sum;
}

function around(shape: readonly number[], axis: number): { outer: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + 1)) };
}
