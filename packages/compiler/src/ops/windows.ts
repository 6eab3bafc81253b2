/** Ops over windows that slide along the axes. */
import { sizeOf, type DType } from '@eddy/tensor/spec';

import { coordinates, stridesOf } from './define/layout.ts';
import { onnxTranspose } from './define/onnx-moves.ts';
import { attributes, defineOp, notSupported } from './define/op.ts';
import { demand } from './define/rules.ts';
import { functionType, list, tensorType } from './define/stablehlo-text.ts';
import type { InstructionBuilder, Slot } from './define/tensorflow.ts';
import { sameShape, type Value, type ValueSpec } from './define/value.ts';
import { identityOf, REDUCTIONS } from './reduction-kinds.ts';

/** Sizes, steps and margins on every axis. */
export interface Windows {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  /** Rows added around the operand, which no window counts. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface WindowAttrs extends Windows {
  readonly kind: 'sum' | 'max' | 'min';
}

/** Number of windows on each axis. */
function windowShape(x: ValueSpec, { window, strides, low, high }: Windows): number[] {
  const ndim = x.shape.length;
  demand(ndim > 0, 'operand needs at least one axis');
  demand(
    [window, strides, low, high].every((sizes) => sizes.length === ndim),
    'window, strides, low and high for every axis',
  );
  demand(
    [...window, ...strides].every((size) => size >= 1),
    'windows and strides must be at least 1',
  );
  demand(
    [...low, ...high].every((count) => count >= 0),
    'margins must not be negative',
  );
  return x.shape.map((dim, axis) => {
    const room = dim + low[axis]! + high[axis]! - window[axis]!;
    return room < 0 ? 0 : Math.floor(room / strides[axis]!) + 1;
  });
}

/** Flat indices of the elements of x in each window, in order of the windows. */
function windowElements(
  x: ValueSpec,
  { window, strides, low }: Windows,
  windows: readonly number[],
): number[][] {
  const layout = stridesOf(x.shape);
  const offsets = Array.from({ length: sizeOf(window) }, (_, i) => coordinates(i, window));
  return Array.from({ length: sizeOf(windows) }, (_, i) => {
    const corner = coordinates(i, windows).map((at, axis) => at * strides[axis]! - low[axis]!);
    return offsets.flatMap((offset) => {
      const at = offset.map((index, axis) => corner[axis]! + index);
      const inside = at.every((index, axis) => index >= 0 && index < x.shape[axis]!);
      return inside ? [at.reduce((sum, index, axis) => sum + index * layout[axis]!, 0)] : [];
    });
  });
}

/** The attributes of both ops in StableHLO's generic form. */
function stablehloWindows({ window, strides, low, high }: Windows): string {
  const pairs = low.map((before, axis) => list([before, high[axis]!])).join(', ');
  const array = (sizes: readonly number[]) => `array<i64: ${sizes.join(', ')}>`;
  return (
    `window_dimensions = ${array(window)}, window_strides = ${array(strides)}, ` +
    `padding = dense<[${pairs}]> : tensor<${low.length}x2xi64>`
  );
}

/**
 * Pooling as ONNX and TensorFlow have it: over two or three axes in the middle of four or five.
 * Undefined where a window spans the first or the last axis.
 */
function spatialOf({ shape }: ValueSpec, windows: Windows): readonly number[] | undefined {
  const ndim = shape.length;
  const axes = windows.window.flatMap((size, axis) =>
    size > 1 || windows.strides[axis]! > 1 || windows.low[axis]! > 0 || windows.high[axis]! > 0
      ? [axis]
      : [],
  );
  const isInside = axes.every((axis) => axis > 0 && axis < ndim - 1);
  return isInside && (ndim === 4 || ndim === 5) ? axes : undefined;
}

const NO_POOLING =
  'its pooling covers only the axes between batch and channels of images and volumes';

/** Joins the elements of each window. An empty window gives the kind's identity. */
export const reduceWindow = defineOp({
  operands: ['x'],
  attrs: attributes<WindowAttrs>(),
  infer: ([x], attrs) => {
    demand(x.dtype !== 'bool', 'operand must be a number');
    return { shape: windowShape(x, attrs), dtype: x.dtype };
  },
  storage: 'computed',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs }, [data], { output }) => {
    const f = REDUCTIONS[attrs.kind].op.scalar(output.dtype, output.arithmetic);
    const identity = identityOf(attrs.kind, output.dtype).number;
    const elements = windowElements(x, attrs, output.shape);
    return output.generate((i) =>
      elements[i]!.reduce((joined, at) => f(joined, data[at]!), identity),
    );
  },
  stablehlo: ({ inputs: [x], outputs, attrs }, w) => {
    const scalarSpec = { shape: [], dtype: x.dtype };
    const scalar = tensorType(scalarSpec);
    const init = w.scalar(identityOf(attrs.kind, x.dtype).literal, x.dtype);
    const [a, b, joined] = [w.fresh(), w.fresh(), w.fresh()];
    w.define(
      outputs,
      `"stablehlo.reduce_window"(${w.name(x)}, ${init}) <{${stablehloWindows(attrs)}}> ({`,
    );
    w.line(`^bb0(${a}: ${scalar}, ${b}: ${scalar}):`);
    w.line(`${joined} = ${REDUCTIONS[attrs.kind].stablehlo} ${a}, ${b} : ${scalar}`);
    w.line(`stablehlo.return ${joined} : ${scalar}`);
    w.line(`}) : ${functionType([x, scalarSpec], outputs)}`);
  },
  onnx: ({ inputs: [x], attrs }, [name], w) => {
    const { kind, window, strides, low, high } = attrs;
    if (spatialOf(x, attrs) === undefined) return notSupported(NO_POOLING);
    if (x.dtype === 'int32') return notSupported('its pooling takes no int32');
    const ndim = x.shape.length;
    const spatial = Array.from({ length: ndim - 2 }, (_, i) => i + 1);
    const first = onnxTranspose(name, [0, ndim - 1, ...spatial], w);
    const sizes = (of: readonly number[]) => spatial.map((axis) => of[axis]!);
    const pool = (operand: string, op: 'MaxPool' | 'AveragePool') =>
      w.node(op, [operand], {
        kernel_shape: sizes(window),
        strides: sizes(strides),
        pads: [...sizes(low), ...sizes(high)],
        ...(op === 'AveragePool' ? { count_include_pad: 1 } : {}),
      });
    const back = (pooled: string) => onnxTranspose(pooled, [0, ...spatial.map((i) => i + 1), 1], w);
    if (kind === 'max') return back(pool(first, 'MaxPool'));
    if (kind === 'min') return back(w.node('Neg', [pool(w.node('Neg', [first]), 'MaxPool')]));
    const count = w.scalar('float32', sizeOf(window));
    return back(w.node('Mul', [pool(first, 'AveragePool'), count]));
  },
  tensorflow: ({ inputs: [x], attrs }, b) => {
    const { kind, window, strides } = attrs;
    if (spatialOf(x, attrs) === undefined) return notSupported(NO_POOLING);
    const images = x.shape.length === 4;
    if (x.dtype === 'int32' && (kind !== 'max' || !images)) {
      return notSupported('of integers it has only the maximum, over images');
    }
    const sizes = {
      ksize: { type: 'ints', value: window },
      strides: { type: 'ints', value: strides },
      padding: { type: 'string', value: 'VALID' },
    } as const;
    const pool = (op: 'MaxPool' | 'AvgPool', slot: Slot) =>
      b.emit(images ? op : `${op}3D`, [slot], sizes);
    if (kind === 'max')
      return pool('MaxPool', padded(x, identityOf('max', x.dtype).number, attrs, b));
    if (kind === 'min') {
      const negative = b.emit('Neg', [padded(x, Infinity, attrs, b)]);
      return b.emit('Neg', [pool('MaxPool', negative)]);
    }
    const mean = pool('AvgPool', padded(x, 0, attrs, b));
    return b.emit('Mul', [mean, b.scalar(sizeOf(window), 'float32').slot]);
  },
});

