/** Complex tensors: two values of the graph, real and imaginary part, and the kernels that know them. */
import type { KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { CaptureBackend, Complex } from '../capture/capture-backend.ts';

import { asFloat, type Kernel } from './kernel.ts';

/** A kernel with complex operands; real ones have an imaginary part of zeros. */
type ComplexKernel = (
  b: GraphBuilder,
  inputs: Readonly<Record<string, Complex>>,
  attrs: NamedAttrMap,
  name: string,
) => Complex | readonly Complex[] | Value;

/** Kernels that move elements or add them up: they do the same to both parts. */
const LINEAR: ReadonlySet<string> = new Set([
  'Add',
  'AddN',
  'BroadcastTo',
  'Concat',
  'ExpandDims',
  'GatherV2',
  'Identity',
  'Neg',
  'Pack',
  'Reshape',
  'Reverse',
  'Slice',
  'SplitV',
  'StridedSlice',
  'Sub',
  'Sum',
  'Tile',
  'Transpose',
  'Unpack',
  'ZerosLike',
]);

/** Operands that say where, not what: both parts are taken at the same places. */
const PLACES: ReadonlySet<string> = new Set(['indices']);

/** Applies an ordinary kernel to the real parts and to the imaginary parts. */
function partwise(kernel: Kernel): ComplexKernel {
  return (b, inputs, attrs) => {
    const apply = (part: 'real' | 'imaginary') => {
      const values = Object.entries(inputs).map(
        ([name, value]) => [name, PLACES.has(name) ? value.real : value[part]] as const,
      );
      return kernel(b, Object.fromEntries(values), attrs as never);
    };
    const [real, imaginary] = [apply('real'), apply('imaginary')];
    // A kernel that returns a list does so for one part, too.
    if (!Array.isArray(real)) return { real: real as Value, imaginary: imaginary as Value };
    return (real as readonly Value[]).map((value, i) => ({
      real: value,
      imaginary: (imaginary as readonly Value[])[i]!,
    }));
  };
}

/** (a + bi)(c + di) = (ac − bd) + (ad + bc)i. */
const multiply: ComplexKernel = (b, inputs) => {
  const [x, y] = [inputs['a']!, inputs['b']!];
  const product = (left: Value, right: Value) => b.binary('multiply', left, right);
  return {
    real: b.binary('subtract', product(x.real, y.real), product(x.imaginary, y.imaginary)),
    imaginary: b.binary('add', product(x.real, y.imaginary), product(x.imaginary, y.real)),
  };
};

const fourier =
  (inverse: boolean): ComplexKernel =>
  (b, inputs) => {
    const { real, imaginary } = inputs['input']!;
    const [re, im] = b.append('fourier', [real, imaginary], { inverse });
    return { real: re, imaginary: im };
  };

const KERNELS: Readonly<Record<string, ComplexKernel>> = {
  Cast: (b, inputs, { dtype }) =>
    dtype === 'complex64' ? inputs['x']! : b.convert(inputs['x']!.real, dtype as 'float32'),
  Complex: (b, inputs) => ({
    real: asFloat(b, inputs['real']!.real),
    imaginary: asFloat(b, inputs['imag']!.real),
  }),
  ComplexAbs: (b, inputs) => {
    const { real, imaginary } = inputs['x']!;
    const square = (value: Value) => b.binary('multiply', value, value);
    return b.emit('sqrt', [b.binary('add', square(real), square(imaginary))]);
  },
  FFT: fourier(false),
  IFFT: fourier(true),
  Imag: (_b, inputs) => inputs['input']!.imaginary,
  Multiply: multiply,
  Real: (_b, inputs) => inputs['input']!.real,
};

/** Kernels that take or make complex tensors whatever they are given. */
export const COMPLEX_KERNELS = ['Complex', 'ComplexAbs', 'FFT', 'IFFT', 'Imag', 'Real'] as const;

/** What a kernel does with complex operands; undefined where it does nothing. */
export function complexKernel(name: string, kernel: Kernel | undefined): KernelFunc | undefined {
  const known = KERNELS[name];
  const compute =
    known ?? (kernel !== undefined && LINEAR.has(name) ? partwise(kernel) : undefined);
  if (compute === undefined) return undefined;
  return ({ inputs, attrs, backend: anyBackend }) => {
    const backend = anyBackend as CaptureBackend;
    const b = backend.scope.builder;
    const parts = Object.entries<TensorInfo | null | undefined>(inputs).flatMap(([key, tensor]) =>
      tensor === null || tensor === undefined ? [] : [[key, backend.complexFor(tensor)] as const],
    );
    const result = compute(b, Object.fromEntries(parts), attrs ?? {}, name);
    if (Array.isArray(result)) {
      return (result as readonly Complex[]).map((value) => backend.complexInfo(value));
    }
    return 'real' in result ? backend.complexInfo(result) : backend.tensorInfo(result as Value);
  };
}
