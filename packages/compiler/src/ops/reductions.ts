/** Ops that make one element of many. */
import { sizeOf } from '@eddy/tensor/spec';

import { coordinates, stridesOf } from './define/layout.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand, demandAxes } from './define/rules.ts';
import { functionType, list } from './define/stablehlo-text.ts';
import { multiply } from './element-wise.ts';
import { identityOf, REDUCTIONS, type Reduction } from './reduction-kinds.ts';

/** The axes vanish. An empty axis gives the reduction's identity. */
export const reduce = defineOp({
  operands: ['x'],
  attrs: attributes<{ kind: Reduction; axes: readonly number[] }>(),
  infer: ([x], { kind, axes }) => {
    demandAxes(axes, x.shape.length);
    const isLogical = kind === 'and' || kind === 'or';
    demand(isLogical === (x.dtype === 'bool'), `${kind} reduces ${isLogical ? 'bool' : 'numbers'}`);
    return { shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype };
  },
  storage: 'computed',
  elementWise: false,
  splat: ({ inputs: [x], attrs: { kind, axes } }, [number]) => {
    const count = sizeOf(axes.map((axis) => x.shape[axis]!));
    if (count === 0 || kind === 'product') return undefined;
    return kind === 'sum' ? multiply.scalar(x.dtype)(number!, count) : number;
  },
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { kind, axes } }, [data], { output }) => {
    const f = REDUCTIONS[kind].op.scalar(output.dtype, output.arithmetic);
    const identity = identityOf(kind, output.dtype).number;
    const result = output.generate(() => identity);
    const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const strides = stridesOf(output.shape);
    data.forEach((element, i) => {
      const at = coordinates(i, x.shape);
      const to = kept.reduce((sum, axis, k) => sum + at[axis]! * strides[k]!, 0);
      result[to] = f(result[to]!, element);
    });
    return result;
  },
  stablehlo: ({ inputs: [x], outputs, attrs: { kind, axes } }, w) => {
    const { dtype } = x;
    const init = w.scalar(identityOf(kind, dtype).literal, dtype);
    w.define(
      outputs,
      `stablehlo.reduce(${w.name(x)} init: ${init}) applies ${REDUCTIONS[kind].stablehlo} across ` +
        `dimensions = ${list(axes)} : ${functionType([x, { shape: [], dtype }], outputs)}`,
    );
  },
  onnx: ({ inputs: [x], attrs: { kind, axes } }, [name], w) => {
    const isBool = x.dtype === 'bool';
    const operand = isBool ? w.cast(name, 'int32') : name;
    const reduced = w.node(REDUCTIONS[kind].onnx, [operand, w.sizes(axes)], { keepdims: 0 });
    return isBool ? w.cast(reduced, 'bool') : reduced;
  },
  tensorflow: ({ inputs: [x], attrs: { kind, axes } }, b) =>
    b.emit(REDUCTIONS[kind].tensorflow, [b.full(x), b.ints(axes)]),
});
