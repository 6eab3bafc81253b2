import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import { setBackend, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import { availableOutputs, withProbabilities } from './probabilities.ts';

beforeAll(() => setBackend('cpu'));

const preds = tensor([2, 0, 1, 1], [2, 2], 'int32');

it('is the softmax of the logits at the chosen token', async () => {
  const logits = tensor([1, 2, 3, 1, 2, 3, -1, 0, 1, 100, 200, -300], [2, 2, 3]);
  const { probabilities } = withProbabilities({ logits, preds }, ['preds', 'probabilities']);
  // scipy.special.softmax of each row.
  const expected = [0.66524096, 0.09003057, 0.24472847, 1];
  const values = await probabilities!.data();
  expect(values).toHaveLength(4);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
});

it('is −1 where the logits are none of the answer', async () => {
  const logits = tensor([1, 2, 3, 4], [2, 2]);
  const { probabilities } = withProbabilities({ logits, preds }, ['probabilities']);
  expect([...(await probabilities!.data())]).toEqual([-1, -1, -1, -1]);
});

it('leaves a model’s own probabilities alone, and makes none that nobody wants', () => {
  const own = tensor([0.5, 0.5, 0.5, 0.5], [2, 2]);
  expect(withProbabilities({ preds, probabilities: own }, ['probabilities'])).toEqual({
    preds,
    probabilities: own,
  });
  expect(Object.keys(withProbabilities({ preds }, ['preds']))).toEqual(['preds']);
  expect(availableOutputs(['preds'])).toEqual(['preds']);
  expect(availableOutputs(['logits', 'preds'])).toEqual(['logits', 'preds', 'probabilities']);
  expect(availableOutputs(['logits', 'preds', 'probabilities'])).toHaveLength(3);
});
