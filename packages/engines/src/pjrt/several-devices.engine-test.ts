/** Programs on several devices of the CPU plugin, of one host or several, against the same on one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { add, matMul, mul, scalar, sub, sum, transpose, zerosLike } from '@tensorflow/tfjs-core';
import type { Engine } from '@eddy/core';
import { gatherOverDevices, sumOverDevices, type HostTree, type Program } from '@eddy/tensor';
import { afterEach, describe, expect, it } from 'vitest';

import { testHosts, testXlaEngine } from '../testing/test-engines.ts';
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
  sharing: { state: { carry: 1 }, inputs: { x: 0, ids: 0 }, outputs: { y: 0 } },
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

let engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.dispose()));
  engines = [];
});

async function engineOn(
  devices: number,
  { hosts = 1, ...options }: Partial<XlaEngineOptions> & { readonly hosts?: number } = {},
): Promise<Engine> {
  const clientOptions = { cpu_device_count: BigInt(devices) };
  const all = { devices, clientOptions, ...options };
  const engine = await (hosts === 1 ? testXlaEngine(all) : testHosts(hosts, all));
  engines.push(engine);
  return engine;
}

/** Three steps, then everything on the host. */
async function threeSteps(engine: Engine, run: Program = program) {
  const executable = await engine.compile(run);
  const tree = await engine.upload(state);
  const fetch = Object.keys(executable.outputs);
  let outputs: HostTree = {};
  for (const step of [1, 2, 3]) outputs = await executable.run(tree, inputs(step), { fetch });
  return { ...(await tree.read()), ...outputs };
}

/** What one device computes; asked for once. */
let ofOne: Promise<HostTree> | undefined;
const threeStepsOnOne = () => (ofOne ??= engineOn(1).then((engine) => threeSteps(engine)));

describe.each([
  { hosts: 1, devices: 2 },
  { hosts: 1, devices: 4 },
  { hosts: 2, devices: 1 },
  { hosts: 2, devices: 2 },
  { hosts: 4, devices: 1 },
])('$hosts × $devices devices', ({ hosts, devices }) => {
  it('compute what one computes, rows in their order', async () => {
    const one = await threeStepsOnOne();
    const several = await threeSteps(await engineOn(devices, { hosts }));
    expectClose(several, one);
    expect(one['ids']!.data).toEqual(Int32Array.of(0, 1, 4, 9, 16, 25, 36, 49));
  });
});

it('inputs whose names are numbers keep their values on several hosts', async () => {
  const vector = { shape: [2], dtype: 'float32' } as const;
  const run: Program = {
    name: 'numbered',
    state: {},
    inputs: { 2: vector, 10: vector },
    sharing: { rows: 2, inputs: {}, state: {}, outputs: {} },
    // The part after the sum reads 10 first.
    run: (_state, inputs) => ({
      state: {},
      outputs: { y: sub(sub(sumOverDevices(inputs[2]!), inputs[10]!), mul(inputs[2]!, 3)) },
    }),
  };
  const of = (...values: number[]) => ({ ...vector, data: Float32Array.from(values) });
  const executable = await (await engineOn(1, { hosts: 2 })).compile(run);
  const tree = await engines[0]!.upload({});
  const { y } = await executable.run(tree, { 2: of(1, 2), 10: of(100, 200) }, { fetch: ['y'] });
  expect([...y!.data]).toEqual([2 - 100 - 3, 4 - 200 - 6]);
});

it.each([1, 2])('a compiled program of %i hosts comes back from the cache', async (hosts) => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'eddy-devices-'));
  try {
    // Programs with products of oneDNN are not kept.
    const options = { cacheFolder, hosts, products: 'compiler' } as const;
    const first = await engineOn(2, options);
    const second = await engineOn(2, options);
    const results = await threeSteps(first);
    expect((await second.compile(program)).stats.cached).toBe(true);
    expect(await threeSteps(second)).toEqual(results);
  } finally {
    rmSync(cacheFolder, { recursive: true });
  }
});

