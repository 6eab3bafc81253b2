import type { CompositeName } from '@eddy/tensor';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

/**
 * Puts a kernel of the target in place of a composite: appends nodes and returns the results, or
 * nothing where the operands don't suit the kernel.
 */
export type CompositeRule = (
  b: GraphBuilder,
  inputs: readonly Value[],
  numbers: Readonly<Record<string, number>>,
) => readonly Value[] | undefined;

/** The composites that a target has kernels for; the others are traced as what they compute. */
export type Composites = Readonly<Partial<Record<CompositeName, CompositeRule>>>;
