import { definePlugin } from '@eddy/core';
import { rmsNorm } from '@eddy/models/kit';
import { mul, reshape, sub, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** p ← p − lr·g / rms(g) */
export default definePlugin({
  kind: 'optimizer',
  name: 'normalised-descent',
  apiVersion: 1,
  summary: 'gradient descent with steps of one length',
  config: z.strictObject({
    learningRate: z.number().positive().default(1e-3).describe('root mean square of a step'),
  }),
  create: ({ learningRate }) => ({
    scalarNames: ['learningRate'],
    scalars: () => ({ learningRate }),
    slots: () => ({}),
    update({ parameter, gradient, scalars }) {
      const flat: Tensor = reshape(gradient, [1, parameter.size]);
      const step = reshape(rmsNorm(flat, -1, 1e-12), parameter.shape);
      return { parameter: sub(parameter, mul(step, scalars['learningRate']!)), slots: {} };
    },
  }),
});
