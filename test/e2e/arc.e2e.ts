/** ARC from files of tasks to a submission, by the built CLI. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cropGrid } from '@eddy/puzzles';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { eventsOf, Workplace } from './eddy-cli.ts';

/** Trains in seconds, without anything installed. */
const ARC = `
name: arc
seed: 1
engine: wasm
build:
  dataset:
    use: arc
    source: { combined: tasks/arc }
    subsets: [training, evaluation]
    canvas: 4
augment:
  augmentation: { use: arc-transform, numVersions: 3 }
train:
  model:
    { use: trm, hiddenSize: 16, numHeads: 2, numLayers: 1, hCycles: 1, lCycles: 1,
      puzzleEmbeddingLength: 1, haltMaxSteps: 2 }
  optimizer: { use: adamw, warmupSteps: 1 }
  rowOptimizer: { use: sign-sgd, warmupSteps: 1 }
  globalBatchSize: 4
  epochs: 8
  evalInterval: 4
evaluate:
  evaluators: [arc-shape, { use: arc-voting, passKs: [1, 2], pooled: true }]
`;

const pair = (a: number, b: number) => ({ input: [[a, b]], output: [[b, a]] });
const task = (a: number, b: number) => ({
  train: [pair(a, b), pair(b, 3)],
  test: [{ input: [[3, a]] }],
});
const tooLarge = { train: [{ input: [[1, 1, 1, 1, 1]], output: [[1]] }], test: [{ input: [[1]] }] };

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write('arc.yml', ARC);
  const write = (subset: string, kind: string, value: object) =>
    place.write(`tasks/arc_${subset}_${kind}.json`, JSON.stringify(value));
  write('training', 'challenges', { t1: task(1, 2), t2: task(4, 5), t3: tooLarge });
  write('training', 'solutions', { t1: [[[1, 3]]], t2: [[[4, 3]]], t3: [[[1]]] });
  write('evaluation', 'challenges', { e1: task(6, 7) });
  write('evaluation', 'solutions', { e1: [[[6, 3]]] });
});
afterEach(() => place.remove());

it('builds, trains and votes; the second run reuses tasks and versions', () => {
  const first = place.eddy('run', 'arc.yml', '--json', '--run-dir', 'one');
  expect(first).toMatchObject({ status: 0, stderr: '' });
  const events = eventsOf(first.stdout);
  expect(events).toContainEqual(
    expect.objectContaining({
      text: 'arc training: 1 tasks skipped because they are larger than a canvas of 4',
    }),
  );
  const evaluations = events.filter(({ type }) => type === 'evaluation-finished');
  expect(evaluations).toHaveLength(2);
  // A pair of e1 in four versions.
  expect(evaluations[1]).toMatchObject({
    examples: 4,
    metrics: { 'ARC/pairs_without_votes': 0, 'ARC/pass@2': expect.any(Number) as number },
  });
  const [early, late] = evaluations.map(({ folder }) => folder as string) as [string, string];
  const submission = JSON.parse(readFileSync(join(late, 'submission.json'), 'utf8')) as object;
  expect(Object.keys(submission)).toEqual(['e1']);
  expect(submission).toMatchObject({ e1: [{ attempt_1: expect.any(Array) as unknown }] });
  const votesOf = (folder: string): number => {
    const text = readFileSync(join(folder, 'arc-votes.json'), 'utf8');
    return [...text.matchAll(/"votes":(\d+)/g)].reduce((sum, [, votes]) => sum + Number(votes), 0);
  };
  // Each file has the votes of its own checkpoint, which later ones add up.
  expect([votesOf(early), votesOf(late)]).toEqual([4, 4]);

  const second = place.eddy('run', 'arc.yml', '--json', '--until', 'augment');
  expect(eventsOf(second.stdout).filter(({ type }) => type === 'stage-reused')).toHaveLength(2);
});

