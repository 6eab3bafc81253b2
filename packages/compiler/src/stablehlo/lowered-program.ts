import type { GraphArgument, GraphResult } from '../graph/graph.ts';
import type { LibraryProducts, Rounding } from '../ops/define/stablehlo.ts';

/** A program as StableHLO text with the names of its arguments and results: what PJRT compiles. */
export interface LoweredProgram {
  readonly name: string;
  /** That run it together. */
  readonly devices: number;
  /** One module with a public `@main`. */
  readonly text: string;
  readonly arguments: readonly GraphArgument[];
  /** One more argument comes last: a scalar bool, always true, which the compiler can't know. */
  readonly takesTrue: boolean;
  readonly results: readonly LoweredResult[];
  /** Whether the plugin can write the compiled program to a file; with oneDNN's calls it crashes. */
  readonly serializable: boolean;
  /** The FLOPs of the matrix products; a multiply and an add count as two. Loops are multiplied out. */
  readonly flops: number;
}

/**
 * What becomes of barriers.
 *
 * - `none`: nothing; the compiler decides what it stores and what it computes again.
 * - `branch`: the value passes through a conditional whose outcome only the caller knows. XLA:CPU
 *   drops `optimization_barrier` before it fuses, and its fusion then computes a chain of residual
 *   sums again in each of its users: in a backward pass of n layers, n² element-wise passes.
 */
export type Barriers = 'none' | 'branch';

/** What a target's compiler makes fast code of. */
export interface Lowering {
  readonly barriers: Barriers;
  readonly libraryProducts: LibraryProducts;
  readonly rounding: Rounding;
}

export interface LoweredResult extends GraphResult {
  /** Index of the argument whose buffer this result takes over (`tf.aliasing_output`). */
  readonly donor?: number;
}
