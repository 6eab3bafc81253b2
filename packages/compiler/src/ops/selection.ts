/** Element-wise ops whose operands or result differ in dtype. */
import type { DType } from '@eddy/tensor';

import { converted } from './define/elements.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand } from './define/rules.ts';
import { functionType, tensorType } from './define/stablehlo-text.ts';
import type { Compact, InstructionBuilder } from './define/tensorflow.ts';
import { sameShape, type GraphDType } from './define/value.ts';
import { roundingInStablehlo } from './rounding.ts';

export type CompareDirection = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

interface Comparison {
  readonly meaning: (x: number, y: number) => boolean;
  readonly stablehlo: string;
  /** Negated for `ne`. */
  readonly onnx: string;
  readonly tensorflow: string;
}

const COMPARISONS: Readonly<Record<CompareDirection, Comparison>> = {
  eq: { meaning: (x, y) => x === y, stablehlo: 'EQ', onnx: 'Equal', tensorflow: 'Equal' },
  ne: { meaning: (x, y) => x !== y, stablehlo: 'NE', onnx: 'Equal', tensorflow: 'NotEqual' },
  lt: { meaning: (x, y) => x < y, stablehlo: 'LT', onnx: 'Less', tensorflow: 'Less' },
  le: { meaning: (x, y) => x <= y, stablehlo: 'LE', onnx: 'LessOrEqual', tensorflow: 'LessEqual' },
  gt: { meaning: (x, y) => x > y, stablehlo: 'GT', onnx: 'Greater', tensorflow: 'Greater' },
  ge: {
    meaning: (x, y) => x >= y,
    stablehlo: 'GE',
    onnx: 'GreaterOrEqual',
    tensorflow: 'GreaterEqual',
  },
};

/** Result is bool. A comparison with NaN is false, `ne` true. */
export const compare = defineOp({
  operands: ['x', 'y'],
  attrs: attributes<{ direction: CompareDirection }>(),
  infer: ([x, y]) => {
    demand(x.dtype === y.dtype, 'operands must have one dtype');
    demand(sameShape(x.shape, y.shape), 'operands must have one shape');
    return { shape: x.shape, dtype: 'bool' };
  },
  storage: 'computed',
  elementWise: true,
  splat: ({ attrs: { direction } }, [x, y]) => (COMPARISONS[direction].meaning(x!, y!) ? 1 : 0),
  flops: () => 0,
  interpret: ({ attrs: { direction } }, [x, y], { output }) => {
    const { meaning } = COMPARISONS[direction];
    return output.generate((i) => (meaning(x[i]!, y[i]!) ? 1 : 0));
  },
  stablehlo: ({ inputs, outputs, attrs: { direction } }, w) => {
    const { dtype } = inputs[0];
    const kind = dtype === 'bool' ? 'UNSIGNED' : dtype === 'int32' ? 'SIGNED' : 'FLOAT';
    const operands = `${COMPARISONS[direction].stablehlo}, ${w.names(inputs)}, ${kind}`;
    w.define(outputs, `stablehlo.compare ${operands} : ${functionType(inputs, outputs)}`);
  },
  onnx: ({ inputs: [x], attrs: { direction } }, names, w) => {
    const isOrdered = direction !== 'eq' && direction !== 'ne';
    const operands =
      isOrdered && x.dtype === 'bool' ? names.map((name) => w.cast(name, 'int32')) : names;
    const result = w.node(COMPARISONS[direction].onnx, operands);
    return direction === 'ne' ? w.node('Not', [result]) : result;
  },
  tensorflow: ({ inputs: [x, y], attrs: { direction } }, b) =>
    b.elementWise(COMPARISONS[direction].tensorflow, [b.compact(x), b.compact(y)]),
});

