import { expect, it } from 'vitest';

import { modelIdentity, type ModelIdentity } from '../../checkpoint/model-identity.ts';
import type { PartFactory, PluginReference } from '../../contracts/services.ts';
import { modelOfWeights } from './model-of-weights.ts';

const dataset = { task: 'sudoku', vocabSize: 11, seqLen: 81, numPuzzleIdentifiers: 1 };
/** A plugin that came to have the option `window`, 8 by default. */
const parts: Pick<PartFactory, 'describe'> = {
  describe: (_kind, { use, ...options }) =>
    use === 'trm'
      ? Promise.resolve({
          use,
          package: '@x/models',
          version: '2',
          options: { window: 8, ...options },
          adjustable: ['steps'],
        })
      : Promise.reject(new Error(`no plugin ${use}`)),
};
const identity = (options: Record<string, unknown>): ModelIdentity =>
  modelIdentity({ use: 'trm', package: '@x/models', version: '1', options }, dataset);
const choose = (model: ModelIdentity | undefined, candidates: PluginReference[]) =>
  modelOfWeights({
    weights: { path: 'here', model },
    candidates,
    dataset,
    parts,
    allowed: false,
    override: '--allow-other-model',
    say: () => undefined,
  });

it('takes the training of the pipeline that made the weights, else the last', async () => {
  const [small, large] = [
    { use: 'trm', heads: 2, steps: 4 },
    { use: 'trm', heads: 4, steps: 4 },
  ];
  const chosen = await choose(identity({ heads: 2, steps: 16 }), [small, large]);
  expect(chosen?.reference).toBe(small);
  expect((await choose(undefined, [small, large]))?.reference).toBe(large);
  await expect(choose(identity({ heads: 8, steps: 4 }), [small, large])).rejects.toMatchObject({
    code: 'MODEL_DIFFERS',
    facts: { expected: 'heads 4', received: 'heads 8' },
  });
});

it('takes the model that the weights name where the pipeline names none', async () => {
  const chosen = await choose(identity({ heads: 2 }), []);
  expect(chosen?.reference).toEqual({ use: 'trm', heads: 2, window: 8 });
  expect(await choose(undefined, [])).toBeUndefined();
});

it('compares an option that came later by its default', async () => {
  const trained = identity({ heads: 2 });
  expect((await choose(trained, [{ use: 'trm', heads: 2 }]))?.allowed).toEqual([]);
  await expect(choose(trained, [{ use: 'trm', heads: 2, window: 16 }])).rejects.toMatchObject({
    facts: { expected: 'window 16', received: 'window 8' },
  });
});
