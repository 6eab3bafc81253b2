/** The discrete Fourier transform. */
import { sizeOf } from '@eddy/tensor/spec';

import { onnxReshape } from './define/onnx-moves.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand } from './define/rules.ts';
import { dimensions, functionType } from './define/stablehlo-text.ts';
import { sameShape } from './define/value.ts';

/**
 * X[k] = Σₙ x[n]·exp(∓2πi·kn/N) over the last axis, of complex numbers as two tensors: real and imaginary
 * parts. The inverse has the other sign and divides by N.
 */
export const fourier = defineOp({
  operands: ['real', 'imaginary'],
  results: ['real', 'imaginary'],
  attrs: attributes<{ inverse: boolean }>(),
  infer: ([re, im]) => {
    demand(re.dtype === 'float32' && im.dtype === 'float32', 'operands must be float32');
    demand(sameShape(re.shape, im.shape), 'operands must have one shape');
    demand(re.shape.length >= 1 && re.shape.at(-1)! > 0, 'operands need elements on the last axis');
    return [re, im];
  },
  storage: 'stored',
  elementWise: false,
  flops: () => 0,
  interpret: ({ inputs: [x], attrs: { inverse } }, [re, im], { outputs }) => {
    const size = x.shape.at(-1)!;
    const sign = inverse ? 1 : -1;
    const turns = Array.from({ length: size }, (_, k) => (sign * 2 * Math.PI * k) / size);
    const [cos, sin] = [turns.map(Math.cos), turns.map(Math.sin)];
    const scale = inverse ? 1 / size : 1;
    const sums = (part: (at: number, turn: number) => number) => (i: number) => {
      const first = i - (i % size);
      let sum = 0;
      for (let n = 0; n < size; n++) sum += part(first + n, ((i % size) * n) % size);
      return sum * scale;
    };
    return [
      outputs[0]!.generate(sums((at, turn) => re[at]! * cos[turn]! - im[at]! * sin[turn]!)),
      outputs[1]!.generate(sums((at, turn) => re[at]! * sin[turn]! + im[at]! * cos[turn]!)),
    ];
  },
  stablehlo: ({ inputs, outputs, attrs: { inverse } }, w) => {
    const [x] = inputs;
    const complex = `tensor<${dimensions(x)}complex<f32>>`;
    const [joined, transformed] = [w.fresh(), w.fresh()];
    w.line(`${joined} = stablehlo.complex ${w.names(inputs)} : ${complex}`);
    w.line(
      `${transformed} = stablehlo.fft ${joined}, type = ${inverse ? 'IFFT' : 'FFT'}, ` +
        `length = [${x.shape.at(-1)}] : (${complex}) -> ${complex}`,
    );
    const part = functionType([], [outputs[0]]).replace('()', `(${complex})`);
    w.define([outputs[0]], `stablehlo.real ${transformed} : ${part}`);
    w.define([outputs[1]], `stablehlo.imag ${transformed} : ${part}`);
  },
  onnx: ({ inputs: [x], attrs: { inverse } }, names, w) => {
    const size = x.shape.at(-1)!;
    const rows = sizeOf(x.shape) / size;
    const columns = names.map((name) => onnxReshape(name, x.shape, [rows, size, 1], w));
    const pairs = w.node('Concat', columns, { axis: 2 });
    const transformed = w.node('DFT', [pairs], { axis: 1, inverse: inverse ? 1 : 0 });
    return [0, 1].map((part) => {
      const operands = [transformed, ...[[part], [part + 1], [2]].map((list) => w.sizes(list))];
      return onnxReshape(w.node('Slice', operands), [rows, size, 1], x.shape, w);
    });
  },
  tensorflow: ({ inputs: [re, im], attrs: { inverse } }, b) => {
    const joined = b.emit('Complex', [b.full(re), b.full(im)]);
    const transformed = b.emit(inverse ? 'IFFT' : 'FFT', [joined]);
    return [b.emit('Real', [transformed]), b.emit('Imag', [transformed])];
  },
});
