/** Space around elements and between them. */
import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

/** Adds counts of `fill` before and after each axis; negative counts cut. */
export function withMargins(
  b: GraphBuilder,
  x: Value,
  low: readonly number[],
  high: readonly number[],
  fill = 0,
): Value {
  const positive = (counts: readonly number[]) => counts.map((count) => Math.max(0, count));
  const cutLow = low.map((count) => Math.max(0, -count));
  const cutHigh = high.map((count) => Math.max(0, -count));
  const isCut = [...cutLow, ...cutHigh].some((count) => count > 0);
  const cut = (value: Value) =>
    isCut
      ? b.emit('slice', [value], {
          start: cutLow,
          limit: value.shape.map((dim, axis) => dim - cutHigh[axis]!),
          strides: value.shape.map(() => 1),
        })
      : value;
  const isPadded = [...low, ...high].some((count) => count > 0);
  const padded = (value: Value) =>
    isPadded
      ? b.emit('pad', [value, b.scalar(fill, hostDType(x.dtype))], {
          low: positive(low),
          high: positive(high),
        })
      : value;
  // More may be cut at one end than there is, where the other end gets as much.
  const isBeyond = x.shape.some((dim, axis) => cutLow[axis]! + cutHigh[axis]! > dim);
  return isBeyond ? cut(padded(x)) : padded(cut(x));
}

/** Puts d − 1 zeros between the elements of each axis. */
export function dilated(b: GraphBuilder, x: Value, dilations: readonly number[]): Value {
  return dilations.reduce((value, dilation, axis) => {
    const dim = value.shape[axis]!;
    if (dilation === 1 || dim <= 1) return value;
    const column = [...value.shape.slice(0, axis + 1), 1, ...value.shape.slice(axis + 1)];
    const none = column.map(() => 0);
    const filled = withMargins(
      b,
      b.reshape(value, column),
      none,
      none.with(axis + 1, dilation - 1),
    );
    const joined = b.reshape(filled, value.shape.with(axis, dim * dilation));
    return b.sliceAxis(joined, axis, 0, (dim - 1) * dilation + 1);
  }, x);
}
