/** Ops that move elements about and compute nothing. */
import { sizeOf, type DType } from '@eddy/tensor/spec';

import { coordinates, offset, stridesOf } from './define/layout.ts';
import { onnxReshape, onnxTranspose } from './define/onnx-moves.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand, demandAxes } from './define/rules.ts';
import { list, tensorType } from './define/stablehlo-text.ts';
import { sameShape } from './define/value.ts';

/** Axis i of the operand becomes axis `axes[i]` of the result; size 1 stretches. `axes` ascend. */
export const broadcastInDim = defineOp({
  operands: ['x'],
  attrs: attributes<{ shape: readonly number[]; axes: readonly number[] }>(),
  infer: ([x], { shape, axes }) => {
    demand(axes.length === x.shape.length, 'one axis for each axis of the operand');
    demandAxes(axes, shape.length);
    demand(
      axes.every((axis, i) => i === 0 || axis > axes[i - 1]!),
      'axes must ascend',
    );
    demand(
      axes.every((axis, i) => x.shape[i] === 1 || x.shape[i] === shape[axis]),
      'each dim must be 1 or the dim it becomes',
    );
    return { shape, dtype: x.dtype };
  },
  storage: 'moved',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { axes } }, [data], { output }) =>
    output.rearrange(data, x, (at) => axes.map((axis, i) => (x.shape[i] === 1 ? 0 : at[axis]!))),
  stablehlo: (node, w) => {
    w.operation(node, 'stablehlo.broadcast_in_dim', `dims = ${list(node.attrs.axes)}`);
  },
  onnx: ({ inputs: [x], attrs: { shape, axes } }, [name], w) => {
    const aligned = shape.map(() => 1);
    axes.forEach((axis, i) => (aligned[axis] = x.shape[i]!));
    const reshaped = onnxReshape(name, x.shape, aligned, w);
    return sameShape(aligned, shape) ? reshaped : w.node('Expand', [reshaped, w.sizes(shape)]);
  },
  tensorflow: ({ inputs: [x], outputs: [output], attrs: { axes } }, b) => {
    const { slot, shape } = b.compact(x);
    const dims = output.shape.map(() => 1);
    const missing = x.shape.length - shape.length;
    axes.forEach((axis, i) => (dims[axis] = i < missing ? 1 : shape[i - missing]!));
    const compact = withoutLeadingOnes(dims);
    const isSame = withoutLeadingOnes(shape).join() === compact.join();
    return isSame && shape.length <= output.shape.length
      ? { slot, shape }
      : { slot: b.reshape(slot, compact), shape: compact };
  },
});

export const reshape = defineOp({
  operands: ['x'],
  attrs: attributes<{ shape: readonly number[] }>(),
  infer: ([x], { shape }) => {
    demand(sizeOf(shape) === sizeOf(x.shape), 'sizes must be equal');
    return { shape, dtype: x.dtype };
  },
  storage: 'moved',
  elementWise: false,
  splat: (_node, [x]) => x,
  flops: () => 0,
  interpret: (_node, [data]) => data,
  stablehlo: (node, w) => {
    w.operation(node, 'stablehlo.reshape');
  },
  onnx: ({ inputs: [x], attrs: { shape } }, [name], w) => onnxReshape(name, x.shape, shape, w),
  tensorflow: ({ inputs: [x], outputs: [output] }, b) => {
    const { slot, shape } = b.compact(x);
    const target = sizeOf(shape) === 1 ? [] : output.shape;
    const operand = sizeOf(shape) === 1 ? slot : b.full(x);
    return { slot: b.reshape(operand, target), shape: target };
  },
});

