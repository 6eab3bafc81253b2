/** Windows over images one place at a time, for what no op joins. */
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { dilated, withMargins } from './margins.ts';

export interface Taps {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** For each place in the window, row by row, what all windows have there: [batch, rows, columns, channels]. */
export function tapsOf(
  b: GraphBuilder,
  padded: Value,
  shape: readonly number[],
  { window, strides, dilations }: Taps,
): Value[] {
  const [rows, columns] = window as [number, number];
  const [, height, width] = shape as [number, number, number];
  return Array.from({ length: rows * columns }, (_, place) => {
    const top = Math.floor(place / columns) * dilations[0]!;
    const left = (place % columns) * dilations[1]!;
    return b.emit('slice', [padded], {
      start: [0, top, left, 0],
      limit: [
        padded.shape[0]!,
        top + (height - 1) * strides[0]! + 1,
        left + (width - 1) * strides[1]! + 1,
        padded.shape[3]!,
      ],
      strides: [1, strides[0]!, strides[1]!, 1],
    });
  });
}

/**
 * The gradient of an image of which windows read: each part, one for each place in the window, goes to
 * where `tapsOf` took it from. `low` are the margins that the image had.
 */
export function tapsGradient(
  b: GraphBuilder,
  parts: readonly Value[],
  shape: readonly number[],
  { window, strides, dilations, low }: Taps & { readonly low: readonly number[] },
): Value {
  const moved = parts.map((part, place) => {
    const wide = dilated(b, part, [1, ...strides, 1]);
    const at = [Math.floor(place / window[1]!), place % window[1]!];
    const before = low.map((count, axis) =>
      axis === 0 || axis === 3 ? 0 : at[axis - 1]! * dilations[axis - 1]! - count,
    );
    const after = shape.map((dim, axis) => dim - wide.shape[axis]! - before[axis]!);
    return withMargins(b, wide, before, after);
  });
  return moved.reduce((sum, part) => b.binary('add', sum, part));
}

/** The largest of values of one shape, and the number (int32) of the first that is it. */
export function firstLargest(
  b: GraphBuilder,
  values: readonly Value[],
): { largest: Value; place: Value } {
  const first = { largest: values[0]!, place: b.fill(0, values[0]!.shape, 'int32') };
  return values.slice(1).reduce((best, value, i) => {
    const isLarger = b.compare('gt', value, best.largest);
    return {
      largest: b.select(isLarger, value, best.largest),
      place: b.select(isLarger, b.fillLike(best.place, i + 1), best.place),
    };
  }, first);
}
