/** Order along an axis. */
import { coordinates, stridesOf } from './define/layout.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand, demandAxes } from './define/rules.ts';
import { functionType, tensorType } from './define/stablehlo-text.ts';

/**
 * Sorts along an axis: the elements, largest first, and from where each came (int32). Of equal elements
 * the first stays first; NaN comes before all numbers.
 */
export const sortDescending = defineOp({
  operands: ['x'],
  results: ['values', 'places'],
  attrs: attributes<{ axis: number }>(),
  infer: ([x], { axis }) => {
    demand(x.dtype !== 'bool', 'operand must be a number');
    demandAxes([axis], x.shape.length);
    return [x, { shape: x.shape, dtype: 'int32' }];
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { axis } }, [data], { outputs: [values, places] }) => {
    const size = x.shape[axis]!;
    const step = stridesOf(x.shape)[axis]!;
    const sources = new Int32Array(data.length);
    for (let first = 0; first < data.length; first++) {
      if (coordinates(first, x.shape)[axis] !== 0) continue;
      const element = (place: number) => data[first + place * step]!;
      Array.from({ length: size }, (_, place) => place)
        .sort((a, b) => descending(element(a), element(b)) || a - b)
        .forEach((place, i) => (sources[first + i * step] = first + place * step));
    }
    return [
      values!.generate((i) => data[sources[i]!]!),
      places!.generate((i) => coordinates(sources[i]!, x.shape)[axis]!),
    ];
  },
  stablehlo: ({ inputs: [x], outputs, attrs: { axis } }, w) => {
    const places = outputs[1];
    const iota = w.fresh();
    w.line(`${iota} = stablehlo.iota dim = ${axis} : ${tensorType(places)}`);
    const scalar = tensorType({ shape: [], dtype: x.dtype });
    const [a, b, i, j] = [w.fresh(), w.fresh(), w.fresh(), w.fresh()];
    const scalars = [
      { shape: [], dtype: x.dtype },
      { shape: [], dtype: x.dtype },
    ] as const;
    const isInt = x.dtype === 'int32';
    const kind = isInt ? 'SIGNED' : 'FLOAT';
    const compared = functionType(scalars, [{ shape: [], dtype: 'bool' }]);
    const compare = (direction: string, left: string, right: string) => {
      const result = w.fresh();
      w.line(
        `${result} = stablehlo.compare ${direction}, ${left}, ${right}, ${kind} : ${compared}`,
      );
      return result;
    };
    const logical = (op: 'and' | 'or', left: string, right: string) => {
      const result = w.fresh();
      w.line(`${result} = stablehlo.${op} ${left}, ${right} : tensor<i1>`);
      return result;
    };
    w.define(
      outputs,
      `"stablehlo.sort"(${w.name(x)}, ${iota}) <{dimension = ${axis} : i64, is_stable = true}> ({`,
    );
    w.line(`^bb0(${a}: ${scalar}, ${b}: ${scalar}, ${i}: tensor<i32>, ${j}: tensor<i32>):`);
    const isGreater = compare('GT', a, b);
    const isBefore = isInt
      ? isGreater
      : logical('or', isGreater, logical('and', compare('NE', a, a), compare('EQ', b, b)));
    w.line(`stablehlo.return ${isBefore} : tensor<i1>`);
    w.line(`}) : ${functionType([x, places], outputs)}`);
  },
  onnx: ({ inputs: [x], attrs: { axis } }, [name], w) => {
    const size = w.sizes([x.shape[axis]!]);
    const [values, places] = w.nodeWithResults('TopK', [name, size], 2, { axis, sorted: 1 });
    return [values!, w.cast(places!, 'int32')];
  },
  tensorflow: ({ inputs: [x], attrs: { axis } }, b) => {
    const ndim = x.shape.length;
    const last = [...Array.from({ length: ndim }, (_, i) => i).filter((i) => i !== axis), axis];
    const back = Array.from({ length: ndim }, (_, i) => last.indexOf(i));
    const moves = axis !== ndim - 1;
    const operand = moves ? b.emit('Transpose', [b.full(x), b.ints(last)]) : b.full(x);
    const size = b.scalar(x.shape[axis]!, 'int32').slot;
    const sorted = { sorted: { type: 'bool', value: true } } as const;
    const results = b.emitAll('TopKV2', [operand, size], 2, sorted);
    return results.map((slot) => (moves ? b.emit('Transpose', [slot, b.ints(back)]) : slot));
  },
});

/** Larger numbers first, NaN before all. */
function descending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a > b ? -1 : 1;
}
