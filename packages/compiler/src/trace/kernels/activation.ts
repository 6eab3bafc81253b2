/** The activation at the end of a fused kernel. */
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { binaryKernels } from './binary.ts';
import type { Kernel, KernelInputs } from './kernel.ts';
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

/** What a fused kernel adds: a vector for each channel is spread over an image with channels first too. */
export function biased(
  b: GraphBuilder,
  y: Value,
  { bias, preluActivationWeights }: KernelInputs,
  attrs: FusedActivation,
  channelsLast: boolean,
): Value {
  const perChannel = (x: Value) =>
    channelsLast || x.shape.length !== 1 ? x : b.reshape(x, [x.shape[0]!, 1, 1]);
  const sum = bias === undefined ? y : b.binary('add', y, perChannel(bias));
  const alpha =
    preluActivationWeights === undefined ? undefined : perChannel(preluActivationWeights);
  return activated(b, sum, attrs, alpha);
}