/** Axis i of the result is axis `permutation[i]` of the operand. */
export const transpose = defineOp({
  operands: ['x'],
  attrs: attributes<{ permutation: readonly number[] }>(),
  infer: ([x], { permutation }) => {
    demand(permutation.length === x.shape.length, 'permutation must name every axis');
    demandAxes(permutation, x.shape.length);
    return { shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  storage: 'moved',
  elementWise: false,
  splat: (_node, [x]) => x,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { permutation } }, [data], { output }) =>
    output.rearrange(data, x, (at) => x.shape.map((_, axis) => at[permutation.indexOf(axis)]!)),
  stablehlo: (node, w) => {
    w.operation(node, 'stablehlo.transpose', `dims = ${list(node.attrs.permutation)}`);
  },
  onnx: ({ attrs: { permutation } }, [x], w) => onnxTranspose(x, permutation, w),
  tensorflow: ({ inputs: [x], attrs: { permutation } }, b) => {
    const { slot, shape } = b.aligned(x);
    const permuted = permutation.map((axis) => shape[axis]!);
    return { slot: b.emit('Transpose', [slot, b.ints(permutation)]), shape: permuted };
  },
});

/** Elements start, start + stride, … below limit, on each axis. */
export const slice = defineOp({
  operands: ['x'],
  attrs: attributes<{
    start: readonly number[];
    limit: readonly number[];
    strides: readonly number[];
  }>(),
  infer: ([x], { start, limit, strides }) => {
    const ndim = x.shape.length;
    demand(
      [start, limit, strides].every((bounds) => bounds.length === ndim),
      'start, limit and strides for every axis',
    );
    demand(
      x.shape.every(
        (dim, axis) =>
          start[axis]! >= 0 &&
          start[axis]! <= limit[axis]! &&
          limit[axis]! <= dim &&
          strides[axis]! >= 1,
      ),
      '0 <= start <= limit <= dim and stride >= 1',
    );
    const shape = x.shape.map((_, axis) => {
      return Math.max(0, Math.ceil((limit[axis]! - start[axis]!) / strides[axis]!));
    });
    return { shape, dtype: x.dtype };
  },
  storage: 'moved',
  elementWise: false,
  splat: (_node, [x]) => x,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { start, strides } }, [data], { output }) =>
    output.rearrange(data, x, (at) => at.map((i, axis) => start[axis]! + i * strides[axis]!)),
  stablehlo: ({ inputs, outputs, attrs: { start, limit, strides } }, w) => {
    const ranges = start.map((at, axis) => `${at}:${limit[axis]}:${strides[axis]}`).join(', ');
    const type = `(${tensorType(inputs[0])}) -> ${tensorType(outputs[0])}`;
    w.define(outputs, `stablehlo.slice ${w.name(inputs[0])} [${ranges}] : ${type}`);
  },
  onnx: ({ attrs: { start, limit, strides } }, [x], w) => {
    const axes = start.map((_, axis) => axis);
    const operands = [start, limit, axes, strides].map((bounds) => w.sizes(bounds));
    return start.length === 0 ? x : w.node('Slice', [x, ...operands]);
  },
  tensorflow: ({ inputs: [x], attrs: { start, limit, strides } }, b) => {
    const bounds = [start, limit, strides].map((numbers) => b.ints(numbers));
    return b.emit('StridedSlice', [b.full(x), ...bounds]);
  },
});

/** Puts `fill`, a scalar, before and after each axis. Counts are not negative. */
export const pad = defineOp({
  operands: ['x', 'fill'],
  attrs: attributes<{ low: readonly number[]; high: readonly number[] }>(),
  infer: ([x, fill], { low, high }) => {
    demand(fill.shape.length === 0 && fill.dtype === x.dtype, 'fill must be a scalar of the dtype');
    const ndim = x.shape.length;
    demand(low.length === ndim && high.length === ndim, 'low and high for every axis');
    demand(
      [...low, ...high].every((count) => count >= 0),
      'counts must not be negative',
    );
    return { shape: x.shape.map((dim, i) => low[i]! + dim + high[i]!), dtype: x.dtype };
  },
  storage: 'moved',
  elementWise: false,
  splat: (_node, [x, fill]) => (Object.is(x, fill) ? x : undefined),
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { low } }, [data, fill], { output }) => {
    const strides = stridesOf(x.shape);
    return output.generate((i) => {
      const at = coordinates(i, output.shape).map((index, axis) => index - low[axis]!);
      const inside = at.every((index, axis) => index >= 0 && index < x.shape[axis]!);
      return inside ? data[offset(at, strides)]! : fill[0]!;
    });
  },
  stablehlo: (node, w) => {
    const { low, high } = node.attrs;
    const interior = list(low.map(() => 0));
    const counts = `low = ${list(low)}, high = ${list(high)}, interior = ${interior}`;
    w.operation(node, 'stablehlo.pad', counts);
  },
  onnx: ({ attrs: { low, high } }, [x, fill], w) =>
    w.node('Pad', [x, w.sizes([...low, ...high]), fill]),
  tensorflow: ({ inputs: [x, fill], attrs: { low, high } }, b) => {
    const counts = Int32Array.from(low.flatMap((count, axis) => [count, high[axis]!]));
    const paddings = b.constant(counts, [low.length, 2], 'int32');
    return b.emit('PadV2', [b.full(x), paddings, b.full(fill)]);
  },
});

