/** Shape and dtype rules: from operands and attributes to results. Building and verifying share them. */
import { sizeOf } from '@eddy/tensor/spec';

import { InvalidNodeError } from './errors.ts';
import type { ValueSpec } from './graph.ts';
import {
  BINARY_OPS,
  UNARY_OPS,
  type BinaryOp,
  type OpAttrs,
  type OpName,
  type Reduction,
  type UnaryOp,
} from './op.ts';

type Rule<K extends OpName> = (inputs: readonly ValueSpec[], attrs: OpAttrs[K]) => ValueSpec[];

/** @throws InvalidNodeError naming the rule that operands or attributes break. */
export function inferOutputs<K extends OpName>(
  op: K,
  inputs: readonly ValueSpec[],
  attrs: OpAttrs[K],
): ValueSpec[] {
  return (RULES[op] as Rule<K>)(inputs, attrs);
}

function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvalidNodeError(rule);
}

function operands<N extends number>(inputs: readonly ValueSpec[], count: N): readonly ValueSpec[] {
  demand(inputs.length === count, `takes ${count} operand(s), got ${inputs.length}`);
  return inputs;
}

function one(inputs: readonly ValueSpec[]): ValueSpec {
  return operands(inputs, 1)[0]!;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

function demandAxes(axes: readonly number[], ndim: number): void {
  const valid = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < ndim);
  demand(valid && new Set(axes).size === axes.length, `axes must be distinct and below ${ndim}`);
}

function isFloat({ dtype }: ValueSpec): boolean {
  return dtype === 'float32' || dtype === 'bfloat16';
}

function attentionOperands(inputs: readonly ValueSpec[]): readonly ValueSpec[] {
  const { shape } = inputs[0]!;
  demand(shape.length === 4, 'operands must be [batch, heads, positions, width]');
  const alike = (x: ValueSpec) => x.dtype === 'bfloat16' && sameShape(x.shape, shape);
  demand(inputs.every(alike), 'operands must be bfloat16 and of one shape');
  return inputs;
}

const LOGICAL: ReadonlySet<OpName> = new Set(['and', 'or', 'xor', 'not']);
const ALSO_INTEGER: ReadonlySet<OpName> = new Set(['abs', 'negate', 'sign']);
const FLOAT_ONLY: ReadonlySet<OpName> = new Set(['atan2']);

function unary(op: UnaryOp): Rule<UnaryOp> {
  return (inputs) => {
    const x = one(inputs);
    if (LOGICAL.has(op)) demand(x.dtype === 'bool', 'operand must be bool');
    else if (ALSO_INTEGER.has(op)) demand(x.dtype !== 'bool', 'operand must be a number');
    else demand(isFloat(x), 'operand must be floating point');
    return [x];
  };
}

function binary(op: BinaryOp): Rule<BinaryOp> {
  return (inputs) => {
    const [a, b] = operands(inputs, 2) as [ValueSpec, ValueSpec];
    demand(a.dtype === b.dtype, 'operands must have one dtype');
    demand(sameShape(a.shape, b.shape), 'operands must have one shape');
    if (LOGICAL.has(op)) demand(a.dtype === 'bool', 'operands must be bool');
    else if (FLOAT_ONLY.has(op)) demand(isFloat(a), 'operands must be floating point');
    else demand(a.dtype !== 'bool', 'operands must be numbers');
    return [a];
  };
}

function demandReducible(kind: Reduction, x: ValueSpec): void {
  const logical = kind === 'and' || kind === 'or';
  demand(logical === (x.dtype === 'bool'), `${kind} reduces ${logical ? 'bool' : 'numbers'}`);
}

function slicedDim(start: number, limit: number, stride: number): number {
  return Math.max(0, Math.ceil((limit - start) / stride));
}

function rowOperands(inputs: readonly ValueSpec[]): void {
  const [rows, ids] = inputs as [ValueSpec, ValueSpec];
  demand(rows.shape.length >= 1, 'rows need at least one axis');
  demand(ids.shape.length === 1 && ids.dtype === 'int32', 'ids must be int32 with one axis');
}

