/** Convolutions. */
import { sizeOf } from '@eddy/tensor/spec';

import { convolve } from './convolution/interpret.ts';
import { dilatedSize, spatialShape, type ConvolutionAttrs } from './convolution/node.ts';
import { convolutionInOnnx } from './convolution/onnx.ts';
import { convolutionInStablehlo } from './convolution/stablehlo.ts';
import { convolutionInTensorflow } from './convolution/tensorflow.ts';
import { attributes, defineOp } from './define/op.ts';
import { demand } from './define/rules.ts';

/**
 * Input [batch, …, features] and kernel [..., features, outputs] → [batch, …, outputs]: the sum of
 * products under the kernel at each of its positions. Other layouts are transposed to this one, which
 * compilers fold away.
 */
export const convolution = defineOp({
  operands: ['input', 'kernel'],
  attrs: attributes<ConvolutionAttrs>(),
  infer: ([x, kernel], attrs) => {
    const { strides, low, high, inputDilation, kernelDilation } = attrs;
    const ndim = x.shape.length;
    demand(ndim >= 3, 'input needs batch, at least one axis of space, and features');
    demand(kernel.shape.length === ndim, 'kernel must have as many axes as the input');
    demand(x.dtype === 'float32' && kernel.dtype === 'float32', 'operands must be float32');
    demand(
      [strides, low, high, inputDilation, kernelDilation].every((list) => list.length === ndim - 2),
      'strides, margins and dilations for every axis of space',
    );
    demand(
      [...strides, ...inputDilation, ...kernelDilation].every((step) => step >= 1),
      'strides and dilations must be at least 1',
    );
    const [features, outputs] = kernel.shape.slice(-2) as [number, number];
    demand(x.shape.at(-1) === features, 'input and kernel must have one number of features');
    const dims = spatialShape(x).map((dim, axis) => {
      const size = dilatedSize(dim, inputDilation[axis]!) + low[axis]! + high[axis]!;
      const window = dilatedSize(kernel.shape[axis]!, kernelDilation[axis]!);
      return size < window ? 0 : Math.floor((size - window) / strides[axis]!) + 1;
    });
    return { shape: [x.shape[0]!, ...dims, outputs], dtype: x.dtype };
  },
  storage: 'stored',
  elementWise: false,
  flops: ({ inputs: [, kernel], outputs: [y] }) =>
    2 * sizeOf(y.shape) * sizeOf(kernel.shape.slice(0, -1)),
  interpret: (node, operands, { output }) => convolve(node, operands, output),
  stablehlo: convolutionInStablehlo,
  onnx: convolutionInOnnx,
  tensorflow: convolutionInTensorflow,
});
