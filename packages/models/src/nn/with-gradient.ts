import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

/** A function's value, what its gradient needs again, and the gradient itself. */
export interface Differentiable {
  readonly value: Tensor;
  /** What `gradient` needs, constants too: all else is freed when the forward pass ends. */
  readonly saved?: Tensor[];
  /** dL/dx of every x, from dL/dvalue. */
  readonly gradient: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
}

/** `tf.customGrad`, typed: `f` runs off the tape, its gradient is the one that it states. */
export function withGradient(xs: Tensor[], f: (...xs: Tensor[]) => Differentiable): Tensor {
  return customGrad((...args) => {
    const inputs = args.slice(0, -1) as Tensor[];
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const { value, saved, gradient } = f(...inputs);
    if (saved !== undefined) save(saved);
    // The tape tells tensors apart by identity: a function that returns its argument needs a new one.
    return { value: inputs.includes(value) ? value.clone() : value, gradFunc: gradient };
  })(...xs);
}
