import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { profile, scalar, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { randomStream } from '../../random/random-stream.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { toyModel } from '../../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../../testing/toy-parts.ts';
import { frozenNames, type Freeze } from './frozen.ts';
import { checkParts, initialScratch, initialState, stateSpecs } from './state.ts';
import type { TrainingParts } from './parts.ts';
import { StepRunner } from './step-runner.ts';

const model = toyModel({ vocabSize: 6, seqLen: 3 });

function partsWith(freeze?: Freeze): TrainingParts {
  return {
    model,
    optimizer: momentum(0.1),
    rowOptimizer: signDescent(0.01),
    averager: halfAverage,
    frozen: freeze && frozenNames(model, freeze),
  };
}

/** The state after steps on one batch. */
async function trained(parts: TrainingParts, microBatchSize = 2, steps = 3) {
  const sizes = { globalBatchSize: 2, microBatchSize, seqLen: 3 };
  const engine = eagerEngine();
  const runner = await StepRunner.compile(engine, parts, sizes);
  const before = initialState(parts, sizes, randomStream(5));
  const state = await engine.upload({ ...before, ...initialScratch(parts, sizes) });
  const batch = {
    inputs: Int32Array.of(1, 2, 3, 4, 5, 1),
    labels: Int32Array.of(1, 2, 3, 4, 5, 1),
    puzzleIdentifiers: Int32Array.of(1, 2),
    count: 2,
  };
  let sums;
  for (let step = 1; step <= steps; step++) {
    sums = await runner.run(state, { batch, step, totalSteps: 3, random: randomStream(5) });
  }
  const after = await state.read(Object.keys(stateSpecs(parts, sizes)));
  return { before, after, sums: sums! };
}

function changed(before: HostTree, after: HostTree): string[] {
  return Object.keys(before).filter(
    (name) =>
      !name.startsWith('carry') && before[name]!.data.some((x, i) => x !== after[name]!.data[i]),
  );
}

beforeAll(() => setBackend('cpu'));

describe('frozen parameters', () => {
  it.each([2, 1])(
    'keep their values, have no slots and are their own average (%i)',
    async (size) => {
      const { before, after } = await trained(partsWith(['embed', 'b*']), size);
      expect(changed(before, after)).toEqual([
        'parameters/head',
        'tables/puzzles',
        'average/head',
        'slots/v/head',
      ]);
      expect(after['average/embed']).toEqual(after['parameters/embed']);
      expect(Object.keys(after).filter((name) => name.startsWith('slots/'))).toEqual([
        'slots/v/head',
      ]);
    },
  );

  it('leave the others the gradients that they had', async () => {
    const free = await trained(partsWith(), 2, 1);
    const some = await trained(partsWith(['bias']), 2, 1);
    expect(some.after['parameters/head']).toEqual(free.after['parameters/head']);
    expect(some.after['tables/puzzles']).toEqual(free.after['tables/puzzles']);
    expect(some.sums.gradNorm).toBeLessThan(free.sums.gradNorm);
  });

  it('cost no gradient', async () => {
    const products = async (freeze?: Freeze) => {
      const { kernels } = await profile(async () => {
        await trained(partsWith(freeze), 2, 1);
        return scalar(0);
      });
      return kernels.filter(({ name }) => name === 'BatchMatMul').length;
    };
    // d embed and d head are a product each; that of the row needs d head's other side.
    expect((await products()) - (await products('all'))).toBe(2);
  });

  it('all: only the table learns, as the reference’s freeze_weights says', async () => {
    const { before, after, sums } = await trained(partsWith('all'));
    expect(changed(before, after)).toEqual(['tables/puzzles']);
    expect(sums.gradNorm).toBe(0);
    expect(sums.firstBadTensor).toBeUndefined();
  });

  it('may be a table, which then needs no row optimizer', async () => {
    const parts = { ...partsWith(['puzzles']), rowOptimizer: undefined };
    expect(() => checkParts(parts)).not.toThrow();
    const { before, after } = await trained(parts);
    expect(changed(before, after)).not.toContain('tables/puzzles');
    expect(changed(before, after)).toContain('parameters/embed');
  });

  it('may not be everything', () => {
    expect(() => checkParts(partsWith(['*']))).toThrow('NOTHING_TO_TRAIN');
    const withoutTable: TrainingParts = { ...partsWith('all'), model: { ...model, tables: {} } };
    expect(() => checkParts(withoutTable)).toThrow('NOTHING_TO_TRAIN');
  });

  it('are named rightly or refused', () => {
    expect([...frozenNames(model, ['h*d'])]).toEqual(['parameters/head']);
    expect(() => frozenNames(model, ['embed', 'haed'])).toThrow('did you mean head?');
    expect(() => frozenNames(model, ['h.ad'])).toThrow('FREEZE_UNMATCHED');
  });
});