it.each([
  { hosts: 1, devices: 2 },
  { hosts: 2, devices: 1 },
  { hosts: 2, devices: 2 },
])('a program that cannot be cut shares tensors with one that can', async ({ hosts, devices }) => {
  const engine = await engineOn(devices, { hosts });
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
  await shared.run(tree, inputs(2));
  const after = await tree.read();

  const single = await engineOn(1);
  const [again, doubled] = [await single.compile(program), await single.compile(alone)];
  const expected = await single.upload(state);
  await again.run(expected, inputs(1));
  await doubled.run(expected, {});
  await again.run(expected, inputs(2));
  expectClose(after, await expected.read());
});

/** Adds up what its rows give; each device in a sum of its own. */
const accumulate: Program = {
  name: 'accumulate',
  state: { total: { shape: [3], dtype: 'float32' } },
  inputs: { x: { shape: [ROWS, 3], dtype: 'float32' } },
  sharing: { state: { total: 'sum' }, inputs: { x: 0 } },
  run: ({ total }, { x }) => ({ state: { total: add(total!, sum(x!, 0)) }, outputs: {} }),
};
/** Takes it, and begins anew. */
const take: Program = {
  name: 'take',
  state: { total: { shape: [3], dtype: 'float32' }, weight: { shape: [3], dtype: 'float32' } },
  inputs: {},
  sharing: { state: { total: 'sum' }, rows: ROWS },
  run: ({ total, weight }) => ({
    state: { total: zerosLike(total!), weight: add(weight!, sumOverDevices(total!)) },
    outputs: {},
  }),
};

describe.each([
  { hosts: 1, devices: 1 },
  { hosts: 1, devices: 2 },
  { hosts: 1, devices: 4 },
  { hosts: 2, devices: 1 },
  { hosts: 2, devices: 2 },
])('a sum over $hosts × $devices devices', ({ hosts, devices }) => {
  it('is whole to whoever reads, writes, or cannot be cut', async () => {
    const engine = await engineOn(devices, { hosts });
    const [adds, takes, doubles] = [
      await engine.compile(accumulate),
      await engine.compile(take),
      await engine.compile({
        name: 'double',
        state: accumulate.state,
        inputs: {},
        run: ({ total }) => ({ state: { total: mul(total!, scalar(2)) }, outputs: {} }),
      }),
    ];
    const tree = await engine.upload({
      total: floats([3], (i) => 100 * i),
      weight: floats([3], () => 1),
    });
    const x = floats([ROWS, 3], (i) => i);
    const columns = [84, 92, 100]; // of x
    const read = async (name: string) => Array.from((await tree.read([name]))[name]!.data);
    await adds.run(tree, { x });
    await adds.run(tree, { x });
    const twice = columns.map((column, i) => 100 * i + 2 * column);
    expect(await read('total')).toEqual(twice);
    const kept = await read('total');
    await doubles.run(tree, {});
    await adds.run(tree, { x });
    const more = columns.map((column, i) => 2 * twice[i]! + column);
    expect(await read('total')).toEqual(more);
    await takes.run(tree, {});
    expect(await read('total')).toEqual([0, 0, 0]);
    expect(await read('weight')).toEqual(more.map((total) => total + 1));
    expect(kept).toEqual(twice);
    await tree.write({ total: floats([3], () => 5) });
    await adds.run(tree, { x });
    expect(await read('total')).toEqual(columns.map((column) => column + 5));
  });
});

