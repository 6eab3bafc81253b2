import type { ConfigProblem } from '@eddy/core';
import { z } from 'zod';

import { actOptions } from '../act/options.ts';
import { blockOptions, count, numHeads, puzzleOptions } from '../network/options.ts';
import { dataProblems, headProblems, type ShapeFacts } from '../network/problems.ts';

export const transformerConfig = z.strictObject({
  ...blockOptions,
  numHeads: numHeads(12),
  numLayers: count(64).default(8).describe('blocks (H_layers in the reference)'),
  positionEncoding: z
    .enum(['rope', 'learned'])
    .default('rope')
    .describe('how attention knows positions'),
  ...puzzleOptions,
  ...actOptions,
  actEnabled: z
    .boolean()
    .default(true)
    .describe('rows may halt early in training, when q_halt exceeds q_continue'),
  actInference: z
    .boolean()
    .default(false)
    .describe('rows halt by the same rule in evaluation, and keep that answer'),
});

export type TransformerConfig = z.output<typeof transformerConfig>;

export function transformerProblems(config: TransformerConfig, facts: ShapeFacts): ConfigProblem[] {
  return [...headProblems({ ...config, mlpT: false }), ...dataProblems(false, facts)];
}
