/** Steps that are skipped: decided on the device, the same on all devices. */
import { StepRunner, type BatchSizes } from '@eddy/core/training';
import type { Engine } from '@eddy/core';
import { type HostTree } from '@eddy/tensor';
import { describe, expect, it } from 'vitest';

import { expectClose, newEngine, parts, SIZES, trainWith, type Trained } from './small-training.ts';

const MICRO = { ...SIZES, microBatchSize: 4 };

/** Names of a tensor's values that are no numbers. */
function notNumbers(state: HostTree): string[] {
  return Object.keys(state).filter((name) =>
    state[name]!.data.some((value) => !Number.isFinite(value)),
  );
}

function withNaN(state: HostTree, name: string, index: number): HostTree {
  const { data, ...spec } = state[name]!;
  const spoilt = Float32Array.from(data);
  spoilt[index] = Number.NaN;
  return { ...state, [name]: { ...spec, data: spoilt } };
}

/** A latent of a slot that is in work: of the last that this is true of. */
function withBadSlot(state: HostTree): HostTree {
  const halted = Object.keys(state).filter((name) => name.endsWith('/halted'));
  for (const name of halted.reverse()) {
    const slot = state[name]!.data.lastIndexOf(0);
    if (slot === -1) continue;
    const latent = name.replace('halted', 'z_H');
    const width = state[latent]!.shape[2]!;
    return withNaN(state, latent, slot * width);
  }
  throw new Error('no slot is in work');
}

function freeCarries({ microBatchSize, globalBatchSize }: BatchSizes): HostTree {
  const carry = Object.entries(parts.model.initialCarry(microBatchSize));
  const count = globalBatchSize / microBatchSize;
  const folders = count === 1 ? ['carry'] : Array.from({ length: count }, (_, i) => `carry.${i}`);
  return Object.fromEntries(
    folders.flatMap((folder) => carry.map(([name, value]) => [`${folder}/${name}`, value])),
  );
}

interface Skipped {
  /** Two steps; a third that a latent spoils; two more. */
  readonly good: Trained;
  readonly skipped: Trained;
  readonly after: Trained;
  /** The third step where a weight spoils it. */
  readonly spoiltWeight: HostTree;
  readonly ofWeight: Trained;
}

async function skipOn(engine: Engine, sizes: BatchSizes): Promise<Skipped> {
  const runner = await StepRunner.compile(engine, { ...parts, nonFinite: 'skip' }, sizes);
  const good = await trainWith(runner, engine, { to: 2 });
  const third = { from: 2, to: 3 };
  const spoilt = withBadSlot(good.state);
  const skipped = await trainWith(runner, engine, { ...third, state: spoilt });
  const after = await trainWith(runner, engine, { from: 3, state: skipped.state });
  const spoiltWeight = withNaN(good.state, 'parameters/lmHead', 0);
  const ofWeight = await trainWith(runner, engine, { ...third, state: spoiltWeight });
  await runner.dispose();
  return { good, skipped, after, ofWeight, spoiltWeight };
}

function expectSkipped(all: Skipped, sizes: BatchSizes): void {
  const { good, skipped, after, ofWeight, spoiltWeight } = all;
  expect(skipped.firstBadTensors).toEqual(['loss']);
  expect(skipped.state).toEqual({ ...good.state, ...freeCarries(sizes) });
  expect(after.firstBadTensors).toEqual([undefined, undefined]);
  expect(notNumbers(after.state)).toEqual([]);
  expect(ofWeight.firstBadTensors).toEqual(['loss']);
  expect(ofWeight.state).toEqual({ ...spoiltWeight, ...freeCarries(sizes) });
}

const one = new Map<BatchSizes, Skipped>();

describe.each([
  ['one device', 1],
  ['two devices, of which one has the slot', 2],
])('a step that is not finite on %s', (_, devices) => {
  it.each([
    ['whole batches', SIZES],
    ['micro-batches', MICRO],
  ])('leaves weights and free slots behind, in %s', async (_name, sizes) => {
    const engine = await newEngine(devices);
    const all = await skipOn(engine, sizes);
    await engine.dispose();
    expectSkipped(all, sizes);
    if (!one.has(sizes)) one.set(sizes, all);
    expectClose(all.after.state, one.get(sizes)!.after.state);
  });
});

it.each([
  ['whole batches', SIZES],
  ['micro-batches', MICRO],
])('steps that are finite are as without the option, in %s', async (_, sizes) => {
  const { good, skipped, after } = one.get(sizes)!;
  const engine = await newEngine(1);
  const runner = await StepRunner.compile(engine, parts, sizes);
  const stopping = await trainWith(runner, engine, { to: 2 });
  expect(good.halted).toEqual(stopping.halted);
  expectClose(good.state, stopping.state);
  const without = await trainWith(runner, engine, { from: 3, state: skipped.state });
  expect(after.halted).toEqual(without.halted);
  expectClose(after.state, without.state);
  await engine.dispose();
});