/** Where the condition (bool) is true an element of the first value, else of the second; one shape. */
export const select = defineOp({
  operands: ['condition', 'ifTrue', 'ifFalse'],
  attrs: attributes(),
  infer: ([condition, a, b]) => {
    demand(condition.dtype === 'bool', 'condition must be bool');
    demand(a.dtype === b.dtype, 'both values must have one dtype');
    demand(
      sameShape(condition.shape, a.shape) && sameShape(a.shape, b.shape),
      'condition and both values must have one shape',
    );
    return a;
  },
  storage: 'computed',
  elementWise: true,
  splat: (_node, [condition, a, b]) => (condition === 0 ? b : a),
  flops: () => 0,
  interpret: (_node, [condition, a, b], { output }) =>
    output.generate((i) => (condition[i] === 0 ? b[i]! : a[i]!)),
  stablehlo: ({ inputs, outputs }, w) => {
    const types = `${tensorType(inputs[0])}, ${tensorType(outputs[0])}`;
    w.define(outputs, `stablehlo.select ${w.names(inputs)} : ${types}`);
  },
  onnx: (_node, names, w) => w.node('Where', names),
  tensorflow: ({ inputs }, b) =>
    b.elementWise(
      'SelectV2',
      inputs.map((input) => b.compact(input)),
    ),
});

/** float → int32 truncates and saturates, NaN gives 0; number → bool is `≠ 0`. */
export const convert = defineOp({
  operands: ['x'],
  attrs: attributes<{ dtype: GraphDType }>(),
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  storage: 'moved',
  elementWise: true,
  splat: ({ attrs: { dtype } }, [x]) => converted(x!, dtype),
  flops: () => 0,
  interpret: (_node, [data], { output }) =>
    output.generate((i) =>
      output.dtype === 'float32' ? output.stored(data[i]!) : converted(data[i]!, output.dtype),
    ),
  stablehlo: (node, w) => {
    const [x] = node.inputs;
    const [output] = node.outputs;
    if (w.rounding === 'bits' && x.dtype === 'float32' && output.dtype === 'bfloat16') {
      roundingInStablehlo(x, output, w);
      return;
    }
    // StableHLO converts to i1 by "not zero" as well, but float NaN is only defined by a comparison.
    if (output.dtype !== 'bool') {
      w.operation(node, 'stablehlo.convert');
      return;
    }
    const kind = x.dtype === 'int32' ? 'SIGNED' : 'FLOAT';
    const zero = w.scalar(x.dtype === 'int32' ? '0' : '0.0', x.dtype);
    const zeros = w.fresh();
    const spread = functionType([{ shape: [], dtype: x.dtype }], [x]);
    w.line(`${zeros} = stablehlo.broadcast_in_dim ${zero}, dims = [] : ${spread}`);
    const type = functionType([x, x], [output]);
    w.define(node.outputs, `stablehlo.compare NE, ${w.name(x)}, ${zeros}, ${kind} : ${type}`);
  },
  onnx: ({ outputs: [output] }, [x], w) => w.cast(x, output.dtype),
  tensorflow: ({ inputs: [x], outputs: [output] }, b) => {
    const operand = b.compact(x);
    const to = output.dtype as DType;
    if (to === 'bool') {
      return b.elementWise('NotEqual', [operand, b.scalar(0, x.dtype as DType)]);
    }
    const slot = b.emit('Cast', [operand.slot], { DstT: { type: 'dtype', value: to } });
    const cast = { slot, shape: operand.shape };
    return x.dtype === 'float32' && to === 'int32' ? saturated(operand, cast, b) : cast;
  },
});

/** TensorFlow's Cast leaves open what becomes of numbers that an integer cannot hold. */
function saturated(x: Compact, cast: Compact, b: InstructionBuilder): Compact {
  const [lowest, highest] = [-2147483648, 2147483647];
  const isHigh = b.elementWise('GreaterEqual', [x, b.scalar(2147483648, 'float32')]);
  const isLow = b.elementWise('LessEqual', [x, b.scalar(lowest, 'float32')]);
  const isNaN = b.elementWise('NotEqual', [x, x]);
  const capped = b.elementWise('SelectV2', [isHigh, b.scalar(highest, 'int32'), cast]);
  const held = b.elementWise('SelectV2', [isLow, b.scalar(lowest, 'int32'), capped]);
  return b.elementWise('SelectV2', [isNaN, b.scalar(0, 'int32'), held]);
}
