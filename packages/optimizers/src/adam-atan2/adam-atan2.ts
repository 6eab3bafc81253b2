import type { Optimizer, Progress } from '@eddy/core';
import type { TensorTree } from '@eddy/tensor';
import {
  add,
  atan2,
  mul,
  sqrt,
  square,
  sub,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';

import {
  ADAM_SCALARS,
  adamSlots,
  decayedStep,
  meanOfGradient,
  type AdamConfig,
} from '../adam/adam.ts';
import { learningRateAt } from '../schedule/schedule.ts';

export interface AdamAtan2Config extends AdamConfig {
  /**
   * `reference`: bias correction 1 scales the step, outside atan2 (the CUDA kernel that TRM uses).
   * `lucidrains`: it stands inside atan2 and the step is 1.27 times as long (adam-atan2-pytorch).
   */
  readonly variant: 'reference' | 'lucidrains';
}

/** The factor `a` of adam-atan2-pytorch. */
const LUCIDRAINS_STEP = 1.27;

/**
 * Adam with atan2 in place of the division: no epsilon, and invariant to the gradient's scale.
 *
 *   p ← p·(1 − lr·wd);  m ← m + (1 − β1)(g − m);  v ← v + (1 − β2)(g² − v)
 *   reference:   p ← p − lr/(1 − β1ᵗ) · atan2(m, √v / √(1 − β2ᵗ))
 *   lucidrains:  p ← p − 1.27·lr · atan2(m / (1 − β1ᵗ), √v / √(1 − β2ᵗ))
 *
 * Both are `p − stepSize · atan2(m, denominatorScale · √v)`, since atan2 depends on the ratio only.
 *
 * @source Everett et al. 2024, arXiv:2407.05872; imoneoi/adam-atan2@42a1aeb csrc/adam_atan2.cu
 */
export class AdamAtan2 implements Optimizer {
  readonly scalarNames = ADAM_SCALARS;
  readonly slots = adamSlots;
  readonly warmupSteps: number;
  readonly #config: AdamAtan2Config;

  constructor(config: AdamAtan2Config) {
    this.#config = config;
    this.warmupSteps = config.warmupSteps;
  }

  scalars(progress: Progress): Record<string, number> {
    const { beta1, beta2, weightDecay, variant } = this.#config;
    const learningRate = learningRateAt(this.#config, progress);
    const correction1 = 1 - beta1 ** progress.step;
    const correction2 = Math.sqrt(1 - beta2 ** progress.step);
    const decay = 1 - learningRate * weightDecay;
    return variant === 'reference'
      ? {
          learningRate,
          decay,
          stepSize: learningRate / correction1,
          denominatorScale: 1 / correction2,
        }
      : {
          learningRate,
          decay,
          stepSize: LUCIDRAINS_STEP * learningRate,
          denominatorScale: correction1 / correction2,
        };
  }

  update(args: {
    readonly parameter: Tensor;
    readonly gradient: Tensor;
    readonly slots: TensorTree;
    readonly scalars: Record<string, Scalar>;
  }): { parameter: Tensor; slots: TensorTree } {
    const { gradient, scalars } = args;
    const m = meanOfGradient(args.slots['m']!, gradient, this.#config.beta1);
    const v0 = args.slots['v']!;
    const v = add(v0, mul(1 - this.#config.beta2, sub(square(gradient), v0)));
    const direction = atan2(m, mul(sqrt(v), scalars['denominatorScale']!));
    return { parameter: decayedStep(args.parameter, direction, scalars), slots: { m, v } };
  }
}
