/** Element-wise kernels of two and more operands, and comparisons. */
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { BinaryOp, CompareDirection } from '../../ops/index.ts';

import { asFloat, listed, numericDType, type Kernel, type KernelTable } from './kernel.ts';

type Compose = (b: GraphBuilder, x: Value, y: Value) => Value;

const numeric =
  (compose: Compose): Kernel =>
  (b, inputs) => {
    const operands = [inputs['a']!, inputs['b']!];
    const dtype = numericDType(...operands);
    const [x, y] = operands.map((operand) => b.convert(operand, dtype));
    return compose(b, x!, y!);
  };

const op =
  (name: BinaryOp): Compose =>
  (b, x, y) =>
    b.binary(name, x, y);

const logical =
  (name: BinaryOp): Kernel =>
  (b, inputs) =>
    b.binary(name, inputs['a']!, inputs['b']!);

const comparison = (direction: CompareDirection): Kernel =>
  numeric((b, x, y) => b.compare(direction, x, y));

/** The remainder with the sign of the dividend, and whether that is not the divisor's. */
function remainderOf(
  b: GraphBuilder,
  x: Value,
  y: Value,
): { remainder: Value; isMisplaced: Value } {
  const remainder = b.binary('remainder', x, y);
  const zero = b.fillLike(remainder, 0);
  const divisorNegative = b.compare('lt', y, zero);
  const signsDiffer = b.binary('xor', b.compare('lt', remainder, zero), divisorNegative);
  return { remainder, isMisplaced: b.binary('and', signsDiffer, b.compare('ne', remainder, zero)) };
}

/** Sign of the divisor, as `%` in Python: a non-zero remainder of the other sign is moved by it. */
function modulo(b: GraphBuilder, x: Value, y: Value): Value {
  const { remainder, isMisplaced } = remainderOf(b, x, y);
  return b.select(isMisplaced, b.binary('add', remainder, y), remainder);
}

/** ⌊x / y⌋ as int32. */
function floorDivide(b: GraphBuilder, x: Value, y: Value): Value {
  if (x.dtype === 'float32') {
    return b.convert(b.emit('floor', [b.binary('divide', x, y)]), 'int32');
  }
  // Integer division truncates: one too much where the signs differ.
  const quotient = b.binary('divide', x, y);
  const { isMisplaced } = remainderOf(b, x, y);
  return b.select(isMisplaced, b.binary('subtract', quotient, b.fillLike(quotient, 1)), quotient);
}

function squaredDifference(b: GraphBuilder, x: Value, y: Value): Value {
  const difference = b.binary('subtract', x, y);
  return b.binary('multiply', difference, difference);
}

/** dy · (y ≥ 0 ? 1 : y + 1), y being the result of elu. */
const eluGradient: Kernel = (b, { dy, y }) => {
  const one = b.fillLike(y!, 1);
  const slope = b.select(b.compare('ge', y!, b.fillLike(y!, 0)), one, b.binary('add', y!, one));
  return b.binary('multiply', dy!, slope);
};

export const binaryKernels: KernelTable = {
  Add: numeric(op('add')),
  AddN: (b, inputs) => listed(inputs).reduce((sum, x) => b.binary('add', sum, x)),
  Atan2: (b, inputs) => b.binary('atan2', asFloat(b, inputs['a']!), asFloat(b, inputs['b']!)),
  BitwiseAnd: logical('bitwiseAnd'),
  EluGrad: eluGradient,
  Equal: comparison('eq'),
  FloorDiv: numeric(floorDivide),
  Greater: comparison('gt'),
  GreaterEqual: comparison('ge'),
  Less: comparison('lt'),
  LessEqual: comparison('le'),
  LogicalAnd: logical('and'),
  LogicalOr: logical('or'),
  LogicalXor: logical('xor'),
  Maximum: numeric(op('maximum')),
  Minimum: numeric(op('minimum')),
  Mod: numeric(modulo),
  Multiply: numeric(op('multiply')),
  NotEqual: comparison('ne'),
  Pow: numeric(op('power')),
  Prelu: (b, { x, alpha }) =>
    b.select(b.compare('lt', x!, b.fillLike(x!, 0)), b.binary('multiply', x!, alpha!), x!),
  RealDiv: (b, inputs) => b.binary('divide', asFloat(b, inputs['a']!), asFloat(b, inputs['b']!)),
  Select: (b, { condition, t, e }) => {
    const dtype = t!.dtype === e!.dtype ? t!.dtype : numericDType(t!, e!);
    // TF.js lets a vector choose among the rows of its operands.
    const missing = t!.shape.length - condition!.shape.length;
    const shape = [...condition!.shape, ...Array.from({ length: missing }, () => 1)];
    const rows =
      missing > 0 && condition!.shape.length === 1 ? b.reshape(condition!, shape) : condition!;
    return b.select(rows, b.convert(t!, dtype), b.convert(e!, dtype));
  },
  SquaredDifference: numeric(squaredDifference),
  Sub: numeric(op('subtract')),
};
