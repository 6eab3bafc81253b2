import { definePlugin, type Optimizer, type Progress } from '@eddy/core';
import { add, mul, sign, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';

const config = z.strictObject({
  learningRate: z.number().positive().default(1e-4).describe('step size after the warm-up'),
  warmupSteps: z.int().min(0).default(0).describe('number of steps of linear warm-up'),
  weightDecay: z.number().min(0).default(0.1).describe('decoupled weight decay'),
  beta1: z.number().min(0).lt(1).default(0.9).describe('share of the momentum in the update'),
  beta2: z.number().min(0).lt(1).default(0.99).describe('decay of the momentum'),
});

/**
 * Moves each weight by the sign of an interpolated momentum.
 *
 *   c = β1·m + (1 − β1)·g;  p ← p − lr·(sign(c) + wd·p);  m ← β2·m + (1 − β2)·g
 *
 * @source Chen et al. 2023, arXiv:2302.06675, algorithm 2
 */
export class Lion implements Optimizer {
  readonly scalarNames = ['learningRate', 'decay'];
  readonly #config: z.output<typeof config>;

  constructor(options: z.output<typeof config>) {
    this.#config = options;
  }

  /** Returns the numbers that change from step to step; they are inputs of the compiled step. */
  scalars({ step }: Progress) {
    const { learningRate, warmupSteps, weightDecay } = this.#config;
    const current = learningRate * Math.min(1, step / Math.max(1, warmupSteps));
    return { learningRate: current, decay: 1 - current * weightDecay };
  }

  /** Returns the state of one parameter: its momentum, in the parameter's own shape. */
  slots(parameter: Parameters<Optimizer['slots']>[0]) {
    return { m: parameter };
  }

  update({ parameter, gradient, slots, scalars }: Parameters<Optimizer['update']>[0]) {
    const { beta1, beta2 } = this.#config;
    const m = slots['m']!;
    const direction = sign(add(mul(beta1, m), mul(1 - beta1, gradient)));
    return {
      parameter: sub(mul(parameter, scalars['decay']!), mul(scalars['learningRate']!, direction)),
      slots: { m: add(mul(beta2, m), mul(1 - beta2, gradient)) },
    };
  }
}

export default definePlugin({
  kind: 'optimizer',
  name: 'lion',
  apiVersion: 1,
  summary: 'updates by the sign of an interpolated momentum, with one state per weight',
  config,
  create: (options) => new Lion(options),
});
