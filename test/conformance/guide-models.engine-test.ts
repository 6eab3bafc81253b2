/** The models of docs/guides/write-a-model.md compiled by XLA, against op-by-op TF.js. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import type { Engine } from '@eddy/core';
import { modelEngineSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, it } from 'vitest';

import { disposeEngines, engineFor, whyAbsent } from '../parity/engine-for.ts';
import { GUIDE_MODELS } from './guide-models.ts';

beforeAll(() => setBackend('cpu'));
afterAll(disposeEngines);

const absence = await whyAbsent('xla');

describe('models of the guide on XLA', () => {
  if (absence === null) {
    for (const suite of Object.values(GUIDE_MODELS)) {
      modelEngineSuite({ ...suite, engines: { xla: sharedXla } });
    }
  } else {
    it('compute what they compute op by op', ({ skip }) => skip(absence));
  }
});

/** The shared engine, which the suite may not dispose. */
async function sharedXla(): Promise<Engine> {
  const engine = await engineFor('xla');
  return {
    info: engine.info,
    compile: (program) => engine.compile(program),
    upload: (tree) => engine.upload(tree),
    memory: () => engine.memory(),
    dispose: () => Promise.resolve(),
  };
}
