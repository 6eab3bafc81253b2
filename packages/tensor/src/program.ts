/**
 * A computation over named tensors, written in TF.js code: what a compiler traces and an eager engine
 * calls.
 */
import type { Tensor } from '@tensorflow/tfjs-core';

import type { SpecTree } from './spec.ts';

/** TF.js tensors by name; they live only inside `Program.run`. */
export type TensorTree = Record<string, Tensor>;

/**
 * A pure function over named tensors, written against the TF.js core API.
 *
 * `run` is called once by a tracing engine and once a step by an eager one; it must not read values
 * (`dataSync`), draw random numbers or look at a clock.
 */
export interface Program {
  readonly name: string;
  /** Tensors that stay on the device between calls. */
  readonly state: SpecTree;
  /** Tensors that the host brings at each call (batches, scalars). */
  readonly inputs: SpecTree;
  /**
   * Present where the program may run on several devices at once. Absent, or where an axis doesn't
   * divide: it runs on the first device.
   */
  readonly sharing?: Sharing;
  run(state: TensorTree, inputs: TensorTree): ProgramResult;
}

/**
 * What each of N devices has of a tensor: its i-th part along an axis (the rows of a batch), or a float32
 * summand, `sum`, of the whole's own shape.
 */
export type Share = number | 'sum';

/**
 * How a program's tensors lie on N devices: `run` is given and returns shares of the tensors named here.
 * Every other tensor is whole on every device, and what `run` returns for it must be the same on all of
 * them, by `sumOverDevices` and `gatherOverDevices`. Specs, and what crosses to the host, are always whole.
 */
export interface Sharing {
  readonly state?: Readonly<Record<string, Share>>;
  readonly inputs?: Readonly<Record<string, number>>;
  readonly outputs?: Readonly<Record<string, number>>;
  /** That as many devices must be able to share equally, beside the tensors above. */
  readonly rows?: number;
}

export interface ProgramResult {
  /** New values of state tensors, same shapes and dtypes. A name left out keeps its value. */
  readonly state: TensorTree;
  /** What the host may fetch. */
  readonly outputs: TensorTree;
}

/** `bf16-mixed`: values marked with `bfloat16` are stored in it and products of them accumulate in float32. */
export type Precision = 'float32' | 'bf16-mixed';
