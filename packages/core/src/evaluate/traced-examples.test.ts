import { expect, it } from 'vitest';

import type { EvaluationRows } from '../data/evaluation-batches.ts';
import { parseTrace } from './trace.ts';
import { TracedExamples, tracedOutputs } from './traced-examples.ts';

const [SEQ_LEN, STEPS] = [2, 3];

/** A batch of examples whose tokens are their index; the answer of a wrong one is off by one. */
function batch(first: number, count: number, groupOf: (index: number) => number) {
  const indices = Array.from({ length: count }, (_, row) => first + row);
  const tokens = Int32Array.from(indices.flatMap((index) => [index, index]));
  const rows: EvaluationRows = {
    inputs: tokens,
    labels: tokens.map((token, i) => (i % 2 === 0 ? token : -100)),
    puzzleIdentifiers: new Int32Array(count),
    count,
    firstExample: first,
    ratings: Float32Array.from(indices, (index) => (index === 3 ? Number.NaN : index / 2)),
    groups: Int32Array.from(indices, groupOf),
  };
  return { rows, indices, tokens };
}

interface Run {
  readonly examples: number;
  readonly batchSize: number;
  readonly isWrong: (index: number) => boolean;
  readonly groupOf?: (index: number) => number;
  readonly seqLen?: number;
}

function traceOf({ examples, batchSize, isWrong, groupOf = (index) => index, seqLen }: Run) {
  const numGroups = new Set(Array.from({ length: examples }, (_, i) => groupOf(i))).size;
  const traced = new TracedExamples({
    seqLen: seqLen ?? SEQ_LEN,
    maxSteps: STEPS,
    numGroups,
    notScored: 99,
  });
  let numTraced = 0;
  for (let first = 0; first < examples; first += batchSize) {
    const count = Math.min(batchSize, examples - first);
    const { rows, indices, tokens } = batch(first, count, groupOf);
    const steps = Array.from({ length: STEPS }, (_, step) => ({
      preds: {
        shape: [count, SEQ_LEN],
        dtype: 'int32' as const,
        data: tokens.map((token) => (step < 2 || isWrong(token) ? token + 1 : token)),
      },
      probabilities: {
        shape: [count, SEQ_LEN],
        dtype: 'float32' as const,
        data: Float32Array.from(tokens, () => 0.1234567 * (step + 1)),
      },
      q_halt_logits: {
        shape: [count],
        dtype: 'float32' as const,
        data: Float32Array.from(indices, (index) => index - step),
      },
    }));
    numTraced += traced.wantsMore ? 1 : 0;
    const kept = traced.wantsMore ? steps : [];
    traced.take(
      rows,
      indices.map((index) => !isWrong(index)),
      kept,
    );
  }
  return { found: traced.examples, numTraced };
}

const indicesOf = (found: ReturnType<typeof traceOf>['found']) =>
  found.map(
    ({ index, solved, fixed }) => `${index}${solved ? '' : ' wrong'}${fixed ? ' fixed' : ''}`,
  );

it('keeps the same few at every evaluation, and finds wrong ones in the whole split, first', () => {
  const isWrong = (index: number) => index % 40 === 2 && index > 2;
  const { found, numTraced } = traceOf({ examples: 400, batchSize: 10, isWrong });
  expect(indicesOf(found)).toEqual([
    ...[42, 82, 122, 162, 202, 242].map((index) => `${index} wrong`),
    ...['0 fixed', '1 fixed', '2 fixed', '3', '4', '5'],
  ]);
  // The sixth wrong one is in batch 24, which is the last whose steps are kept.
  expect(numTraced).toBe(25);
});

it('writes each step with whole thousandths, and what the data says of the example', () => {
  const { found } = traceOf({ examples: 6, batchSize: 6, isWrong: (index) => index === 4 });
  expect(found[0]).toEqual({
    index: 4,
    solved: false,
    fixed: false,
    rating: 2,
    input: [4, 4],
    label: [4, 99],
    steps: [
      { preds: [5, 5], probabilities: [123, 123], qHalt: 4 },
      { preds: [5, 5], probabilities: [247, 247], qHalt: 3 },
      { preds: [5, 5], probabilities: [370, 370], qHalt: 2 },
    ],
  });
  expect(found.find(({ index }) => index === 3)).not.toHaveProperty('rating');
});

it('takes at most one example of a group while there are enough groups', () => {
  const groupOf = (index: number) => Math.floor(index / 10);
  const { found } = traceOf({ examples: 100, batchSize: 20, isWrong: () => true, groupOf });
  // Fixed ones are of the first batch, which has two groups.
  expect(indicesOf(found)).toEqual([
    '0 wrong fixed',
    '1 wrong fixed',
    '2 wrong',
    '10 wrong fixed',
    '11 wrong',
    ...[20, 30, 40, 50].map((index) => `${index} wrong`),
  ]);
  const one = traceOf({ examples: 20, batchSize: 20, isWrong: () => true, groupOf: () => 0 });
  expect(one.found).toHaveLength(9);
});

it('keeps fewer examples of large grids', () => {
  const { found } = traceOf({
    examples: 50,
    batchSize: 50,
    isWrong: (index) => index >= 10,
    seqLen: 2,
  });
  expect(found).toHaveLength(12);
  const large = new TracedExamples({ seqLen: 900, maxSteps: 60, numGroups: 9, notScored: 0 });
  const { rows } = batch(0, 9, (index) => index);
  const blank = { shape: [9, 900], dtype: 'int32' as const, data: new Int32Array(8100) };
  large.take(rows, [false, true, false, true, false, true, true, true, true], [{ preds: blank }]);
  expect(indicesOf(large.examples)).toEqual(['0 wrong fixed', '2 wrong', '1']);
});

it('shows what a model has', () => {
  expect(tracedOutputs(['preds'])).toEqual(['preds']);
  expect(tracedOutputs(['logits', 'q_halt_logits'])).toEqual([]);
  expect(tracedOutputs(['logits', 'preds', 'q_halt_logits', 'other'])).toEqual([
    'preds',
    'probabilities',
    'q_halt_logits',
  ]);
});

it('reads what an earlier version wrote', () => {
  const old = {
    format: 'eddy-trace/1',
    step: 4,
    split: 'test',
    task: 'sudoku',
    rows: 1,
    cols: 2,
    examples: [
      { index: 0, input: [1, 2], label: [3, 0], steps: [{ preds: [3, 1], qHalt: 1 }] },
      { index: 1, input: [1, 2], label: [3, 2], steps: [{ preds: [3, 1] }] },
    ],
  };
  expect(parseTrace(JSON.stringify(old))).toEqual({
    ...old,
    format: 'eddy-trace/2',
    notScored: 0,
    examples: [
      { ...old.examples[1], solved: false, fixed: true },
      { ...old.examples[0], solved: true, fixed: true },
    ],
  });
  for (const text of ['null', '{}', '{"examples":[]}', '3']) {
    expect(parseTrace(text)).toBeUndefined();
  }
});
