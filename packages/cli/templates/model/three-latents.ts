import { definePlugin } from '@eddy/core';
import {
  addLatents,
  count,
  cycles,
  Level,
  recurrentNetwork,
  recursiveModel,
  recursiveOptions,
  recursiveProblems,
} from '@eddy/models/kit';
import { z } from 'zod';

const config = z.strictObject({
  ...recursiveOptions,
  numLayers: count(64).default(1).describe('number of blocks of the network'),
  numCycles: count(64)
    .default(2)
    .describe('number of cycles in a supervision step; only the last has a gradient'),
  numDetails: count(64).default(2).describe('number of updates of the details in each cycle'),
});

export default definePlugin({
  kind: 'model',
  name: 'three-latents',
  apiVersion: 1,
  summary: 'a recursion at three speeds: answer, plan, details',
  config,
  needs: ['dataset'],
  check: recursiveProblems,
  create: (options, { dataset }) =>
    recursiveModel({
      config: options,
      dataset,
      network: (blocks) => {
        const { numLayers, numCycles, numDetails } = options;
        const level = new Level({ name: 'layers', numLayers, blocks });
        return recurrentNetwork({
          parameters: level.parameters,
          latents: { answer: {}, plan: {}, details: {} },
          answer: 'answer',
          recur(parameters, x, latents) {
            const f = level.bind(parameters);
            return cycles(numCycles, latents, (now, again) => {
              const seen = addLatents(now.plan, x);
              const details = again(numDetails, now.details, (z) => f(addLatents(z, seen)));
              const plan = f(addLatents(now.plan, details, now.answer));
              const answer = f(addLatents(now.answer, plan));
              return { answer, plan, details };
            });
          },
        });
      },
    }),
});
