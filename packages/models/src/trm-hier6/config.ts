import type { ConfigProblem } from '@eddy/core';
import { z } from 'zod';

import type { ShapeFacts } from '../network/problems.ts';
import { tinyRecursiveOptions, tinyRecursiveProblems } from '../tiny-recursive/options.ts';

/** Latents of reasoning, beside the answer. */
export const NUM_LATENTS = 6;

export const trmHier6Config = z.strictObject(tinyRecursiveOptions);

export type TrmHier6Config = z.output<typeof trmHier6Config>;

export function trmHier6Problems(config: TrmHier6Config, facts: ShapeFacts): ConfigProblem[] {
  const problems = tinyRecursiveProblems(config, facts);
  if (config.lCycles > NUM_LATENTS) {
    problems.push({
      path: ['lCycles'],
      message: 'each update of a cycle has a latent of its own, and there are six',
      expected: `at most ${NUM_LATENTS}`,
      received: String(config.lCycles),
      fix: `lCycles: ${NUM_LATENTS}, or use: trm, which has no such bound`,
    });
  }
  return problems;
}
