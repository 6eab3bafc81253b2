/** TensorFlow's instructions for convolutions. */
import { notSupported, type NotSupported } from '../define/op.ts';
import type { InstructionBuilder, Slot } from '../define/tensorflow.ts';
import { dilatedSize, type ConvolutionNode } from './node.ts';

/** A tensor whose shape is known here. */
interface Shaped {
  readonly slot: Slot;
  readonly shape: readonly number[];
}

/** Over images and volumes; zeros are put in beforehand, so that each is a plain convolution. */
export function convolutionInTensorflow(
  { inputs: [input, kernel], attrs }: ConvolutionNode,
  b: InstructionBuilder,
): Slot | NotSupported {
  const { strides, low, high, inputDilation, kernelDilation } = attrs;
  const numAxes = strides.length;
  if (numAxes !== 2 && numAxes !== 3) {
    return notSupported('it convolves images and volumes only');
  }
  const pad = (x: Shaped) => withMargins(x, [0, ...low, 0], [0, ...high, 0], b);
  const wide = strides.reduce<Shaped>(
    (x, _, axis) => dilated(x, axis + 1, inputDilation[axis]!, b),
    { slot: b.full(input), shape: input.shape },
  );
  const x = pad(wide);
  // Its convolutions of volumes do not dilate.
  const dilates = numAxes === 2;
  const weights = strides.reduce<Shaped>(
    (k, _, axis) => (dilates ? k : dilated(k, axis, kernelDilation[axis]!, b)),
    { slot: b.full(kernel), shape: kernel.shape },
  );
  return b.emit(dilates ? 'Conv2D' : 'Conv3D', [x.slot, weights.slot], {
    strides: { type: 'ints', value: [1, ...strides, 1] },
    padding: { type: 'string', value: 'VALID' },
    ...(dilates ? { dilations: { type: 'ints', value: [1, ...kernelDilation, 1] } } : {}),
  });
}

/** Zeros around, or less of it where margins are negative. */
function withMargins(
  x: Shaped,
  low: readonly number[],
  high: readonly number[],
  b: InstructionBuilder,
): Shaped {
  let { slot, shape } = x;
  const all = [...low, ...high];
  if (all.some((count) => count < 0)) {
    const begin = low.map((count) => Math.max(0, -count));
    shape = shape.map((dim, axis) => dim - begin[axis]! - Math.max(0, -high[axis]!));
    slot = b.emit('Slice', [slot, b.ints(begin), b.ints(shape)]);
  }
  if (all.some((count) => count > 0)) {
    const counts = low.map((count, axis) => [Math.max(0, count), Math.max(0, high[axis]!)]);
    const margins = b.constant(Int32Array.from(counts.flat()), [low.length, 2], 'int32');
    slot = b.emit('Pad', [slot, margins]);
    shape = shape.map((dim, axis) => dim + counts[axis]![0]! + counts[axis]![1]!);
  }
  return { slot, shape };
}

/** With d − 1 zeros between the elements of an axis. */
function dilated(x: Shaped, axis: number, dilation: number, b: InstructionBuilder): Shaped {
  if (dilation === 1) return x;
  const size = x.shape[axis]!;
  const spread = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const after = spread.map((_, i) => (i === axis + 1 ? dilation - 1 : 0));
  const column = { slot: b.reshape(x.slot, spread), shape: spread };
  const filled = withMargins(
    column,
    spread.map(() => 0),
    after,
    b,
  );
  const joined = x.shape.with(axis, size * dilation);
  const shape = joined.with(axis, dilatedSize(size, dilation));
  const begin = b.ints(shape.map(() => 0));
  const slot = b.emit('Slice', [b.reshape(filled.slot, joined), begin, b.ints(shape)]);
  return { slot, shape };
}
