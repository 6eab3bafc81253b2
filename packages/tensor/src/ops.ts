/**
 * The four operations that TF.js lacks and recursive models need. Each is plain TF.js on an eager
 * backend; a tracing backend registers the kernels named here and keeps the structure in its graph.
 */
import {
  concat1d,
  customGrad,
  engine,
  getBackend,
  getKernel,
  registerGradient,
  reshape,
  slice,
  tidy,
  zeros,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { sizeOf } from './spec.ts';

/** Kernel `EddyRepeat`: inputs `{ 0: …, 1: … }`, attrs `{ times, body }`; a `while` region in a graph. */
export const REPEAT_KERNEL = 'EddyRepeat';
/** Kernel `EddyPrecision`: input `{ x }`, attrs `{ dtype }`; marks a value's storage type. */
export const PRECISION_KERNEL = 'EddyPrecision';
/** Kernel `EddyComposite`: inputs `{ 0: …, 1: … }`, attrs `{ name, numbers, body }`; see `composite`. */
export const COMPOSITE_KERNEL = 'EddyComposite';

function backendHas(kernelName: string): boolean {
  // Typed as always present, but undefined where the backend lacks the kernel.
  return (getKernel(kernelName, getBackend()) as unknown) !== undefined;
}

export type RepeatBody = (state: Tensor[]) => Tensor[];

/**
 * Applies `body` to its own result `times` times: state ← body(state).
 *
 * A JavaScript loop eagerly, one `while` region under a tracing backend (so that the program's size
 * does not grow with `times`). Not differentiable: call it inside `noGradient`.
 *
 * @param body  must return tensors of the shapes and dtypes it was given; traced once.
 */
export function repeat(times: number, state: Tensor[], body: RepeatBody): Tensor[] {
  if (times === 0) return state;
  if (backendHas(REPEAT_KERNEL)) {
    const attrs = { times, body } as unknown as Parameters<
      ReturnType<typeof engine>['runKernel']
    >[2];
    return engine().runKernel<Tensor[]>(REPEAT_KERNEL, Object.fromEntries(state.entries()), attrs);
  }
  let current = state;
  for (let i = 0; i < times; i++) {
    const previous = current;
    current = tidy(() => body(previous));
    if (i > 0) previous.filter((t) => !current.includes(t)).forEach((t) => t.dispose());
  }
  return current;
}

/**
 * Runs `f(state)` off the gradient tape: nothing inside it is recorded and its results are constants
 * to the backward pass.
 *
 * One `tf.customGrad` for all of `f`, not one a tensor: a stop-gradient on each operation leaves
 * chains of zeros that XLA keeps (1.8× the compute when it was tried).
 *
 * @param state  at least one tensor; what `f` closes over gets no gradient either.
 */
export function noGradient(state: Tensor[], f: RepeatBody): Tensor[] {
  let shapes: number[][] = [];
  const run = customGrad((...args) => {
    const inputs = args.slice(0, -1) as Tensor[];
    const results = f(inputs);
    shapes = results.map((t) => t.shape);
    // customGrad returns one tensor: pack the results and cut them apart again below.
    const value =
      results.length === 1
        ? results[0]!.clone()
        : concat1d(results.map((t) => reshape(t, [t.size]) as never));
    return { value, gradFunc: () => inputs.map((t) => zerosLike(t)) };
  });
  const packed = run(...state);
  if (shapes.length === 1) return [packed];
  let offset = 0;
  return shapes.map((shape) => {
    const size = sizeOf(shape);
    const part = reshape(slice(packed, [offset], [size]), shape);
    offset += size;
    return part;
  });
}

/**
 * Marks a value (and its gradient) that is held in a bfloat16 tensor in PyTorch. A compiling engine
 * stores it once: rounded under the policy `bf16-mixed`, as it is under `float32`. The result of a
 * product is stored anyway and keeps float32; on an eager engine this is the identity.
 *
 * A matrix product of two marked values is a bfloat16 dot that accumulates in float32.
 */
export function bfloat16<T extends Tensor>(x: T): T {
  if (!backendHas(PRECISION_KERNEL)) return x;
  return engine().runKernel<T>(PRECISION_KERNEL, { x }, { dtype: 'bfloat16' });
}

export type CompositeBody = (inputs: Tensor[]) => Tensor[];

/** What composites are known by; an engine may have a kernel of its own for some of them. */
export type CompositeName = 'attention' | 'attentionGradient';

/**
 * Computes `body(inputs)`, under a name by which an engine recognises what is computed.
 *
 * An engine that has a kernel for it uses that, within the rounding of bfloat16; for all others this
 * is the body and nothing else. Not differentiable: call it inside a custom gradient.
 *
 * @param numbers  what the body closes over and a kernel must know, by name.
 */
export function composite(
  name: CompositeName,
  numbers: Readonly<Record<string, number>>,
  inputs: Tensor[],
  body: CompositeBody,
): Tensor[] {
  if (!backendHas(COMPOSITE_KERNEL)) return tidy(() => body(inputs));
  const attrs = { name, numbers, body } as unknown as Parameters<
    ReturnType<typeof engine>['runKernel']
  >[2];
  return engine().runKernel<Tensor[]>(
    COMPOSITE_KERNEL,
    Object.fromEntries(inputs.entries()),
    attrs,
  );
}

registerGradient({
  kernelName: PRECISION_KERNEL,
  gradFunc: (dy) => ({ x: () => bfloat16(dy as Tensor) }),
});

// TF.js has no gradient for comparisons, so `tf.where(tf.less(a, b), …)` fails under `tf.grads`.
for (const kernelName of ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual']) {
  registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    // float32 whatever was compared: TF.js refuses a gradient of another dtype.
    gradFunc: (_dy, saved) => ({
      a: () => zeros(saved[0]!.shape),
      b: () => zeros(saved[1]!.shape),
    }),
  });
}
