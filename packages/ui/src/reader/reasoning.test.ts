import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { evaluationFolder, evaluationFolders } from './evaluations.ts';
import { historyOf, reasoningOf, traceOf } from './reasoning.ts';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'eddy-reasoning-'));
});
afterEach(() => rmSync(run, { recursive: true }));

/** Writes an evaluation with traces of examples `indices`, of which those below `solvedBelow` are solved. */
function evaluation(name: string, step: number, indices: readonly number[], solvedBelow = 0): void {
  const folder = join(run, 'evaluations', name);
  mkdirSync(folder, { recursive: true });
  const examples = indices.map((index) => ({
    index,
    solved: index < solvedBelow,
    fixed: index === 0,
    input: [1, 1],
    label: [2, 2],
    steps: [{ preds: [2, index < solvedBelow ? 2 : 3], probabilities: [900, 500], qHalt: step }],
  }));
  const grid = { task: 'sudoku', rows: 1, cols: 2, notScored: null };
  const trace = { format: 'eddy-trace/2', step, split: 'test', ...grid, examples };
  writeFileSync(join(folder, 'trace.json'), JSON.stringify(trace));
  const metrics = { step, split: 'test', examples: 9, metrics: {}, durationMs: 1 };
  writeFileSync(join(folder, 'metrics.json'), JSON.stringify(metrics));
}

it('lists evaluations that kept answers, and finds the same puzzle in each', async () => {
  evaluation('step-00000020', 20, [5, 0], 1);
  evaluation('step-00000010', 10, [0, 3]);
  evaluation('step-00000030', 30, [4], 9);
  const { evaluations } = await reasoningOf(run);
  expect(evaluations.map(({ key, step, set }) => [key, step, set])).toEqual([
    ['step-00000010', 10, 'test'],
    ['step-00000020', 20, 'test'],
    ['step-00000030', 30, 'test'],
  ]);
  const history = await historyOf(run, { set: 'test', index: 0 });
  expect(history.total).toBe(2);
  expect(history.points.map(({ step, example }) => [step, example.solved])).toEqual([
    [10, false],
    [20, true],
  ]);
  // Pictures show no probabilities.
  expect(history.points[0]!.example.steps).toEqual([{ preds: [2, 3], qHalt: 10 }]);
  expect((await traceOf(run, 'step-00000030'))?.examples[0]).toMatchObject({ index: 4 });
});

it('thins a long history, first and last included', async () => {
  for (let step = 1; step <= 40; step++) {
    evaluation(`step-${String(step).padStart(8, '0')}`, step, [0]);
  }
  const { points, total } = await historyOf(run, { set: 'test', index: 0 });
  expect([points.length, total]).toEqual([16, 40]);
  expect([points[0]!.step, points.at(-1)!.step]).toEqual([1, 40]);
});

it('opens nothing outside of the run, and nothing half written', async () => {
  evaluation('step-00000010', 10, [0]);
  expect(evaluationFolder(run, '../evaluations/step-00000010')).toBeUndefined();
  expect(evaluationFolder(run, 'step-00000010/..')).toBeUndefined();
  const elsewhere = mkdtempSync(join(tmpdir(), 'eddy-elsewhere-'));
  try {
    writeFileSync(join(elsewhere, 'metrics.json'), '{"step":1,"split":"test","examples":1}');
    symlinkSync(elsewhere, join(run, 'evaluations', 'step-00000011'));
    writeFileSync(join(run, 'evaluations', 'step-00000010', 'trace.json'), '{"format":');
    expect(evaluationFolders(run).map(({ key }) => key)).toEqual(['step-00000010']);
    expect(await traceOf(run, 'step-00000010')).toBeUndefined();
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});
