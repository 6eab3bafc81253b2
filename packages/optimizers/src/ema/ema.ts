import type { Averager } from '@eddy/core';
import { add, mul, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Exponential moving average of the parameters, without bias correction or warm-up.
 *
 *   average ← (1 − rate)·parameter + rate·average
 *
 * @source TinyRecursiveModels models/ema.py `EMAHelper`
 */
export class Ema implements Averager {
  readonly #rate: number;

  constructor(config: { readonly rate: number }) {
    this.#rate = config.rate;
  }

  update(average: Tensor, parameter: Tensor): Tensor {
    return add(mul(1 - this.#rate, parameter), mul(this.#rate, average));
  }
}
