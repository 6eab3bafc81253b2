/** Recomputation on XLA: the same gradients, and less memory in what the compiler allocates. */
import { availableParallelism } from 'node:os';

import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { initialState, StepRunner, type TrainingParts } from '@eddy/core/training';
import { randomStream, type Engine } from '@eddy/core';
import { type HostTree } from '@eddy/tensor';
import { createTrm, trmConfig } from '@eddy/models';
import { AdamAtan2, Ema, SignSgd } from '@eddy/optimizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { disposeEngines, engineFor } from '../parity/engine-for.ts';
import { randomBatch } from './random-batch.ts';

/** Eight rows for each device: the plugin has one for each core, up to 8. */
const BATCH_SIZE = 8 * Math.min(8, availableParallelism());
const dataset = { vocabSize: 6, seqLen: 16, numPuzzleIdentifiers: 3 };
const sizes = { hiddenSize: 32, numHeads: 2, hCycles: 2, lCycles: 3, numLayers: 2 };
const MIXINGS = {
  mlp: { mlpT: true, positionEncoding: 'none' },
  attention: { positionEncoding: 'rope' },
};
/** At this size; at full width ten (docs/decisions/0022-memory.md). */
const LESS_MEMORY = 2.5;

beforeAll(() => setBackend('cpu'));
afterAll(disposeEngines);

describe.each(Object.entries(MIXINGS))('recomputation of trm with %s', (_name, mixing) => {
  // Two steps in bfloat16 part where a rounding of one differs from that of the other.
  it.each([
    ['xla', 1e-5],
    ['xla-bf16', 2e-2],
  ] as const)('on %s: same gradients, less memory', async (name, tolerance) => {
    const engine = await engineFor(name);
    const parts = partsOf(mixing);
    const kept = await step(engine, parts, false);
    const again = await step(engine, parts, true);
    expect(kept.temporaryBytes / again.temporaryBytes).toBeGreaterThan(LESS_MEMORY);
    for (const [path, { data }] of Object.entries(kept.gradients)) {
      const received = again.gradients[path]!.data;
      const largest = Math.max(...Array.from(data, Math.abs));
      const worst = Math.max(...Array.from(data, (x, i) => Math.abs(x - received[i]!)));
      expect(worst, `${path}, of ${largest}`).toBeLessThanOrEqual(tolerance * largest);
    }
  });
});

function partsOf(mixing: object): TrainingParts {
  const schedule = {
    warmupSteps: 0,
    minLearningRateRatio: 1,
    weightDecay: 0.1,
    learningRate: 1e-3,
  };
  return {
    model: createTrm(trmConfig.parse({ ...sizes, ...mixing }), dataset),
    optimizer: new AdamAtan2({ ...schedule, beta1: 0.9, beta2: 0.95, variant: 'reference' }),
    rowOptimizer: new SignSgd(schedule),
    averager: new Ema({ rate: 0.9 }),
  };
}

/** One step; the first moment of each parameter is then a tenth of its gradient. */
async function step(
  engine: Engine,
  parts: TrainingParts,
  recompute: boolean,
): Promise<{ readonly temporaryBytes: number; readonly gradients: HostTree }> {
  const { seqLen } = dataset;
  const cut = { globalBatchSize: BATCH_SIZE, microBatchSize: BATCH_SIZE, seqLen, recompute };
  const random = randomStream(0);
  const runner = await StepRunner.compile(engine, parts, cut);
  const state = await engine.upload(initialState(parts, cut, random));
  try {
    await runner.run(state, {
      batch: randomBatch(random.stream('batch'), dataset, BATCH_SIZE),
      step: 1,
      totalSteps: 1,
      random,
    });
    const moments = Object.keys(parts.model.parameters).map((name) => `slots/m/${name}`);
    const { temporaryBytes } = runner.executables[0]!.stats;
    return { temporaryBytes: temporaryBytes!, gradients: await state.read(moments) };
  } finally {
    await state.dispose();
    await runner.dispose();
  }
}
