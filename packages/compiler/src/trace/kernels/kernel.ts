import type { DType } from '@eddy/tensor';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

/** Operands by TF.js's names; a kernel with a list of operands has them under 0, 1, 2 … */
export type KernelInputs = Readonly<Record<string, Value>>;

/**
 * One TF.js kernel: appends nodes instead of computing. `attrs` has the type that TF.js declares for
 * the kernel (`never` here, so that each kernel can name its own).
 */
export type Kernel = (
  b: GraphBuilder,
  inputs: KernelInputs,
  attrs: never,
) => Value | readonly Value[];

export type KernelTable = Readonly<Record<string, Kernel>>;

const RANK: Record<DType, number> = { bool: 0, int32: 1, float32: 2 };

/** The wider of two dtypes, as TF.js promotes; numbers only, so at least int32. */
export function numericDType(...values: readonly Value[]): 'int32' | 'float32' {
  return values.some((x) => RANK[x.dtype as DType] === RANK.float32) ? 'float32' : 'int32';
}

export function asFloat(b: GraphBuilder, x: Value): Value {
  return b.convert(x, 'float32');
}

/** bool as int32, numbers as they are. */
export function asNumber(b: GraphBuilder, x: Value): Value {
  return b.convert(x, numericDType(x));
}

export function listed(inputs: KernelInputs): Value[] {
  return Object.values(inputs);
}
