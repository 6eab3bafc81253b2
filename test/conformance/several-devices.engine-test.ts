/** A recursive model with its puzzle table trained on several devices, against one. */
import type { Engine } from '@eddy/core';
import { afterAll, describe, expect, it } from 'vitest';

import {
  evaluateOn,
  expectClose,
  expectSame,
  newEngine,
  ROWS,
  SIZES,
  trainOn,
} from './small-training.ts';

const engines = new Map<number, Promise<Engine>>();
afterAll(async () => {
  for (const engine of engines.values()) await (await engine).dispose();
});

function engineOn(devices: number): Promise<Engine> {
  const engine = engines.get(devices) ?? newEngine(devices);
  engines.set(devices, engine);
  return engine;
}

describe.each([2, 4])('training on %i devices', (devices) => {
  it('ends where one device ends, with the same losses and halts', async () => {
    const one = await trainOn(await engineOn(1));
    const several = await trainOn(await engineOn(devices));
    expect(one.halted.some((count) => count > 0 && count < ROWS)).toBe(true);
    expectSame(several, one);
  });

  it('over micro-batches too', async () => {
    const sizes = { ...SIZES, microBatchSize: 4 };
    const one = await trainOn(await engineOn(1), { sizes });
    const several = await trainOn(await engineOn(devices), { sizes });
    expectSame(several, one);
  });

  it('goes on over micro-batches bit for bit from a state in between', async () => {
    const engine = await engineOn(devices);
    const sizes = { ...SIZES, microBatchSize: 4 };
    const whole = await trainOn(engine, { sizes });
    const before = await trainOn(engine, { sizes, to: 3 });
    const after = await trainOn(engine, { sizes, from: 3, state: before.state });
    expect([...before.losses, ...after.losses]).toEqual(whole.losses);
    expect(after.state).toEqual(whole.state);
  });

  it('evaluates as one device does', async () => {
    const answers = await Promise.all(
      [1, devices].map(async (n) => evaluateOn(await engineOn(n), ROWS)),
    );
    expect(answers[1]!.preds).toEqual(answers[0]!.preds);
    for (const [name, sum] of Object.entries(answers[0]!.sums)) {
      expect(answers[1]!.sums[name], name).toBeCloseTo(sum, 3);
    }
  });
});

it('evaluates a batch that the devices cannot share', async () => {
  const [one, two] = [
    await evaluateOn(await engineOn(1), 3),
    await evaluateOn(await engineOn(2), 3),
  ];
  expect(two.preds).toEqual(one.preds);
});

describe('a run on two devices', () => {
  it('that lost its engine goes on bit for bit from its last state', async () => {
    const whole = await trainOn(await engineOn(2));
    const lost = await newEngine(2);
    const before = await trainOn(lost, { to: 2 });
    process.kill((lost as unknown as { pid: number }).pid, 'SIGKILL');
    const resumed = await newEngine(2);
    const after = await trainOn(resumed, { from: 2, state: before.state });
    await Promise.all([lost.dispose(), resumed.dispose()]);
    expect([...before.losses, ...after.losses]).toEqual(whole.losses);
    expect(after.state).toEqual(whole.state);
  });

  it('goes on on four', async () => {
    const whole = await trainOn(await engineOn(2));
    const before = await trainOn(await engineOn(2), { to: 2 });
    const after = await trainOn(await engineOn(4), { from: 2, state: before.state });
    expectClose(after.state, whole.state);
  });
});