const RULES: { [K in OpName]: Rule<K> } = {
  ...(Object.fromEntries(UNARY_OPS.map((op) => [op, unary(op)])) as Record<UnaryOp, Rule<UnaryOp>>),
  ...(Object.fromEntries(BINARY_OPS.map((op) => [op, binary(op)])) as Record<
    BinaryOp,
    Rule<BinaryOp>
  >),

  constant(inputs, { shape, dtype, data }) {
    operands(inputs, 0);
    demand(data.length === sizeOf(shape), `data has ${data.length} elements`);
    return [{ shape, dtype }];
  },

  iota(inputs, { shape, dtype, axis }) {
    operands(inputs, 0);
    demandAxes([axis], shape.length);
    return [{ shape, dtype }];
  },

  broadcastInDim(inputs, { shape, axes }) {
    const x = one(inputs);
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
    return [{ shape, dtype: x.dtype }];
  },

  reshape(inputs, { shape }) {
    const x = one(inputs);
    demand(sizeOf(shape) === sizeOf(x.shape), 'sizes must be equal');
    return [{ shape, dtype: x.dtype }];
  },

  transpose(inputs, { permutation }) {
    const x = one(inputs);
    demand(permutation.length === x.shape.length, 'permutation must name every axis');
    demandAxes(permutation, x.shape.length);
    return [{ shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype }];
  },

  slice(inputs, { start, limit, strides }) {
    const x = one(inputs);
    const ndim = x.shape.length;
    demand(
      [start, limit, strides].every((list) => list.length === ndim),
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
    const shape = x.shape.map((_, axis) => slicedDim(start[axis]!, limit[axis]!, strides[axis]!));
    return [{ shape, dtype: x.dtype }];
  },

  pad(inputs, { low, high }) {
    const [x, fill] = operands(inputs, 2) as [ValueSpec, ValueSpec];
    demand(fill.shape.length === 0 && fill.dtype === x.dtype, 'fill must be a scalar of the dtype');
    const ndim = x.shape.length;
    demand(low.length === ndim && high.length === ndim, 'low and high for every axis');
    demand(
      [...low, ...high].every((count) => count >= 0),
      'counts must not be negative',
    );
    return [{ shape: x.shape.map((dim, i) => low[i]! + dim + high[i]!), dtype: x.dtype }];
  },

  concatenate(inputs, { axis }) {
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
    const shape = [...first.shape];
    shape[axis] = inputs.reduce((total, input) => total + input.shape[axis]!, 0);
    return [{ shape, dtype: first.dtype }];
  },

  reverse(inputs, { axes }) {
    const x = one(inputs);
    demandAxes(axes, x.shape.length);
    return [x];
  },

  gatherRows(inputs) {
    const [rows, ids] = operands(inputs, 2) as [ValueSpec, ValueSpec];
    rowOperands(inputs);
    return [{ shape: [ids.shape[0]!, ...rows.shape.slice(1)], dtype: rows.dtype }];
  },

  scatterRows(inputs, { combine }) {
    const [rows, ids, updates] = operands(inputs, 3) as [ValueSpec, ValueSpec, ValueSpec];
    rowOperands(inputs);
    demand(
      sameShape(updates.shape, [ids.shape[0]!, ...rows.shape.slice(1)]),
      'updates must have one row for each id',
    );
    demand(updates.dtype === rows.dtype, 'updates and rows must have one dtype');
    demand(combine === 'replace' || rows.dtype !== 'bool', 'bool cannot be added');
    return [rows];
  },

  dot(inputs, { batch, contract, dtype }) {
    const [a, b] = operands(inputs, 2) as [ValueSpec, ValueSpec];
    demand(a.dtype === b.dtype && a.dtype !== 'bool', 'operands must be numbers of one dtype');
    demand(
      dtype === a.dtype || (a.dtype === 'bfloat16' && dtype === 'float32'),
      'result has the dtype of the operands, or float32 for bfloat16',
    );
    for (const [left, right] of [batch, contract]) {
      demand(left.length === right.length, 'axes come in pairs');
      demand(
        left.every((axis, i) => a.shape[axis] === b.shape[right[i]!]),
        'paired axes must have one dim',
      );
    }
    demandAxes([...batch[0], ...contract[0]], a.shape.length);
    demandAxes([...batch[1], ...contract[1]], b.shape.length);
    const free = (x: ValueSpec, side: 0 | 1) =>
      x.shape.filter((_, axis) => !batch[side].includes(axis) && !contract[side].includes(axis));
    return [{ shape: [...batch[0].map((i) => a.shape[i]!), ...free(a, 0), ...free(b, 1)], dtype }];
  },

  reduce(inputs, { kind, axes }) {
    const x = one(inputs);
    demandAxes(axes, x.shape.length);
    demandReducible(kind, x);
    return [{ shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype }];
  },

  compare(inputs) {
    const [a, b] = operands(inputs, 2) as [ValueSpec, ValueSpec];
    demand(a.dtype === b.dtype, 'operands must have one dtype');
    demand(sameShape(a.shape, b.shape), 'operands must have one shape');
    return [{ shape: a.shape, dtype: 'bool' }];
  },

  select(inputs) {
    const [condition, a, b] = operands(inputs, 3) as [ValueSpec, ValueSpec, ValueSpec];
    demand(condition.dtype === 'bool', 'condition must be bool');
    demand(a.dtype === b.dtype, 'both values must have one dtype');
    demand(
      sameShape(condition.shape, a.shape) && sameShape(a.shape, b.shape),
      'condition and both values must have one shape',
    );
    return [a];
  },

  convert(inputs, { dtype }) {
    return [{ shape: one(inputs).shape, dtype }];
  },

  precision(inputs) {
    const x = one(inputs);
    demand(x.dtype === 'float32', 'operand must be float32');
    return [x];
  },

  allReduce(inputs) {
    const x = one(inputs);
    demand(x.dtype === 'float32', 'operand must be float32');
    return [x];
  },

  allGather(inputs, { devices }) {
    const x = one(inputs);
    demand(x.shape.length >= 1, 'operand needs at least one axis');
    return [{ shape: x.shape.with(0, x.shape[0]! * devices), dtype: x.dtype }];
  },

  barrier(inputs) {
    return [one(inputs)];
  },

  fence(inputs) {
    demand(inputs.length >= 2, 'needs at least two operands');
    return [...inputs];
  },

  attention(inputs) {
    const [q] = attentionOperands(operands(inputs, 3));
    return [q!, { shape: q!.shape.slice(0, 3), dtype: 'float32' }];
  },

  attentionGradient(inputs) {
    const [q, k, v, rowSums] = operands(inputs, 6);
    attentionOperands([q!, k!, v!, ...inputs.slice(4)]);
    const rows = q!.shape.slice(0, 3);
    demand(rowSums!.dtype === 'float32' && sameShape(rowSums!.shape, rows), 'one sum a row');
    return [q!, k!, v!];
  },

  while(inputs, { times, body }) {
    demand(Number.isInteger(times) && times >= 1, 'times must be a whole number above 0');
    demand(body.inputs.length === inputs.length, 'the body takes one input for each operand');
    demand(body.outputs.length <= inputs.length, 'the body returns at most its state');
    const same = (a: ValueSpec, b: ValueSpec) => a.dtype === b.dtype && sameShape(a.shape, b.shape);
    demand(
      body.inputs.every((input, i) => same(input, inputs[i]!)),
      'inputs of the body must look like the operands',
    );
    demand(
      body.outputs.every((output, i) => same(output, inputs[i]!)),
      'the body must return its state with the shapes and dtypes it was given',
    );
    return body.outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  },
};
