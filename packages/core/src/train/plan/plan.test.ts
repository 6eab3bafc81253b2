import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import type { Engine } from '../../contracts/engine.ts';
import { deviceAbsent } from '../../engine/errors.ts';
import { randomStream } from '../../random/random-stream.ts';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { toyModel } from '../../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../../testing/toy-parts.ts';
import { compileToFit } from '../memory/fit-memory.ts';
import { planTraining } from './plan.ts';
import { initialState } from '../step/state.ts';
import type { TrainingParts } from '../step/parts.ts';

const MIB = 2 ** 20;
const parts: TrainingParts = {
  model: toyModel({ vocabSize: 5, seqLen: 3 }),
  optimizer: momentum(0.1),
  rowOptimizer: signDescent(0.001),
  averager: halfAverage,
};

beforeAll(() => setBackend('cpu'));

/** Says what a step takes, 1 MiB a row, and can't do one. */
function absentEngine(): Engine {
  const inner = eagerEngine();
  const info = { ...inner.info, isAbsent: true };
  return {
    ...inner,
    info,
    memory: () => Promise.resolve({ limitBytes: 12 * MIB }),
    upload: () => Promise.reject(deviceAbsent(info)),
    compile: async (program) => {
      const executable = await inner.compile(program);
      const rows = program.inputs['batch/puzzleIdentifiers']?.shape[0] ?? 0;
      const stats = { compileMs: 1, cached: false, temporaryBytes: rows * MIB, flops: 100 * rows };
      return {
        name: executable.name,
        outputs: executable.outputs,
        stats,
        run: () => Promise.reject(deviceAbsent(info)),
        dispose: () => Promise.resolve(),
      };
    },
  };
}

it('plans for a device that is not here: its memory, and no time', async () => {
  const engine = absentEngine();
  const random = randomStream(0);
  const sizes = { globalBatchSize: 16, seqLen: 3 };
  const fitted = await compileToFit({
    engine,
    parts,
    ...sizes,
    microBatchSize: 'auto',
    recompute: false,
    memory: 'auto',
  });
  const plan = await planTraining({
    engine,
    fitted,
    steps: 10,
    dataset: 'toy',
    folder: '',
    state: initialState(parts, { ...sizes, microBatchSize: 16 }, random),
    inputs: {
      batch: {
        inputs: new Int32Array(48),
        labels: new Int32Array(48),
        puzzleIdentifiers: new Int32Array(16),
        count: 16,
      },
      step: 1,
      totalSteps: 10,
      random,
    },
    stop: { requested: false, signal: new AbortController().signal },
  });
  expect(plan).toMatchObject({ microBatchSize: 8, compileMs: 2, memoryLimitBytes: 12 * MIB });
  expect(plan.memoryBytes).toBeGreaterThan(8 * MIB);
  expect(plan.stepMs).toBeUndefined();
  expect(plan.totalMs).toBeUndefined();
});
