import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { evaluationBatches } from '@eddy/core/data';
import { evaluationMetrics, EvaluationRunner, initialise } from '@eddy/core/training';
import { randomStream, type Split } from '@eddy/core';
import type { HostTensor } from '@eddy/tensor';
import { eagerEngine } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import { smallDataset } from '../testing/small-model.ts';
import { createTrm, trmConfig } from './trm.plugin.ts';

beforeAll(() => setBackend('cpu'));

const EXAMPLES = 5;
const options = {
  hiddenSize: 8,
  numHeads: 2,
  numLayers: 1,
  hCycles: 1,
  lCycles: 1,
  haltMaxSteps: 2,
  puzzleEmbeddingDim: 0,
};
const model = createTrm(trmConfig.parse(options), smallDataset);

function weights(): Record<string, HostTensor> {
  const random = randomStream(5);
  const specs = [...Object.entries(model.parameters), ...Object.entries(model.buffers)];
  const folderOf = (name: string) => (name in model.parameters ? 'parameters' : 'buffers');
  return Object.fromEntries(
    specs.map(([name, spec]) => {
      // A q head that says something: as it starts, it says −5 of every row.
      const init = name.startsWith('qHead')
        ? ({ kind: 'truncated-normal', std: 1 } as const)
        : spec.init;
      const data = initialise({ shape: spec.shape, init }, random.stream(name));
      return [`${folderOf(name)}/${name}`, { shape: spec.shape, dtype: 'float32', data }];
    }),
  );
}

const { seqLen, vocabSize } = smallDataset;
const split: Split = {
  name: 'test',
  seqLen,
  inputs: tokens('inputs'),
  labels: tokens('labels'),
  ratings: null,
  puzzleIdentifiers: new Int32Array(EXAMPLES),
  puzzleIndices: Int32Array.from({ length: EXAMPLES + 1 }, (_, i) => i),
  groupIndices: Int32Array.from({ length: EXAMPLES + 1 }, (_, i) => i),
};

function tokens(name: string): Uint8Array {
  const random = randomStream(6).stream(name);
  return Uint8Array.from({ length: EXAMPLES * seqLen }, () => 1 + random.integer(vocabSize - 1));
}

async function evaluated(batchSize: number, countsPadding = false) {
  const metadata = {
    ...smallDataset,
    padId: 0,
    ignoreLabelId: 0,
    blankIdentifierId: 0,
    splits: {},
    grid: { rows: 2, cols: 2 },
    task: 'small',
  };
  const engine = eagerEngine();
  const outputs = ['q_halt_logits', 'preds'];
  const runner = await EvaluationRunner.compile(
    engine,
    model,
    { batchSize, seqLen },
    { outputs, countsPadding },
  );
  const state = await engine.upload(weights());
  await runner.open(state);
  const totals: Record<string, number> = {};
  let byHand = 0;
  for (const batch of evaluationBatches({ split, metadata, batchSize })) {
    const { sums, outputs: made } = await runner.run(state, batch, { averaged: false });
    for (const [name, sum] of Object.entries(sums)) totals[name] = (totals[name] ?? 0) + sum;
    for (let row = 0; row < batch.count; row++) {
      const own = Array.from({ length: seqLen }, (_, i) => row * seqLen + i);
      const isSolved = own.every((i) => made['preds']!.data[i] === batch.labels[i]);
      const logit = made['q_halt_logits']!.data[row]!;
      byHand += Math.log1p(Math.exp(isSolved ? -logit : logit)) / EXAMPLES;
    }
  }
  return { metrics: evaluationMetrics(model, totals, EXAMPLES), byHand };
}

it.each([1, 2, 3, 4, 5, 8])('gives the same figures in batches of %i', async (batchSize) => {
  const { metrics: whole, byHand } = await evaluated(5);
  const { metrics } = await evaluated(batchSize);
  expect(Object.keys(metrics)).toEqual(Object.keys(whole));
  for (const [name, value] of Object.entries(metrics))
    expect(value, name).toBeCloseTo(whole[name]!, 5);
  expect(metrics['q_halt_loss']).toBeCloseTo(byHand, 5);
});

it('counts padding where asked to, as the reference does: its rows are solved, 0 cells of 0', async () => {
  const [none, some] = [await evaluated(5, true), await evaluated(4, true)];
  expect(none.metrics['q_halt_loss']).toBeCloseTo(none.byHand, 5);
  expect(Math.abs(some.metrics['q_halt_loss']! - some.byHand)).toBeGreaterThan(0.01);
  expect(some.metrics['lm_loss']).toBeCloseTo(none.metrics['lm_loss']!, 5);
});
