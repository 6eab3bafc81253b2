import { engineSuite, pluginSuite } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import plugin from './timed-cpu.ts';

const create = (notify: (level: string, text: string) => void = () => undefined) =>
  Promise.resolve(plugin.create({}, { notify }));

pluginSuite({ plugin });
engineSuite('timed-cpu', create);

it('says how often each program ran', async () => {
  const said: string[] = [];
  const engine = await create((_level, text) => said.push(text));
  const x = { shape: [], dtype: 'float32' } as const;
  const program = { name: 'nothing', state: { x }, inputs: {} };
  const step = await engine.compile({ ...program, run: () => ({ state: {}, outputs: {} }) });
  const state = await engine.upload({ x: { ...x, data: Float32Array.of(1) } });
  await step.run(state, {});
  await step.run(state, {});
  await engine.dispose();
  expect(said).toEqual([expect.stringMatching(/^nothing: 2 calls, [\d.]+ ms each$/)]);
});
