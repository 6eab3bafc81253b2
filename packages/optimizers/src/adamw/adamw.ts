import type { Optimizer, Progress } from '@eddy/core';
import type { TensorTree } from '@eddy/tensor';
import { add, div, mul, sqrt, square, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

import {
  ADAM_SCALARS,
  adamSlots,
  decayedStep,
  meanOfGradient,
  type AdamConfig,
} from '../adam/adam.ts';
import { learningRateAt } from '../schedule/schedule.ts';

export interface AdamWConfig extends AdamConfig {
  readonly epsilon: number;
}

/**
 * Adam with decoupled weight decay, as PyTorch computes it.
 *
 *   p ← p·(1 − lr·wd);  m ← m + (1 − β1)(g − m);  v ← β2·v + (1 − β2)·g²
 *   p ← p − lr/(1 − β1ᵗ) · m / (√v/√(1 − β2ᵗ) + ε)
 *
 * @source Loshchilov & Hutter 2019, arXiv:1711.05101; torch.optim.AdamW
 */
export class AdamW implements Optimizer {
  readonly scalarNames = ADAM_SCALARS;
  readonly slots = adamSlots;
  readonly warmupSteps: number;
  readonly #config: AdamWConfig;

  constructor(config: AdamWConfig) {
    this.#config = config;
    this.warmupSteps = config.warmupSteps;
  }

  scalars(progress: Progress): Record<string, number> {
    const { beta1, beta2, weightDecay } = this.#config;
    const learningRate = learningRateAt(this.#config, progress);
    return {
      learningRate,
      decay: 1 - learningRate * weightDecay,
      stepSize: learningRate / (1 - beta1 ** progress.step),
      denominatorScale: 1 / Math.sqrt(1 - beta2 ** progress.step),
    };
  }

  update(args: {
    readonly parameter: Tensor;
    readonly gradient: Tensor;
    readonly slots: TensorTree;
    readonly scalars: Record<string, Scalar>;
  }): { parameter: Tensor; slots: TensorTree } {
    const { beta1, beta2, epsilon } = this.#config;
    const { gradient, scalars } = args;
    const m = meanOfGradient(args.slots['m']!, gradient, beta1);
    const v = add(mul(beta2, args.slots['v']!), mul(1 - beta2, square(gradient)));
    const direction = div(m, add(mul(sqrt(v), scalars['denominatorScale']!), epsilon));
    return { parameter: decayedStep(args.parameter, direction, scalars), slots: { m, v } };
  }
}
