/** The same on several hosts: processes of this machine, joined as a launcher's would be. */
import type { Engine } from '@eddy/core';
import { followHosts, leadHosts } from '@eddy/engines/hosts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  cacheFolder,
  evaluateOn,
  expectSame,
  newEngine,
  ROWS,
  SIZES,
  trainOn,
  type Trained,
} from './small-training.ts';
import { freePort } from '../free-port.ts';

const SIZE = 2;
const MICRO = { ...SIZES, microBatchSize: 4 };

let one: { whole: Trained; micro: Trained; evaluated: Awaited<ReturnType<typeof evaluateOn>> };
beforeAll(async () => {
  const engine = await newEngine(1);
  one = {
    whole: await trainOn(engine),
    micro: await trainOn(engine, { sizes: MICRO }),
    evaluated: await evaluateOn(engine, ROWS),
  };
  await engine.dispose();
});

describe.each([1, 2])('%i devices on each of two hosts', (devices) => {
  let hosts: Awaited<ReturnType<typeof leadHosts>>;
  let follower: Promise<void>;
  let engine: Engine;
  beforeAll(async () => {
    process.env['EDDY_HOST_TOKEN'] = 'of this test';
    const coordinator = `127.0.0.1:${await freePort()}`;
    const services = { cacheFolder, offline: false, say: (text: string) => console.log(text) };
    hosts = await leadHosts({ rank: 0, size: SIZE, coordinator }, services);
    follower = followHosts({ rank: 1, size: SIZE, coordinator }, services);
    engine = await newEngine(devices);
  });
  afterAll(async () => {
    await engine.dispose();
    await hosts.close();
    await follower;
  });

  it('train as one device does: losses, halts, norms and the whole state', async () => {
    expect(engine.info.devices).toBe(SIZE * devices);
    expectSame(await trainOn(engine), one.whole);
  });

  it('over micro-batches too', async () => {
    expectSame(await trainOn(engine, { sizes: MICRO }), one.micro);
  });

  it.each([
    ['whole', SIZES],
    ['micro-', MICRO],
  ])(
    'give the same bits again in %s batches, and go on from a state in between',
    async (_, sizes) => {
      const whole = await trainOn(engine, { sizes });
      const before = await trainOn(engine, { sizes, to: 2 });
      await engine.dispose();
      engine = await newEngine(devices);
      const after = await trainOn(engine, { sizes, from: 2, state: before.state });
      expect([...before.losses, ...after.losses]).toEqual(whole.losses);
      expect(after.state).toEqual(whole.state);
    },
  );

  it('evaluate as one device does, and batches that they cannot share', async () => {
    const { preds, sums } = await evaluateOn(engine, ROWS);
    expect(preds).toEqual(one.evaluated.preds);
    for (const [name, sum] of Object.entries(one.evaluated.sums)) {
      expect(sums[name], name).toBeCloseTo(sum, 3);
    }
    const three = await evaluateOn(engine, 3);
    expect(three.preds!.data).toEqual(preds!.data.slice(0, three.preds!.data.length));
  });
});
