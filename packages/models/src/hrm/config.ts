import type { ConfigProblem } from '@eddy/core';
import { z } from 'zod';

import { actOptions } from '../act/options.ts';
import { blockOptions, count, mixingOptions, puzzleOptions } from '../network/options.ts';
import { dataProblems, headProblems, type ShapeFacts } from '../network/problems.ts';

export const hrmConfig = z.strictObject({
  ...blockOptions,
  hCycles: count(64).default(2).describe('updates of z_H per supervision step'),
  lCycles: count(64).default(2).describe('updates of z_L before each update of z_H'),
  hLayers: count(64).default(4).describe('blocks of the slow network, which renews z_H'),
  lLayers: count(64).default(4).describe('blocks of the fast network, which renews z_L'),
  ...mixingOptions,
  ...puzzleOptions,
  ...actOptions,
});

export type HrmConfig = z.output<typeof hrmConfig>;

export function hrmProblems(config: HrmConfig, facts: ShapeFacts): ConfigProblem[] {
  return [...headProblems(config), ...dataProblems(config.mlpT, facts)];
}
