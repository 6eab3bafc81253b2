import {
  COMPOSITE_KERNEL,
  FENCE_KERNEL,
  InternalError,
  PRECISION_KERNEL,
  REPEAT_KERNEL,
} from '@eddy/tensor';
import {
  engine,
  findBackend,
  getKernel,
  registerBackend,
  registerKernel,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

import { InvalidNodeError } from '../ops/define/errors.ts';
import type { Value } from '../graph/graph.ts';
import { printSpec } from '../graph/print.ts';

import { callSite } from './capture/call-site.ts';
import { CaptureBackend } from './capture/capture-backend.ts';
import { traceShapeMismatch } from './capture/errors.ts';
import { binaryKernels } from './kernels/binary.ts';
import { blockKernels } from './kernels/blocks.ts';
import { collectiveKernels } from './kernels/collectives.ts';
import { COMPLEX_KERNELS, complexKernel } from './kernels/complex.ts';
import { compositeKernel } from './kernels/composite.ts';
import { convolutionKernels } from './kernels/convolutions.ts';
import { countingKernels } from './kernels/counting.ts';
import { creationKernels } from './kernels/creation.ts';
import { depthwiseKernels } from './kernels/depthwise.ts';
import { dilationKernels } from './kernels/dilation.ts';
import { einsum } from './kernels/einsum.ts';
import { imageKernels } from './kernels/images.ts';
import { indexingKernels } from './kernels/indexing.ts';
import { listed, type Kernel, type KernelInputs, type KernelTable } from './kernels/kernel.ts';
import { matMulKernels } from './kernels/mat-mul.ts';
import { normalisationKernels } from './kernels/normalisation.ts';
import { poolingKernels } from './kernels/pooling.ts';
import { reductionKernels } from './kernels/reduction.ts';
import { repeatKernel } from './kernels/repeat.ts';
import { shapeKernels } from './kernels/shape.ts';
import { sparseKernels } from './kernels/sparse.ts';
import { topK } from './kernels/top-k.ts';
import { unaryKernels } from './kernels/unary.ts';

/** No underscore: TF.js splits `backend_kernel` keys on it. */
export const CAPTURE_BACKEND = 'capture';

const markPrecision: Kernel = (b, { x }) =>
  x!.dtype === 'float32' ? b.emit('precision', [x!], { dtype: 'bfloat16' }) : x!;

const fence: Kernel = (b, inputs, attrs) =>
  b.append('fence', listed(inputs), { isCheap: attrs['isCheap'] === true });

/** Every TF.js kernel that can be traced, but for those that need the backend itself. */
const kernels: KernelTable = {
  ...unaryKernels,
  ...binaryKernels,
  ...reductionKernels,
  ...matMulKernels,
  ...shapeKernels,
  ...indexingKernels,
  ...creationKernels,
  ...blockKernels,
  ...convolutionKernels,
  ...countingKernels,
  ...depthwiseKernels,
  ...dilationKernels,
  ...imageKernels,
  ...normalisationKernels,
  ...poolingKernels,
  ...sparseKernels,
  Einsum: einsum,
  TopK: topK,
  [FENCE_KERNEL]: fence,
  [PRECISION_KERNEL]: markPrecision,
};

/** The capture backend, registered with TF.js where it is not yet. */
export function captureBackend(): CaptureBackend {
  if (!(CAPTURE_BACKEND in engine().registryFactory)) {
    registerBackend(CAPTURE_BACKEND, () => new CaptureBackend(), 0);
  }
  if ((getKernel(REPEAT_KERNEL, CAPTURE_BACKEND) as unknown) === undefined) {
    const register = (kernelName: string, kernelFunc: KernelFunc) => {
      registerKernel({ kernelName, backendName: CAPTURE_BACKEND, kernelFunc });
    };
    for (const [name, kernel] of Object.entries(kernels)) {
      register(name, withComplex(name, kernel, asKernelFunc(name, kernel)));
    }
    for (const name of COMPLEX_KERNELS) register(name, complexKernel(name, undefined)!);
    register(REPEAT_KERNEL, repeatKernel);
    register(COMPOSITE_KERNEL, compositeKernel);
    for (const [name, kernel] of Object.entries(collectiveKernels)) register(name, kernel);
  }
  const backend = findBackend(CAPTURE_BACKEND);
  if (!(backend instanceof CaptureBackend)) {
    throw new InternalError('two copies of @eddy/compiler registered the capture backend');
  }
  return backend;
}

/** Whether programs that use a TF.js kernel can be compiled. */
export function isTraced(kernelName: string): boolean {
  return kernelName in kernels || (COMPLEX_KERNELS as readonly string[]).includes(kernelName);
}

/** Goes to the kernel's complex form where an operand or the result is complex. */
function withComplex(name: string, kernel: Kernel, real: KernelFunc): KernelFunc {
  const complex = complexKernel(name, kernel);
  if (complex === undefined) return real;
  return (call) => {
    const tensors = Object.values<TensorInfo | null | undefined>(call.inputs);
    const isComplex =
      call.attrs?.['dtype'] === 'complex64' ||
      tensors.some((tensor) => tensor?.dtype === 'complex64');
    return (isComplex ? complex : real)(call);
  };
}

function asKernelFunc(kernelName: string, kernel: Kernel): KernelFunc {
  return ({ inputs, attrs, backend: anyBackend }) => {
    const backend = anyBackend as CaptureBackend;
    const values: Record<string, Value> = {};
    // Optional operands (a bias) may be absent.
    for (const [name, tensor] of Object.entries<TensorInfo | null | undefined>(inputs)) {
      if (tensor !== undefined && tensor !== null) values[name] = backend.valueFor(tensor);
    }
    const result = orShapeMismatch(kernelName, values, () =>
      kernel(backend.scope.builder, values, (attrs ?? {}) as never),
    );
    return isValue(result)
      ? backend.tensorInfo(result)
      : result.map((value) => backend.tensorInfo(value));
  };
}

function orShapeMismatch<T>(kernelName: string, inputs: KernelInputs, f: () => T): T {
  try {
    return f();
  } catch (error) {
    // TF.js's own checks throw plain errors.
    const isPlain = error instanceof Error && error.constructor === Error;
    if (!(error instanceof InvalidNodeError) && !isPlain) throw error;
    const received = Object.entries(inputs).map(([name, value]) => `${name} ${printSpec(value)}`);
    throw traceShapeMismatch({
      kernelName,
      rule: error instanceof InvalidNodeError ? error.rule : error.message,
      received: received.join(', '),
      at: callSite(error).at,
    });
  }
}

function isValue(result: Value | readonly Value[]): result is Value {
  return !Array.isArray(result);
}
