import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Engine } from '../contracts/engine.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { drawingAugmentation } from '../testing/example-dataset.ts';
import { toyTraining } from '../testing/toy-training.ts';
import { timeEvaluations } from './time-evaluations.ts';
import { initialWeights } from '../train/step/state.ts';

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
  const training = {
    engine: onFour,
    model: parts.model,
    state: initialWeights(parts, random),
    dataset,
    batchSize: 6,
  };
  const totalMs = await timeEvaluations(training, [
    { split: 'train' },
    { split: 'train', maxExamples: 3 },
    { split: 'train', batchSize: 2 },
  ]);
  expect(rows).toEqual([8, 4, 4]);
  expect(totalMs).toBeGreaterThan(0);
});

it('counts the versions that an augmentation makes of the split', async () => {
  const { parts, dataset, random } = toyTraining({ folder: '' });
  const timed = (evaluated: DatasetArtifact) => {
    const rows: number[] = [];
    const engine = eagerEngine();
    const counting: Engine = {
      ...engine,
      compile: (program) => {
        rows.push(program.inputs['batch/inputs']!.shape[0]!);
        return engine.compile(program);
      },
    };
    const state = initialWeights(parts, random);
    const training = { model: parts.model, state, dataset: evaluated, batchSize: 1000 };
    return timeEvaluations({ engine: counting, ...training }, [{ split: 'train' }]).then(
      () => rows,
    );
  };
  const augmentation = { augmentation: drawingAugmentation, random };
  expect(await timed(dataset)).toEqual([18]);
  expect(await timed({ ...dataset, augmentation })).toEqual([18 * 4]);
});
