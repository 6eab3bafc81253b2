import type { TensorSpec } from '@eddy/core';

/** A program as StableHLO text with the names of its arguments and results: what PJRT compiles. */
export interface LoweredProgram {
  readonly name: string;
  /** One module with a public `@main`. */
  readonly text: string;
  readonly arguments: readonly LoweredArgument[];
  readonly results: readonly LoweredResult[];
  /** Of the matrix products; a multiply and an add count as two. Loops are multiplied out. */
  readonly flops: number;
}

export interface LoweredArgument {
  readonly name: string;
  readonly kind: 'state' | 'input';
  readonly spec: TensorSpec;
}

export interface LoweredResult {
  readonly name: string;
  readonly kind: 'state' | 'output';
  readonly spec: TensorSpec;
  /** Index of the argument whose buffer this result takes over (`tf.aliasing_output`). */
  readonly donor?: number;
}
