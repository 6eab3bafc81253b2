import { setImmediate } from 'node:timers/promises';

import { expect, it, vi } from 'vitest';

import type { Engine } from '../contracts/engine.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { EngineHolder } from './engine-holder.ts';

function absentEngine() {
  const dispose = vi.fn(() => Promise.resolve());
  const inner = eagerEngine();
  const engine: Engine = { ...inner, info: { ...inner.info, isAbsent: true }, dispose };
  return { engine, dispose };
}

it('refuses an engine whose device is not here, and ends it', async () => {
  const { engine, dispose } = absentEngine();
  const holder = new EngineHolder(() => Promise.resolve(engine));
  await expect(holder.get()).rejects.toMatchObject({ code: 'DEVICE_ABSENT', exitCode: 2 });
  expect(dispose).toHaveBeenCalledOnce();
});

it('takes one to plan with', async () => {
  const { engine, dispose } = absentEngine();
  const holder = new EngineHolder(() => Promise.resolve(engine), { planOnly: true });
  expect(await holder.get()).toBe(engine);
  expect(dispose).not.toHaveBeenCalled();
});

it('starts no engine any more when the run ends while a dead one is being replaced', async () => {
  let ended!: () => void;
  const dead: Engine = {
    ...eagerEngine(),
    dispose: () => new Promise((resolve) => (ended = resolve)),
  };
  const create = vi.fn(() => Promise.resolve(dead));
  const holder = new EngineHolder(create);
  await holder.get();
  const restarted = expect(holder.restart()).rejects.toMatchObject({ code: 'INTERNAL' });
  await setImmediate();
  await holder.dispose();
  ended();
  await restarted;
  expect(create).toHaveBeenCalledOnce();
});

it('waits for the end of an engine, and not for the start of one', async () => {
  const dispose = vi.fn(() => setImmediate());
  let start: (engine: Engine) => void = () => undefined;
  const holder = new EngineHolder(() => new Promise((resolve) => (start = resolve)));
  const starting = holder.get();
  await holder.dispose();
  start({ ...eagerEngine(), dispose });
  await starting;
  await vi.waitFor(() => expect(dispose).toHaveBeenCalledOnce());

  const other = new EngineHolder(() => Promise.resolve({ ...eagerEngine(), dispose }));
  await other.get();
  await other.dispose();
  expect(dispose.mock.settledResults.map(({ type }) => type)).toEqual(['fulfilled', 'fulfilled']);
});
