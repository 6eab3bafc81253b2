/** Arrays cut into equal parts along an axis, and joined again. */
import { sizeOf } from '@eddy/core/tensor';

import type { HostData } from './protocol.ts';

/** @param shape  of the whole. */
export function cut(
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

/** @param shape  of the whole. */
export function join(parts: readonly HostData[], shape: readonly number[], axis: number): HostData {
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

function around(shape: readonly number[], axis: number): { outer: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + 1)) };
}