it('answers a task or a grid with the identifier that is named, and says what the model is not shown', () => {
  expect(place.eddy('run', 'arc.yml', '--run-dir', 'one').status).toBe(0);
  const asked = (...args: string[]) => {
    const { status, stdout, stderr } = place.eddy('predict', 'one', ...args, '--json');
    expect(status).toBe(0);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { input: string; answer: string; mistakes?: number[] });
    return { answers, stderr };
  };
  const twoTests = { ...task(1, 2), test: [pair(3, 1), pair(2, 1)] };
  place.write('t1.json', JSON.stringify(twoTests));
  const named = asked('t1.json', '--identifier', 't1');
  expect(named.answers.map(({ input }) => input)).toEqual(['31', '21']);
  for (const { answer, mistakes } of named.answers) {
    expect(answer).toMatch(/^[0-9\n]*$/);
    expect(mistakes).toBeInstanceOf(Array);
  }
  expect(named.stderr).toContain('2 demonstrations not shown to the model');
  expect(named.stderr).not.toContain('blank identifier');
  const grid = asked('31', '--identifier', 't1');
  expect(grid).toMatchObject({ stderr: '', answers: [{ answer: named.answers[0]!.answer }] });
  expect(asked('31').stderr).toContain('using the blank identifier');

  const { stdout } = place.eddy('predict', 'one', 't1.json', '--trace', '--identifier', 'e1');
  expect(stdout).toMatch(/^puzzle 2 of 2\n 2 1$/m);
  expect(stdout.match(/^step \d /gm)).toHaveLength(4);
  const unknown = place.eddy('predict', 'one', '31', '--identifier', 't9');
  expect(unknown).toMatchObject({ status: 2 });
  expect(unknown.stderr).toMatch(/IDENTIFIER_UNKNOWN[^]*did you mean/);
  const wrong = place.eddy('predict', 'one', '3x');
  expect(wrong.stderr).toContain('argument:1:2');
});

it('answers every version of a test pair as the evaluation of the same checkpoint did', () => {
  const { stdout } = place.eddy('run', 'arc.yml', '--json', '--run-dir', 'one');
  const { folder } = eventsOf(stdout).findLast(({ type }) => type === 'evaluation-finished')!;
  const trace = JSON.parse(readFileSync(join(folder as string, 'trace.json'), 'utf8')) as {
    examples: { index: number; input: number[]; steps: { preds: number[] }[] }[];
  };
  expect(trace.examples.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  const gridOf = (tokens: number[]) => {
    const { rows, cols, cells } = cropGrid(tokens, 4);
    return Array.from({ length: rows }, (_, row) =>
      cells.subarray(row * cols, (row + 1) * cols).join(''),
    ).join('\n');
  };
  for (const { index, input, steps } of trace.examples) {
    const predicted = place.eddy('predict', 'one', '--example', String(index), '--json');
    expect(JSON.parse(predicted.stdout)).toMatchObject({
      input: gridOf(input),
      steps: steps.map(({ preds }) => ({ answer: gridOf(preds) })),
    });
  }
});

it('refuses a leak and a malformed task before anything runs', () => {
  const leak = place.eddy('run', 'arc.yml', 'build.dataset.testSubsets=[training,evaluation]');
  expect(leak.status).toBe(0); // each task is in one subset
  place.write('tasks/arc_training_challenges.json', JSON.stringify({ e1: task(6, 7) }));
  place.write('tasks/arc_training_solutions.json', JSON.stringify({ e1: [[[6, 3]]] }));
  const refused = place.eddy('run', 'arc.yml');
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('ARC_TASK_TWICE');
  place.write('tasks/arc_training_challenges.json', '{ "t1": { "train": [');
  const damaged = place.eddy('run', 'arc.yml');
  expect(damaged.status).toBe(1);
  expect(damaged.stderr).toMatch(/ARC_TASK_INVALID[^]*arc_training_challenges\.json/);
});
