/** `pipeline verify-resume`: what resumes bit for bit, and what does not. */
import { afterAll, describe, expect, it } from 'vitest';

import { Workplace } from './eddy-cli.ts';

const place = new Workplace();
afterAll(() => place.remove());

const pipeline = (optimizer: string, plugins: string) => `name: tiny
engine: wasm
plugins: ${plugins}
build:
  dataset: { use: sudoku, source: { generator: { size: 4, train: 32, test: 8 } } }
train:
  model: { use: trm, hiddenSize: 8, numHeads: 1, numLayers: 1, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 0 }
  optimizer: ${optimizer}
  globalBatchSize: 4
  epochs: 10
`;

/** An optimizer whose rate is another one in each process: a resumed run cannot be the same. */
const FICKLE = `import { definePlugin } from '@eddy/core';
import { mul, sub } from '@tensorflow/tfjs-core';
import { z } from 'zod';
export default definePlugin({
  kind: 'optimizer', name: 'fickle', apiVersion: 1, summary: 'of a test', config: z.strictObject({}),
  create: () => ({
    scalarNames: ['learningRate'],
    scalars: () => ({ learningRate: 1e-3 * (1 + (process.pid % 997)) }),
    slots: () => ({}),
    update: ({ parameter, gradient, scalars }) => ({
      parameter: sub(parameter, mul(scalars.learningRate, gradient)), slots: {},
    }),
  }),
});
`;

const verify = (file: string) => place.eddy('verify-resume', file, '--steps', '4', '--kills', '1');

describe('verify-resume', () => {
  it('says that every bit agrees', () => {
    place.write('tiny.yml', pipeline('adamw', '[]'));
    expect(verify('tiny.yml')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('every bit agrees after 1 kills') as string,
    });
  });

  it('names what differs', () => {
    place.write('fickle.ts', FICKLE);
    place.write('fickle.yml', pipeline('fickle', '[./fickle.ts]'));
    const { status, stdout } = verify('fickle.yml');
    expect(stdout).toMatch(/differs {2}state after step 4: [0-9a-f]+, resumed [0-9a-f]+/);
    expect(status).toBe(1);
  });

  it('refuses what trains nothing', () => {
    place.write('data.yml', pipeline('adamw', '[]').replace(/^train:[^]*/m, ''));
    expect(verify('data.yml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no training stage') as string,
    });
  });
});
