/** What TF.js's wasm kernels compute otherwise than its cpu kernels, or not at all. */
import { slopeGap, type Gap } from './known-gaps.ts';

const wasmValue = (op: string, name: string, reason: string): Gap => ({
  op,
  name,
  part: 'value',
  reason,
});

const crash = (op: string, name: string, reason: string): Gap[] =>
  (['value', 'gradient'] as const).map((part) => ({ op, name, part, reason, crashes: true }));

const noGradient = (op: string, name: string, reason: string): Gap => ({
  op,
  name,
  part: 'gradient',
  reason,
});

/** TF.js's wasm kernels. */
export const WASM_GAPS: readonly Gap[] = [
  ...['sin', 'cos'].map((op) =>
    wasmValue(op, 'special values', 'no reduction of large arguments (1e30)'),
  ),
  ...['relu6', 'clipByValue'].map((op) => wasmValue(op, 'special values', 'loses NaN')),
  ...['maximum', 'minimum'].map((op) => wasmValue(op, 'NaN', 'loses NaN on the right')),
  wasmValue('sign', 'NaN stays', 'gives 0 for NaN'),
  wasmValue('log1p', 'near zero', 'computes log(1 + x), which loses the digits of x'),
  wasmValue('prelu', 'column and row', 'does not broadcast x'),
  wasmValue('floorDiv', 'float32, signs', 'result is float32, not int32'),
  wasmValue('cast', 'float32 to bool', 'wrong: write notEqual(x, 0)'),
  wasmValue('cast', 'int32 to bool', 'wrong: write notEqual(x, 0)'),
  wasmValue('prod', 'empty axis', 'gives 0, not 1'),
  wasmValue('argMax', 'NaN counts as extreme', 'skips NaN'),
  wasmValue('argMin', 'NaN counts as extreme', 'skips NaN'),
  wasmValue('matMul', 'batch axes that broadcast', 'pairs the wrong matrices'),
  wasmValue('matMul', 'int32', 'float32 only'),
  wasmValue('clipByValue', 'int32, no upper bound', 'gives the bits of float32 for int32'),
  {
    ...wasmValue('matMul', 'empty contraction', 'leaves the result uncleared'),
    byChance: true,
  },
  wasmValue('reverse', 'bool', 'wrong: reverse numbers'),
  wasmValue('gather', 'batch axis', 'wrong with batchDims above 0'),
  wasmValue('oneHot', 'given values, matrix', 'wrong with dtype float32: cast the int32 result'),
  { op: 'einsum', part: 'value', reason: 'no such kernel: use matMul, mul and sum' },
  ...['half pixels, larger', 'half pixels, smaller'].map((name) =>
    slopeGap('image.resizeBilinear', name, 'ignores halfPixelCenters in the gradient'),
  ),
  slopeGap(
    'image.resizeNearestNeighbor',
    'half pixels, smaller',
    'ignores halfPixelCenters in the gradient',
  ),
  wasmValue('image.resizeNearestNeighbor', 'int32', 'gives float32'),
  wasmValue('image.cropAndResize', 'an image that is not there', 'reads the first image for it'),
  ...['nearest', 'bilinear'].flatMap((interpolation) =>
    ['reflect', 'reflect, far outside'].map((fill) =>
      wasmValue('image.transform', `${interpolation}, ${fill}`, 'wrong with fillMode reflect'),
    ),
  ),
  ...['one fill value', 'a fill value for each channel'].map((name) =>
    wasmValue('image.rotateWithOffset', name, 'rotates and fills differently'),
  ),
  ...[
    ['conv2d', 'a margin for all sides'],
    ['maxPool', 'a number of margins, oblong'],
  ].flatMap(([op, name]) => crash(op!, name!, 'reads outside of its memory with a number for pad')),
  ...[
    ['conv1d', 'same'],
    ['conv2d', 'valid'],
    ['conv2d', 'same'],
    ['conv2d', 'valid, strides'],
    ['conv2d', 'same, strides'],
    ['conv2d', 'margins given'],
    ['conv2d', 'a kernel of one pixel'],
    ['conv2dTranspose', 'same, strides'],
    ['conv2dTranspose', 'valid'],
    ['separableConv2d', 'same'],
    ['fused.conv2d', 'gradient'],
  ].map(([op, name]) => noGradient(op!, name!, 'no Conv2DBackpropFilter: train on another engine')),
  ...['same', 'valid, strides', 'same, one window larger than the image'].map((name) =>
    noGradient(
      'depthwiseConv2d',
      name,
      'no DepthwiseConv2dNativeBackpropInput: train on another engine',
    ),
  ),
  wasmValue('conv2d', 'channels first', 'channels last only'),
  noGradient('conv2d', 'channels first', 'channels last only'),
  wasmValue('fused.conv2d', 'channels first', 'channels last only'),
  ...['valid', 'valid, strides', 'same', 'same, strides'].map((name) =>
    noGradient('conv3d', name, 'wrong'),
  ),
  wasmValue('conv3dTranspose', 'same', 'wrong'),
  wasmValue('maxPool', 'int32', 'float32 only'),
  wasmValue('maxPool3d', 'same, strides', 'reads margins as the smallest positive number'),
  noGradient('maxPool3d', 'same, strides', 'reads margins as the smallest positive number'),
  wasmValue('maxPool3d', 'same, windows apart', 'reads margins as the smallest positive number'),
  slopeGap('maxPool3d', 'same, windows apart', 'reads margins as the smallest positive number'),
  wasmValue('dilation2d', 'same, strides and dilations', 'reads margins as numbers'),
  noGradient('dilation2d', 'same, strides and dilations', 'reads margins as numbers'),
  ...[
    ['avgPool', 'same'],
    ['avgPool', 'same, no strides'],
    ['avgPool3d', 'same, strides'],
    ['avgPool3d', 'same, windows apart'],
  ].map(([op, name]) =>
    slopeGap(op!, name!, 'divides the gradient by the whole window at the margins too'),
  ),
  ...['fft', 'ifft', 'rfft', 'irfft', 'complex', 'signal.stft'].map((op): Gap => ({
    op,
    part: 'value',
    reason: 'no complex numbers',
  })),
  ...['abs', 'mul'].map((op) => wasmValue(op, 'complex', 'no complex numbers')),
  { op: 'gather', part: 'gradient', reason: 'no UnsortedSegmentSum: use a one-hot matMul' },
  { op: 'unsortedSegmentSum', part: 'value', reason: 'no such kernel: use a one-hot matMul' },
  { op: 'unsortedSegmentSum', part: 'gradient', reason: 'no such kernel: use a one-hot matMul' },
];
