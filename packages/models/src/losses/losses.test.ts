import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import {
  grad,
  setBackend,
  sum,
  tensor1d,
  tensor2d,
  tensor3d,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { actLoss, IGNORED_LABEL } from './act-loss.ts';
import { binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts';
import { stablemaxCrossEntropy } from './stablemax.ts';

beforeAll(() => setBackend('cpu'));

const oneHotRows = (depth: number) =>
  tensor2d(
    Float32Array.from({ length: depth * depth }, (_, i) => Number(i % (depth + 1) === 0)),
    [depth, depth],
  );

/** The same logits for every label. */
function repeated(logits: readonly number[]): Tensor {
  const rows = logits.map(() => [...logits]);
  return tensor2d(rows);
}

describe('stablemax cross entropy', () => {
  it('has the values of the reference', () => {
    const losses = stablemaxCrossEntropy(repeated([2, -1, 0.5, -3]), oneHotRows(4)).dataSync();
    const expected = [0.5596157879, 2.3513752572, 1.2527629685, 3.0445224377];
    expected.forEach((value, i) => expect(losses[i]).toBeCloseTo(value, 6));
  });

  it('has a finite gradient where the untaken branch of s would be infinite', () => {
    const logits = repeated([1, 0, -0, 1 + 2 ** -23]);
    const gradient = grad((x: Tensor) => sum(stablemaxCrossEntropy(x, oneHotRows(4))))(logits);
    expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it('has the gradient of finite differences', () => {
    const logits = [1.5, -0.7, 0.2, -2];
    const loss = (values: readonly number[]) => {
      const s = values.map((x) => (x < 0 ? 1 / (1 - x) : x + 1));
      return Math.log(s.reduce((a, b) => a + b, 0)) - Math.log(s[1]!);
    };
    const target = tensor2d([[0, 1, 0, 0]]);
    const gradient = grad((x: Tensor) => sum(stablemaxCrossEntropy(x, target)))(tensor2d([logits]));
    const h = 1e-6;
    gradient.dataSync().forEach((value, i) => {
      const at = (shift: number) => loss(logits.map((x, j) => (j === i ? x + shift : x)));
      expect(value).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
    });
  });
});

describe('binary cross entropy with logits', () => {
  it('does not overflow and has gradient sigmoid − target', () => {
    const x = tensor1d([-200, -1, 0, 3, 200]);
    const target = tensor1d([1, 0, 1, 0.25, 0]);
    const losses = binaryCrossEntropyWithLogits(x, target).dataSync();
    const expected = [200, 0.3132616875, 0.6931471806, 2.2985873516, 200];
    expected.forEach((value, i) => expect(losses[i]).toBeCloseTo(value, 5));
    const gradient = grad((logits: Tensor) => sum(binaryCrossEntropyWithLogits(logits, target)))(x);
    const slopes = [-1, 0.2689414214, -0.5, 0.7025741268, 1];
    slopes.forEach((value, i) => expect(gradient.dataSync()[i]).toBeCloseTo(value, 6));
  });
});

describe('loss with adaptive computation time', () => {
  // Three rows of two tokens over three classes: solved, half right, without labels.
  const logits = tensor3d([
    [
      [0, 9, 0],
      [0, 0, 9],
      [9, 0, 0],
    ],
    [
      [9, 0, 0],
      [9, 0, 0],
      [0, 9, 0],
    ],
  ]);
  const labels = tensor2d(
    [
      [1, 2, IGNORED_LABEL],
      [0, 1, IGNORED_LABEL],
    ],
    undefined,
    'int32',
  );
  const lossOf = (halted: readonly boolean[]) =>
    actLoss({
      loss: 'softmax',
      logits_SBV: logits,
      labels_SB: labels,
      qHalt_B: tensor1d([2, 1, -3]),
      qContinue_B: tensor1d([0, 0, 0]),
      halted_B: tensor1d([...halted], 'bool'),
      steps_B: tensor1d([4, 5, 6], 'int32'),
    });
  const valuesOf = ({ metrics }: ReturnType<typeof lossOf>) =>
    Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value.dataSync()[0]]));

  it('counts halted rows that have labels', () => {
    const metrics = valuesOf(lossOf([true, true, true]));
    expect(metrics).toMatchObject({
      count: 2,
      accuracy: 1.5,
      exact_accuracy: 1,
      q_halt_accuracy: 1,
      steps: 9,
    });
    expect(valuesOf(lossOf([false, true, true]))).toMatchObject({ count: 1, exact_accuracy: 0 });
  });

  it('averages tokens per row, sums rows, and halves the halting loss', () => {
    const { loss, metrics } = lossOf([false, false, false]);
    // One wrong token of two: 9 / 2, and 2.5 tokens of log(1 + 2e⁻⁹) or so.
    const certain = Math.log(1 + 2 * Math.exp(-9));
    const lmLoss = certain + (certain + certain + 9) / 2;
    // Solved row, unsolved row, and a row without labels, which counts as solved.
    const qHaltLoss =
      Math.log1p(Math.exp(-2)) + 1 + Math.log1p(Math.exp(-1)) + 3 + Math.log1p(Math.exp(-3));
    expect(metrics['lm_loss']!.dataSync()[0]).toBeCloseTo(lmLoss, 5);
    expect(metrics['q_halt_loss']!.dataSync()[0]).toBeCloseTo(qHaltLoss, 5);
    expect(loss.dataSync()[0]).toBeCloseTo(lmLoss + qHaltLoss / 2, 5);
  });
});
