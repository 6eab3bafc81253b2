/** Values that come from nothing. */
import { sizeOf, type DType } from '@eddy/tensor/spec';

import { coordinates } from './define/layout.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand, demandAxes } from './define/rules.ts';
import { denseLiteral, tensorType } from './define/stablehlo-text.ts';
import type { ConstantData } from './define/value.ts';

/** A literal. One element and an empty shape for all but small tables: `broadcastInDim` spreads it. */
export const constant = defineOp({
  operands: [],
  attrs: attributes<{ shape: readonly number[]; dtype: DType; data: ConstantData }>(),
  infer: (_inputs, { shape, dtype, data }) => {
    demand(data.length === sizeOf(shape), `data has ${data.length} elements`);
    return { shape, dtype };
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: ({ attrs }) => attrs.data,
  stablehlo: ({ outputs, attrs: { data } }, w) => {
    const [output] = outputs;
    const literal = denseLiteral(data, output);
    w.define(outputs, `stablehlo.constant dense<${literal}> : ${tensorType(output)}`);
  },
  onnx: ({ attrs: { shape, dtype, data } }, _names, w) => w.literal(dtype, shape, data),
  tensorflow: ({ attrs: { shape, dtype, data } }, b) => b.constant(data, shape, dtype),
});

/** Counts 0, 1, 2 … along `axis`. */
export const iota = defineOp({
  operands: [],
  attrs: attributes<{ shape: readonly number[]; dtype: 'float32' | 'int32'; axis: number }>(),
  infer: (_inputs, { shape, dtype, axis }) => {
    demandAxes([axis], shape.length);
    return { shape, dtype };
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: ({ attrs: { axis } }, _inputs, { output }) =>
    output.generate((i) => coordinates(i, output.shape)[axis]!),
  stablehlo: ({ outputs, attrs: { axis } }, w) => {
    w.define(outputs, `stablehlo.iota dim = ${axis} : ${tensorType(outputs[0])}`);
  },
  onnx: ({ attrs: { shape, dtype, axis } }, _names, w) => {
    const column = shape.map((dim, i) => (i === axis ? dim : 1));
    const counts = w.literal(dtype, column, countsTo(shape[axis]!, dtype));
    return w.node('Expand', [counts, w.sizes(shape)]);
  },
  tensorflow: ({ attrs: { shape, dtype, axis } }, b) => {
    const column = shape.map((dim, i) => (i === axis ? dim : 1));
    return { slot: b.constant(countsTo(shape[axis]!, dtype), column, dtype), shape: column };
  },
});

function countsTo(size: number, dtype: 'float32' | 'int32'): ConstantData {
  const numbers = Array.from({ length: size }, (_, i) => i);
  return dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
}
