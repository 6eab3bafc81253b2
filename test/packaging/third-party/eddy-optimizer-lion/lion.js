import { definePlugin } from '@eddy/core';
import { add, mul, sign, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';

const config = z.strictObject({
  learningRate: z.number().positive().default(1e-4).describe('step size'),
  weightDecay: z.number().nonnegative().default(0).describe('decoupled decay'),
  beta1: z.number().min(0).lt(1).default(0.9).describe('momentum in the update'),
  beta2: z.number().min(0).lt(1).default(0.99).describe('momentum that is kept'),
});

/** Lion: m' = β1·m + (1−β1)·g;  p ← p·(1 − lr·wd) − lr·sign(m');  m ← β2·m + (1−β2)·g. */
export default definePlugin({
  kind: 'optimizer',
  name: 'lion',
  apiVersion: 1,
  summary: 'the sign of an interpolated momentum (arXiv 2302.06675)',
  config,
  create: ({ learningRate, weightDecay, beta1, beta2 }) => ({
    scalarNames: ['learningRate'],
    scalars: () => ({ learningRate }),
    slots: (parameter) => ({ m: parameter }),
    update({ parameter, gradient, slots, scalars }) {
      const interpolated = add(mul(slots.m, beta1), mul(gradient, 1 - beta1));
      const decayed = sub(parameter, mul(parameter, mul(scalars.learningRate, weightDecay)));
      return {
        parameter: sub(decayed, mul(sign(interpolated), scalars.learningRate)),
        slots: { m: add(mul(slots.m, beta2), mul(gradient, 1 - beta2)) },
      };
    },
  }),
});
