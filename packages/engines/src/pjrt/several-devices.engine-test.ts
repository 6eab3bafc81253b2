/** Programs on several devices of the CPU plugin against the same on one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { add, matMul, mul, scalar, sum, transpose } from '@tensorflow/tfjs-core';
import { gatherOverDevices, sumOverDevices, type HostTree, type Program } from '@eddy/core';
import { afterEach, describe, expect, it } from 'vitest';

import type { HostedEngine } from '../process/hosted-engine.ts';
import { testXlaEngine } from '../testing/test-engines.ts';
import type { XlaEngineOptions } from './xla-engine.ts';

const ROWS = 8;

/** Rows of a batch in state and input, one parameter that all rows change, a table row per batch row. */
const program: Program = {
  name: 'shared-step',
  state: {
    weight: { shape: [3, 2], dtype: 'float32' },
    carry: { shape: [3, ROWS], dtype: 'float32' },
  },
  inputs: {
    x: { shape: [ROWS, 3], dtype: 'float32' },
    ids: { shape: [ROWS], dtype: 'int32' },
    rate: { shape: [], dtype: 'float32' },
  },
  split: { state: { carry: 1 }, inputs: { x: 0, ids: 0 }, outputs: { y: 0 } },
  run({ weight, carry }, { x, ids, rate }) {
    const seen = add(x!, transpose(carry!));
    const y = matMul(seen, weight!);
    const gradient = sumOverDevices(matMul(seen, y, true));
    return {
      state: { weight: add(weight!, mul(gradient, rate!)), carry: transpose(seen) },
      outputs: { y, total: sumOverDevices(sum(y)), ids: gatherOverDevices(ids!) },
    };
  },
};

const state: HostTree = {
  weight: floats([3, 2], (i) => i / 8),
  carry: floats([3, ROWS], (i) => i / 16),
};
const inputs = (step: number): HostTree => ({
  x: floats([ROWS, 3], (i) => ((i * 7 + step) % 5) - 2),
  ids: { shape: [ROWS], dtype: 'int32', data: Int32Array.from({ length: ROWS }, (_, i) => i * i) },
  rate: floats([], () => 1 / 256),
});

function floats(shape: readonly number[], value: (i: number) => number) {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return {
    shape,
    dtype: 'float32' as const,
    data: Float32Array.from({ length: size }, (_, i) => value(i)),
  };
}

/** Sums in another order round otherwise. */
function expectClose(received: HostTree, expected: HostTree): void {
  expect(Object.keys(received).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { data, shape }] of Object.entries(expected)) {
    expect(received[name]!.shape, name).toEqual(shape);
    data.forEach((value, i) => expect(received[name]!.data[i], name).toBeCloseTo(value, 5));
  }
}

let engines: HostedEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.dispose()));
  engines = [];
});

async function engineOn(devices: number, options: Partial<XlaEngineOptions> = {}) {
  const clientOptions = { cpu_device_count: BigInt(devices) };
  const engine = await testXlaEngine({ devices, clientOptions, ...options });
  engines.push(engine);
  return engine;
}

/** Three steps, then everything on the host. */
async function threeSteps(engine: HostedEngine, run: Program = program) {
  const executable = await engine.compile(run);
  const tree = await engine.upload(state);
  const fetch = Object.keys(executable.outputs);
  let outputs: HostTree = {};
  for (const step of [1, 2, 3]) outputs = await executable.run(tree, inputs(step), { fetch });
  return { ...(await tree.read()), ...outputs };
}

describe.each([2, 4])('%i devices', (devices) => {
  it('compute what one computes, rows in their order', async () => {
    const [one, several] = await Promise.all(
      [1, devices].map(async (n) => threeSteps(await engineOn(n))),
    );
    expectClose(several!, one!);
    expect(one!['ids']!.data).toEqual(Int32Array.of(0, 1, 4, 9, 16, 25, 36, 49));
  });
});

it('a compiled program for several devices comes back from the cache', async () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'eddy-devices-'));
  try {
    const first = await engineOn(2, { cacheFolder });
    const second = await engineOn(2, { cacheFolder });
    const results = await threeSteps(first);
    expect((await second.compile(program)).stats.cached).toBe(true);
    expect(await threeSteps(second)).toEqual(results);
  } finally {
    rmSync(cacheFolder, { recursive: true });
  }
});

it('a program that cannot be cut runs on the first device, on the tensors of one that can', async () => {
  const engine = await engineOn(2);
  const shared = await engine.compile(program);
  const alone: Program = {
    name: 'alone',
    state: program.state,
    inputs: {},
    run: ({ weight, carry }) => ({
      state: { weight: mul(weight!, scalar(2)) },
      outputs: { carried: sum(carry!) },
    }),
  };
  const executable = await engine.compile(alone);
  const tree = await engine.upload(state);
  await shared.run(tree, inputs(1));
  const before = await tree.read();
  const { carried } = await executable.run(tree, {}, { fetch: ['carried'] });
  expect(carried!.data[0]).toBe(
    Array.from(before['carry']!.data).reduce((total, x) => total + x, 0),
  );
  await tree.copy({ spare: 'carry' });
  await shared.run(tree, inputs(2));
  const after = await tree.read();
  expect(after['spare']).toEqual(before['carry']);

  const single = await engineOn(1);
  const [again, doubled] = [await single.compile(program), await single.compile(alone)];
  const expected = await single.upload(state);
  await again.run(expected, inputs(1));
  await doubled.run(expected, {});
  await again.run(expected, inputs(2));
  const { spare: _spare, ...rest } = after;
  expectClose(rest, await expected.read());
});

it('more devices than there are is DEVICES_MISSING', async () => {
  await expect(
    testXlaEngine({ devices: 3, clientOptions: { cpu_device_count: 2n } }),
  ).rejects.toMatchObject({
    code: 'DEVICES_MISSING',
  });
});
