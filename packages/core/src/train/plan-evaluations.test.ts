import '@tensorflow/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import type { Engine } from '../engine/engine.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { toyTraining } from '../testing/toy-training.ts';
import { timeEvaluations } from './plan-evaluations.ts';
import { initialWeights } from './state.ts';

beforeAll(() => setBackend('cpu'));

it('measures batches of the size that an evaluation will have: what all devices can share', async () => {
  const engine = eagerEngine();
  const rows: number[] = [];
  const onFour: Engine = {
    ...engine,
    info: { ...engine.info, devices: 4, fewerDevices: true },
    compile: (program) => {
      rows.push(program.inputs['batch/inputs']!.shape[0]!);
      return engine.compile(program);
    },
  };
  const { parts, dataset, random } = toyTraining({ folder: '' });
  const totalMs = await timeEvaluations({
    engine: onFour,
    model: parts.model,
    state: initialWeights(parts, random),
    dataset,
    batchSize: 6,
    evaluations: [
      { split: 'train' },
      { split: 'train', maxExamples: 3 },
      { split: 'train', batchSize: 2 },
    ],
  });
  expect(rows).toEqual([8, 4, 4]);
  expect(totalMs).toBeGreaterThan(0);
});
