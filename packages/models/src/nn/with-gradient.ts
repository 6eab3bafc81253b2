import { customGrad, type Tensor } from '@tensorflow/tfjs-core';

/** A function's value, what its gradient needs again, and the gradient itself. */
export interface Differentiable {
  readonly value: Tensor;
  /** What `gradient` needs, constants too: all else is freed when the forward pass ends. */
  readonly saved?: Tensor[];
  /** dL/dx from dL/dvalue. */
  readonly gradient: (dy: Tensor, saved: Tensor[]) => Tensor;
}

/** `tf.customGrad` of one tensor: `f` runs off the tape, its gradient is the one that it states. */
export function withGradient(x: Tensor, f: (x: Tensor) => Differentiable): Tensor {
  return customGrad((...args) => {
    const [input, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    const { value, saved, gradient } = f(input);
    if (saved !== undefined) save(saved);
    // The tape tells tensors apart by identity: a function that returns its argument needs a new one.
    return { value: value === input ? value.clone() : value, gradFunc: gradient };
  })(x);
}