/** The operand with its margins, which TensorFlow's pooling would choose by itself. */
function padded(x: Value, fill: number, { low, high }: Windows, b: InstructionBuilder): Slot {
  if ([...low, ...high].every((count) => count === 0)) return b.full(x);
  const counts = Int32Array.from(low.flatMap((count, axis) => [count, high[axis]!]));
  const margins = b.constant(counts, [low.length, 2], 'int32');
  return b.emit('PadV2', [b.full(x), margins, b.scalar(fill, x.dtype as DType).slot]);
}

/**
 * The gradient of a maximum over windows: adds each window's update at its first largest element.
 * Operands: x, one update for each window; the result looks like x.
 */
export const selectAndScatter = defineOp({
  operands: ['x', 'updates'],
  attrs: attributes<Windows>(),
  infer: ([x, updates], attrs) => {
    demand(
      x.dtype !== 'bool' && x.dtype === updates.dtype,
      'operands must be numbers of one dtype',
    );
    demand(
      sameShape(updates.shape, windowShape(x, attrs)),
      'updates must have one for each window',
    );
    return x;
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [x, updates], attrs }, [data, amounts], { output }) => {
    const result = output.generate(() => 0);
    windowElements(x, attrs, updates.shape).forEach((elements, i) => {
      const [first, ...others] = elements;
      if (first === undefined) return;
      const largest = others.reduce((best, at) => (data[best]! >= data[at]! ? best : at), first);
      result[largest] = output.stored(result[largest]! + amounts[i]!);
    });
    return result;
  },
  stablehlo: ({ inputs, outputs, attrs }, w) => {
    const { dtype } = outputs[0];
    const scalarSpec = { shape: [], dtype };
    const scalar = tensorType(scalarSpec);
    const zero = w.scalar(identityOf('sum', dtype).literal, dtype);
    const [a, b, isFirst] = [w.fresh(), w.fresh(), w.fresh()];
    const [c, d, sum] = [w.fresh(), w.fresh(), w.fresh()];
    const kind = dtype === 'int32' ? 'SIGNED' : 'FLOAT';
    const compared = functionType([scalarSpec, scalarSpec], [{ shape: [], dtype: 'bool' }]);
    w.define(
      outputs,
      `"stablehlo.select_and_scatter"(${w.names(inputs)}, ${zero}) <{${stablehloWindows(attrs)}}> ({`,
    );
    w.line(`^bb0(${a}: ${scalar}, ${b}: ${scalar}):`);
    w.line(`${isFirst} = stablehlo.compare GE, ${a}, ${b}, ${kind} : ${compared}`);
    w.line(`stablehlo.return ${isFirst} : tensor<i1>`);
    w.line('}, {');
    w.line(`^bb0(${c}: ${scalar}, ${d}: ${scalar}):`);
    w.line(`${sum} = stablehlo.add ${c}, ${d} : ${scalar}`);
    w.line(`stablehlo.return ${sum} : ${scalar}`);
    w.line(`}) : ${functionType([...inputs, scalarSpec], outputs)}`);
  },
  onnx: notSupported('it has no gradients'),
  tensorflow: ({ inputs: [x, updates], attrs }, b) => {
    if (spatialOf(x, attrs) === undefined) return notSupported(NO_POOLING);
    if (x.dtype === 'int32') return notSupported('its pooling on a CPU takes no int32');
    const { window, strides, low } = attrs;
    const margins = padded(x, -Infinity, attrs, b);
    const sizes = {
      ksize: { type: 'ints', value: window },
      strides: { type: 'ints', value: strides },
      padding: { type: 'string', value: 'VALID' },
    } as const;
    const op = x.shape.length === 4 ? 'MaxPool' : 'MaxPool3D';
    const largest = b.emit(op, [margins], sizes);
    const gradient = b.emit(`${op}Grad`, [margins, largest, b.full(updates)], sizes);
    return b.emit('Slice', [gradient, b.ints(low), b.ints(x.shape)]);
  },
});
