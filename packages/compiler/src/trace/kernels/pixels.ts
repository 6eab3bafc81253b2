/** Pixels of images at positions that are values of the graph. */
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

/** One position for each pixel of the result, all of one shape: `image` int32, `y` and `x` float32. */
export interface Positions {
  readonly image: Value;
  readonly y: Value;
  readonly x: Value;
}

/** Whether 0 ≤ y ≤ height − 1 and 0 ≤ x ≤ width − 1. */
export function insideImage(b: GraphBuilder, { y, x }: Positions, image: Value): Value {
  const [, height, width] = image.shape as [number, number, number];
  const within = (at: Value, last: number) =>
    b.binary(
      'and',
      b.compare('ge', at, b.fillLike(at, 0)),
      b.compare('le', at, b.fillLike(at, last)),
    );
  return b.binary('and', within(y, height - 1), within(x, width - 1));
}

/** The pixels at whole positions, [...positions, channels]; the nearest pixel for those outside. */
export function pixelsAt(b: GraphBuilder, images: Value, { image, y, x }: Positions): Value {
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const clamped = (at: Value, last: number) => {
    const whole = b.convert(at, 'int32');
    const below = b.binary('minimum', whole, b.fillLike(whole, last));
    return b.binary('maximum', below, b.fillLike(whole, 0));
  };
  const scaled = (rows: Value, count: number) =>
    b.binary('multiply', rows, b.fillLike(rows, count));
  const row = b.binary('add', scaled(clamped(image, batch - 1), height), clamped(y, height - 1));
  const id = b.binary('add', scaled(row, width), clamped(x, width - 1));
  const count = id.shape.reduce((product, dim) => product * dim, 1);
  const table = b.reshape(images, [batch * height * width, channels]);
  const taken = b.emit('gatherRows', [table, b.reshape(id, [count])]);
  return b.reshape(taken, [...id.shape, channels]);
}
