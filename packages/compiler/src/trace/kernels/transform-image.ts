/** `tf.image.transform`: images under projective maps that are values of the graph. */
import type { TransformAttrs } from '@tensorflow/tfjs-core';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import type { Kernel } from './kernel.ts';
import { insideImage, pixelsAt, type Positions } from './pixels.ts';

type FillMode = TransformAttrs['fillMode'];

/** Element-wise arithmetic with numbers in it. */
function arithmetic(b: GraphBuilder) {
  const of = (like: Value, x: Value | number) => (typeof x === 'number' ? b.fillLike(like, x) : x);
  return {
    add: (x: Value, y: Value | number) => b.binary('add', x, of(x, y)),
    times: (x: Value, y: Value | number) => b.binary('multiply', x, of(x, y)),
    minus: (x: Value, y: Value | number) => b.binary('subtract', x, of(x, y)),
    from: (x: number, y: Value) => b.binary('subtract', of(y, x), y),
    over: (x: Value, y: Value | number) => b.binary('divide', x, of(x, y)),
    lessThan: (x: Value, y: number) => b.compare('lt', x, of(x, y)),
    clamp: (x: Value, low: number, high: number) =>
      b.binary('minimum', b.binary('maximum', x, of(x, low)), of(x, high)),
    /** Towards zero. */
    truncate: (x: Value) =>
      b.binary('multiply', b.emit('sign', [x]), b.emit('floor', [b.emit('abs', [x])])),
  };
}

/** Where outside positions of an axis are read. */
function mapped(b: GraphBuilder, at: Value, dim: number, mode: FillMode): Value {
  const { add, times, minus, from, over, lessThan, clamp, truncate } = arithmetic(b);
  if (mode === 'constant') return at;
  if (mode === 'nearest') return clamp(at, 0, dim - 1);
  if (dim <= 1) return b.fillLike(at, 0);
  const isBelow = lessThan(at, 0);
  const isAbove = b.compare('gt', at, b.fillLike(at, dim - 1));
  if (mode === 'wrap') {
    // [abcd] to [abcd|abcd|abcd], in TF.js with a period of dim − 1 in the count of turns.
    const turns = (x: Value) => truncate(over(x, dim - 1));
    const below = add(at, times(add(turns(b.emit('negate', [at])), 1), dim));
    const above = minus(at, times(turns(at), dim));
    return clamp(b.select(isBelow, below, b.select(isAbove, above, at)), 0, dim - 1);
  }
  // [abcd] to [dcba|abcd|dcba].
  const period = 2 * dim;
  const turned = add(times(truncate(over(b.emit('negate', [at]), period)), period), at);
  const below = b.select(lessThan(turned, -dim), add(turned, period), from(-1, turned));
  const rest = minus(at, times(truncate(over(at, period)), period));
  const above = b.select(lessThan(rest, dim), rest, from(period - 1, rest));
  return clamp(b.select(isBelow, below, b.select(isAbove, above, at)), 0, dim - 1);
}

/** The eight numbers a₀ … a₇ of each image's map, each [batch, 1, 1]. */
function coefficients(b: GraphBuilder, transforms: Value): Value[] {
  const count = transforms.shape[0]!;
  return Array.from({ length: 8 }, (_, i) =>
    b.reshape(b.sliceAxis(transforms, 1, i, 1), [count, 1, 1]),
  );
}

/** x' = (a₀x + a₁y + a₂) / (a₆x + a₇y + 1), y' = (a₃x + a₄y + a₅) / (a₆x + a₇y + 1). */
export const transform: Kernel = (
  b,
  { image, transforms },
  { interpolation, fillMode, fillValue, outputShape }: TransformAttrs,
) => {
  const { add, times, minus, from, over } = arithmetic(b);
  const [batch, height, width, channels] = image!.shape as [number, number, number, number];
  const sizes = outputShape as readonly number[] | null | undefined;
  const [outHeight, outWidth] = sizes ?? [height, width];
  const grid = [batch, outHeight!, outWidth!];
  const counts = (axis: number) => b.emit('iota', [], { shape: grid, dtype: 'float32', axis });
  const [y, x] = [counts(1), counts(2)];
  const a = coefficients(b, transforms!);
  const linear = (i: number, constant: Value | number) =>
    add(add(times(x, a[i]!), times(y, a[i + 1]!)), constant);
  const divisor = linear(6, 1);
  const at: Positions = {
    image: b.emit('iota', [], { shape: grid, dtype: 'int32', axis: 0 }),
    y: mapped(b, over(linear(3, a[5]!), divisor), height, fillMode),
    x: mapped(b, over(linear(0, a[2]!), divisor), width, fillMode),
  };
  const shape = [...grid, channels];
  const perChannel = (value: Value) =>
    b.emit('broadcastInDim', [value], { shape, axes: [0, 1, 2] });
  const fill = b.fill(fillValue, shape, hostDType(image!.dtype));
  const read = (atY: Value, atX: Value) => {
    const position = { ...at, y: atY, x: atX };
    const inside = perChannel(insideImage(b, position, image!));
    return b.select(inside, pixelsAt(b, image!, position), fill);
  };
  const floor = (value: Value) => b.emit('floor', [value]);
  const value = () => {
    if (interpolation === 'nearest') return read(floor(add(at.y, 0.5)), floor(add(at.x, 0.5)));
    const [top, left] = [floor(at.y), floor(at.x)];
    const between = (low: Value, high: Value, position: Value, start: Value) => {
      const part = perChannel(minus(position, start));
      return add(times(low, from(1, part)), times(high, part));
    };
    const row = (atY: Value) => between(read(atY, left), read(atY, add(left, 1)), at.x, left);
    return between(row(top), row(add(top, 1)), at.y, top);
  };
  const isInfinite = perChannel(b.compare('eq', divisor, b.fillLike(divisor, 0)));
  return b.select(isInfinite, fill, value());
};
