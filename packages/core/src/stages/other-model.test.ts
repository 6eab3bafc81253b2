/** Every stage that loads weights refuses those of another model. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { runStages, type ToyPipeline } from '../testing/toy-stages.ts';

const trained = freshFolder();
const runFolder = freshFolder();
const OWN = { use: 'toy', heads: 2, maxSteps: 3 };
const OTHER = { use: 'toy', heads: 4, maxSteps: 3 };
const LONGER = { use: 'toy', heads: 2, maxSteps: 9 };

beforeAll(() => setBackend('cpu'));
beforeEach(() =>
  runStages({ runFolder: trained.path, model: OWN, train: { maxSteps: 6 } }).then(() => undefined),
);

const run = (settings: Omit<ToyPipeline, 'runFolder'>) =>
  runStages({ runFolder: runFolder.path, ...settings });
const warnings = ({ events }: Awaited<ReturnType<typeof run>>) =>
  events.flatMap((event) =>
    event.type === 'message' && event.level === 'warning' ? [event.text] : [],
  );
const REFUSED = { code: 'MODEL_DIFFERS', facts: { expected: 'heads 4', received: 'heads 2' } };

describe.each<[string, (model: typeof OWN, options: object) => Omit<ToyPipeline, 'runFolder'>]>([
  [
    'train.loadCheckpoint',
    (model, options) => ({
      model,
      train: { maxSteps: 1, loadCheckpoint: { from: trained.path }, ...options },
    }),
  ],
  [
    'evaluate.checkpoint',
    (model, options) => ({
      evaluate: { checkpoint: trained.path, model, ...options },
      stages: ['build', 'evaluate'],
    }),
  ],
  [
    'test-time-compute.checkpoint',
    (model, options) => ({
      compute: { sweep: [{ steps: 1 }], checkpoint: trained.path, model, ...options },
      stages: ['build', 'compute'],
    }),
  ],
])('%s', (_name, settings) => {
  it('refuses weights of another model, unless it is allowed', async () => {
    await expect(run(settings(OTHER, {}))).rejects.toMatchObject(REFUSED);
    const allowed = await run(settings(OTHER, { allowOtherModel: true }));
    expect(warnings(allowed).join()).toMatch(/heads 2; used with heads 4/);
  });

  it('takes a difference of an adjustable option', async () => {
    const { events } = await run(settings(LONGER, {}));
    const texts = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(texts.join()).toContain('maxSteps is 9 here and was 3 in training');
  });
});

describe('a training that goes on', () => {
  const resume = (model: typeof OWN, train: Record<string, unknown> = {}) =>
    runStages({ runFolder: trained.path, model, train });

  it('refuses its own state after any option of the model has changed', async () => {
    await expect(resume(OTHER)).rejects.toMatchObject(REFUSED);
    await expect(resume(LONGER)).rejects.toMatchObject({
      code: 'MODEL_DIFFERS',
      facts: { expected: 'maxSteps 9', received: 'maxSteps 3' },
    });
    expect(warnings(await resume(OTHER, { allowOtherModel: true })).join()).toMatch(/heads 2/);
  });

  it('refuses rows of identifiers that have other names now', async () => {
    const identifiers = ['<blank>', 'b', 'a'];
    const renamed = runStages({ runFolder: trained.path, model: OWN, identifiers });
    await expect(renamed).rejects.toMatchObject({
      code: 'IDENTIFIERS_DIFFER',
      facts: { at: join(trained.path, 'checkpoints', 'step-00000006'), expected: 'row 1: b' },
    });
  });
});
