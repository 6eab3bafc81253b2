/** Optimizer, row optimizer and averager in a line each, for tests of what uses them. */
import { add, mul, sign, sub } from '@tensorflow/tfjs-core';

import type { Averager, Optimizer, RowOptimizer } from '../contracts/optimizer.ts';

/** Gradient descent with momentum: v ← 0.9·v + g;  p ← p − learningRate·v. */
export function momentum(learningRate: number): Optimizer {
  return {
    scalarNames: ['learningRate'],
    scalars: () => ({ learningRate }),
    slots: (parameter) => ({ v: parameter }),
    update({ parameter, gradient, slots, scalars }) {
      const v = add(mul(0.9, slots['v']!), gradient);
      return { parameter: sub(parameter, mul(scalars['learningRate']!, v)), slots: { v } };
    },
  };
}

/** row ← row − learningRate·sign(g). */
export function signDescent(learningRate: number): RowOptimizer {
  return {
    scalarNames: ['learningRate'],
    scalars: () => ({ learningRate }),
    update: ({ rows, gradient, scalars }) =>
      sub(rows, mul(scalars['learningRate']!, sign(gradient))),
  };
}

/** average ← ½·average + ½·parameter. */
export const halfAverage: Averager = {
  update: (average, parameter) => mul(0.5, add(average, parameter)),
};