export const concatenate = defineOp({
  operands: 'any',
  attrs: attributes<{ axis: number }>(),
  infer: (inputs, { axis }) => {
    demand(inputs.length > 0, 'takes at least one operand');
    const first = inputs[0]!;
    demandAxes([axis], first.shape.length);
    for (const { shape, dtype } of inputs) {
      demand(dtype === first.dtype, 'operands must have one dtype');
      const fits =
        shape.length === first.shape.length &&
        shape.every((dim, i) => i === axis || dim === first.shape[i]);
      demand(fits, `operands may differ only on axis ${axis}`);
    }
    const total = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
    return { shape: first.shape.with(axis, total), dtype: first.dtype };
  },
  storage: 'moved',
  elementWise: false,
  splat: (_node, numbers) =>
    numbers.every((number) => Object.is(number, numbers[0])) ? numbers[0] : undefined,
  flops: () => 0,
  interpret: ({ inputs, attrs: { axis } }, data, { output }) => {
    const strides = inputs.map(({ shape }) => stridesOf(shape));
    return output.generate((i) => {
      const at = coordinates(i, output.shape);
      let part = 0;
      while (at[axis]! >= inputs[part]!.shape[axis]!) {
        at[axis]! -= inputs[part]!.shape[axis]!;
        part++;
      }
      return data[part]![offset(at, strides[part]!)]!;
    });
  },
  stablehlo: (node, w) => {
    w.operation(node, 'stablehlo.concatenate', `dim = ${node.attrs.axis}`);
  },
  onnx: ({ attrs: { axis } }, names, w) => w.node('Concat', names, { axis }),
  tensorflow: ({ inputs, outputs: [output], attrs: { axis } }, b) => {
    const parts = inputs.map((input) => b.full(input));
    if (parts.length === 1) return parts[0]!;
    return b.emit('ConcatV2', [...parts, b.scalar(axis, 'int32').slot], {
      N: { type: 'int', value: parts.length },
      T: { type: 'dtype', value: output.dtype as DType },
      Tidx: { type: 'dtype', value: 'int32' },
    });
  },
});

export const reverse = defineOp({
  operands: ['x'],
  attrs: attributes<{ axes: readonly number[] }>(),
  infer: ([x], { axes }) => {
    demandAxes(axes, x.shape.length);
    return x;
  },
  storage: 'moved',
  elementWise: false,
  splat: (_node, [x]) => x,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { axes } }, [data], { output }) =>
    output.rearrange(data, x, (at) =>
      at.map((i, axis) => (axes.includes(axis) ? x.shape[axis]! - 1 - i : i)),
    ),
  stablehlo: ({ inputs, outputs, attrs: { axes } }, w) => {
    const type = tensorType(outputs[0]);
    w.define(outputs, `stablehlo.reverse ${w.names(inputs)}, dims = ${list(axes)} : ${type}`);
  },
  onnx: ({ inputs: [x], attrs: { axes } }, [name], w) => {
    const begin = axes.map(() => -1);
    const end = axes.map((axis) => -x.shape[axis]! - 1);
    const operands = [begin, end, axes, begin].map((bounds) => w.sizes(bounds));
    return w.node('Slice', [name, ...operands]);
  },
  tensorflow: ({ inputs: [x], attrs: { axes } }, b) =>
    b.emit('ReverseV2', [b.full(x), b.ints(axes)]),
});

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((dim) => dim !== 1);
  return first < 0 ? [] : shape.slice(first);
}
