/** Products, convolutions, reductions, pooling, sorting. */
import { backend_util, engine, type Tensor } from '@tensorflow/tfjs-core';

import { asNumbers, cast, filled, kernel, reshaped, type RawCall, type RawOp } from './raw-op.ts';
import { strided } from './shape.ts';

/** Kernels multiply float32 only; int32 products are exact where they and their sums stay below 2²⁴. */
function matrixProduct(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  if (a.dtype === 'int32') {
    const product = matrixProduct(cast(a, 'float32'), cast(b, 'float32'), transposeA, transposeB);
    return cast(product, 'int32');
  }
  const [rows, inner] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : a.shape.slice(-2);
  const cols = transposeB ? b.shape.at(-2)! : b.shape.at(-1)!;
  const shape = [...a.shape.slice(0, -2), rows!, cols];
  // Kernels leave the memory of an empty sum as it was.
  if (inner === 0 || shape.includes(0)) return filled(0, shape, 'float32');
  const matrices = (x: Tensor) => reshaped(x, [-1, ...x.shape.slice(-2)]);
  const product = kernel(
    'BatchMatMul',
    { a: matrices(a), b: matrices(b) },
    { transposeA, transposeB },
  );
  return reshaped(product, shape);
}

const product =
  (first: string, second: string): RawOp =>
  ({ inputs: [a, b], attrs }) =>
    matrixProduct(a!, b!, attrs[first]!.value === true, attrs[second]!.value === true);

/** @param ofNothing  what a reduction of no elements gives, as the dtype has it */
const reduction =
  (name: string, ofNothing: (dtype: string) => number): RawOp =>
  ({ inputs: [x], numbers }) => {
    const axis = [...numbers(1)];
    const shape = x!.shape.filter((_, i) => !axis.includes(i));
    if (axis.some((i) => x!.shape[i] === 0)) return filled(ofNothing(x!.dtype), shape, x!.dtype);
    if (axis.length === 0 || x!.size === 0) return reshaped(x!, shape);
    if (x!.rank === 0) return kernel('Identity', { x: x! });
    // `Max` calls its axes by another name.
    return kernel(name, { x: x! }, { axis, reductionIndices: axis, keepDims: false });
  };

const lowest = (dtype: string) => (dtype === 'int32' ? -2147483648 : -Infinity);
const highest = (dtype: string) => (dtype === 'int32' ? 2147483647 : Infinity);

const listOf = ({ attrs }: RawCall, name: string) => attrs[name]!.value as readonly number[];

/** `VALID` pooling over the axes between batch and channels. */
const pooling =
  (name: string): RawOp =>
  (call) => {
    const [x] = call.inputs;
    const inner = (sizes: readonly number[]) => sizes.slice(1, -1);
    return kernel(name, { x: x! }, {
      filterSize: inner(listOf(call, 'ksize')),
      strides: inner(listOf(call, 'strides')),
      pad: 'valid',
      dataFormat: x!.rank === 5 ? 'NDHWC' : undefined,
      dimRoundingMode: undefined,
    } as never);
  };

/** Kernels take float32 only. */
const maxPooling: RawOp = (call) => {
  const [x] = call.inputs;
  if (x!.dtype !== 'int32') return pooling('MaxPool')(call);
  const pooled = pooling('MaxPool')({ ...call, inputs: [cast(x!, 'float32')] }) as Tensor;
  return cast(pooled, 'int32');
};

/**
 * The greatest of the elements that lie under each place of the window. The kernel of the wasm backend takes the
 * smallest positive number for the least of all.
 */
const maxPooling3D: RawOp = (call) => {
  const [x] = call.inputs;
  const [window, strides] = [listOf(call, 'ksize'), listOf(call, 'strides')];
  const places = window.reduce<readonly number[][]>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
  return places
    .map((begin) => {
      const end = x!.shape.map((dim, axis) => dim - window[axis]! + begin[axis]! + 1);
      return strided(x!, begin, end, strides);
    })
    .reduce((a, b) => kernel('Maximum', { a, b }));
};

const convolution =
  (name: 'Conv2D' | 'Conv3D'): RawOp =>
  (call) => {
    const [x, filter] = call.inputs;
    const inner = (sizes: readonly number[]) => sizes.slice(1, -1);
    const strides = inner(listOf(call, 'strides'));
    const dilations =
      call.attrs['dilations'] === undefined
        ? strides.map(() => 1)
        : inner(listOf(call, 'dilations'));
    const channels = filter!.shape.at(-1)!;
    const info =
      name === 'Conv2D'
        ? backend_util.computeConv2DInfo(
            x!.shape as never,
            filter!.shape as never,
            strides as never,
            dilations as never,
            'valid',
          )
        : backend_util.computeConv3DInfo(
            x!.shape as never,
            filter!.shape as never,
            strides as never,
            dilations as never,
            'valid',
          );
    if (x!.size === 0 || filter!.size === 0 || info.outShape.some((size) => size <= 0)) {
      const shape = info.outShape.map((size) => Math.max(0, size)).with(-1, channels);
      return filled(0, shape, 'float32');
    }
    return kernel(name, { x: x!, filter: filter! }, {
      strides,
      pad: 'valid',
      dataFormat: name === 'Conv2D' ? 'NHWC' : 'NDHWC',
      dilations,
      dimRoundingMode: undefined,
    } as never);
  };

const topK: RawOp = ({ inputs: [x], numbers }) =>
  engine().runKernel<Tensor[]>('TopK', { x: x! }, { k: numbers(1)[0]!, sorted: true });

export const products: Readonly<Record<string, RawOp>> = {
  MatMul: product('transpose_a', 'transpose_b'),
  BatchMatMulV2: product('adj_x', 'adj_y'),
  Sum: reduction('Sum', () => 0),
  Prod: reduction('Prod', () => 1),
  Max: reduction('Max', lowest),
  Min: reduction('Min', highest),
  All: reduction('All', () => 1),
  Any: reduction('Any', () => 0),
  AvgPool: pooling('AvgPool'),
  AvgPool3D: pooling('AvgPool3D'),
  MaxPool: maxPooling,
  MaxPool3D: maxPooling3D,
  Conv2D: convolution('Conv2D'),
  Conv3D: convolution('Conv3D'),
  TopKV2: (call) =>
    call.inputs[0]!.dtype === 'bool'
      ? asNumbers(call.inputs[0]!, (x) => (topK({ ...call, inputs: [x] }) as Tensor[])[0]!)
      : topK(call),
};
