/** The activation at the end of a fused kernel. */
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { binaryKernels } from './binary.ts';
import type { Kernel } from './kernel.ts';
import { unaryKernels } from './unary.ts';

export interface FusedActivation {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

/** TF.js's names of fused activations are its kernel names in lower case. */
const ACTIVATIONS: Readonly<Record<string, Kernel>> = {
  relu: unaryKernels['Relu']!,
  relu6: unaryKernels['Relu6']!,
  elu: unaryKernels['Elu']!,
  sigmoid: unaryKernels['Sigmoid']!,
};

export function activated(
  b: GraphBuilder,
  x: Value,
  { activation = 'linear', leakyreluAlpha }: FusedActivation,
  preluWeights: Value | undefined,
): Value {
  const apply = (kernel: Kernel, inputs: Readonly<Record<string, Value>>, attrs: object = {}) =>
    kernel(b, inputs, attrs as never) as Value;
  if (activation === 'prelu') return apply(binaryKernels['Prelu']!, { x, alpha: preluWeights! });
  if (activation === 'leakyrelu') {
    return apply(unaryKernels['LeakyRelu']!, { x }, { alpha: leakyreluAlpha });
  }
  const kernel = ACTIVATIONS[activation];
  return kernel === undefined ? x : apply(kernel, { x });
}