it.each([{ hosts: 1 }, { hosts: 2 }])(
  'zeros are the same on all devices of $hosts hosts',
  async ({ hosts }) => {
    const WIDE = 2 ** 13;
    const carry = { shape: [WIDE, ROWS], dtype: 'float32' } as const;
    const count: Program = {
      name: 'count',
      state: { weight: { shape: [WIDE, 2], dtype: 'float32' }, carry },
      inputs: { x: { shape: [ROWS], dtype: 'float32' } },
      sharing: { state: { carry: 1 }, inputs: { x: 0 }, outputs: {} },
      run: (all, { x }) => ({
        state: {
          weight: add(all['weight']!, sumOverDevices(sum(x!))),
          carry: add(all['carry']!, x!),
        },
        outputs: {},
      }),
    };
    const engine = await engineOn(2, { hosts });
    const executable = await engine.compile(count);
    const tree = await engine.upload({
      weight: floats([WIDE, 2], () => 0),
      carry: floats(carry.shape, () => 0),
    });
    const x = floats([ROWS], (i) => i);
    await executable.run(tree, { x });
    await executable.run(tree, { x });
    expect(await tree.read()).toEqual({
      weight: floats([WIDE, 2], () => 2 * 28),
      carry: floats(carry.shape, (i) => 2 * (i % ROWS)),
    });
  },
);

it('rows that all devices cannot share equally are for as many as can', async () => {
  const engine = await engineOn(3);
  const executable = await engine.compile(program);
  const tree = await engine.upload(state);
  await executable.run(tree, inputs(1));
  const single = await engineOn(1);
  const expected = await single.upload(state);
  await (await single.compile(program)).run(expected, inputs(1));
  expectClose(await tree.read(), await expected.read());
});

it('on several hosts it is as many of each', async () => {
  const engine = await engineOn(3, { hosts: 2 }); // 2 of 3 on each
  const several = await threeSteps(engine);
  expectClose(several, await threeStepsOnOne());
});

it('programs on other numbers of devices share tensors', async () => {
  const rowsOf = (rows: number): Program => ({
    name: `rows-${rows}`,
    state: { weight: { shape: [3], dtype: 'float32' } },
    inputs: { x: { shape: [rows, 3], dtype: 'float32' } },
    sharing: { inputs: { x: 0 } },
    run: ({ weight }, { x }) => ({
      state: { weight: add(weight!, sumOverDevices(sum(x!, 0))) },
      outputs: {},
    }),
  });
  const engine = await engineOn(4);
  const tree = await engine.upload({ weight: floats([3], () => 0) });
  for (const rows of [6, 8, 1, 4, 6]) {
    const executable = await engine.compile(rowsOf(rows));
    await executable.run(tree, { x: floats([rows, 3], () => 1) });
  }
  expect(Array.from((await tree.read())['weight']!.data)).toEqual([25, 25, 25]);
});

const uncut: Program = {
  name: 'uncut',
  state: program.state,
  inputs: program.inputs,
  run: ({ weight }, { x }) => ({ state: {}, outputs: { total: sum(matMul(x!, weight!)) } }),
};

it.each([
  ['a cut program', program],
  ['one that cannot be cut', uncut],
])('while hosts compile %s, other work can be done', async (_, run) => {
  const engine = await engineOn(1, { hosts: 2 });
  const order: string[] = [];
  let uploading: ReturnType<Engine['upload']> | undefined;
  const meanwhile = () => {
    order.push('meanwhile');
    uploading = engine.upload(state);
  };
  const executable = await engine.compile(run, { meanwhile });
  order.push('compiled');
  expect(order).toEqual(['meanwhile', 'compiled']);
  const tree = (await uploading)!;
  const { total } = await executable.run(tree, inputs(1), { fetch: ['total'] });
  const single = await engineOn(1);
  const alone = await single.compile(run);
  const expected = await alone.run(await single.upload(state), inputs(1), { fetch: ['total'] });
  expect(total!.data[0]).toBeCloseTo(expected['total']!.data[0]!, 5);
});

it('more devices than there are is DEVICES_MISSING', async () => {
  await expect(
    testXlaEngine({ devices: 3, clientOptions: { cpu_device_count: 2n } }),
  ).rejects.toMatchObject({
    code: 'DEVICES_MISSING',
  });
});
