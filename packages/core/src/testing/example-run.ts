/** The events of a small run, with each type of event at least once. */
import { join } from 'node:path';

import type { RunEvent, RunEventBody, SettingResult } from '../contracts/events.ts';

const TOTAL_STEPS = 40;

/** @param folder  the run folder that the events name */
export function exampleRun(folder: string): RunEvent[] {
  return bodies(folder).map((body, index) => ({ timeMs: 25 * index, ...body }));
}

function bodies(folder: string): RunEventBody[] {
  return [
    {
      type: 'run-started',
      run: {
        name: 'example',
        id: '0f2c9a34-1111-4222-8333-444455556666',
        folder,
        engine: 'cpu',
        precision: 'float32',
        config: { name: 'example', seed: 0, loggers: ['console', 'report'] },
        startedAt: '2026-01-02T03:04:05.000Z',
      },
    },
    { type: 'stage-started', stage: 'build' },
    { type: 'progress', stage: 'build', label: 'puzzles', done: 500, total: 1000 },
    { type: 'progress', stage: 'build', label: 'puzzles', done: 1000 },
    { type: 'stage-finished', stage: 'build', durationMs: 1200, busyMs: 1200 },
    { type: 'stage-reused', stage: 'augment', key: '3fa4b2c1d0e9', path: '/cache/3fa4b2c1d0e9' },
    { type: 'stage-started', stage: 'train' },
    { type: 'training-started', stage: 'train', step: 1, compileMs: 300 },
    {
      type: 'training-planned',
      stage: 'train',
      plan: {
        parameters: 27_138,
        parameterGroups: { embedding: 1024, layers: 25_088, heads: 1026 },
        totalSteps: TOTAL_STEPS,
        globalBatchSize: 64,
        microBatchSize: 32,
        engine: 'cpu',
        precision: 'float32',
        memoryBytes: 12_345_678,
        memoryLimitBytes: 8_000_000_000,
        stepMs: 25,
        flopsPerStep: 4.2e9,
        totalMs: 1500,
        compileMs: 300,
        dataset: 'sudoku 4×4, 1,000 puzzles',
        folder,
      },
    },
    {
      type: 'resumed',
      stage: 'train',
      step: 0,
      path: join(folder, 'checkpoints', 'step-00000000'),
    },
    ...Array.from({ length: TOTAL_STEPS }, (_, i) => stepBodies(i + 1, folder)).flat(),
    {
      type: 'compute-measured',
      stage: 'test-time-compute',
      step: TOTAL_STEPS,
      split: 'test',
      examples: 200,
      results: exampleCompute,
      durationMs: 900,
      folder: join(folder, 'evaluations', 'step-00000040-test-time-compute'),
    },
    { type: 'engine-died', stage: 'train', reason: 'SIGKILL', restart: 1 },
    {
      type: 'leakage-checked',
      stage: 'build',
      report: {
        task: 'sudoku',
        of: 'test',
        examples: 1000,
        leakedExamples: 2,
        groups: 1000,
        leakedGroups: 2,
        droppedGroups: 0,
      },
      text: '2 of 1,000 test examples occur in train under the symmetries of sudoku',
    },
    { type: 'message', level: 'info', text: 'a message' },
    { type: 'message', level: 'warning', text: 'a warning', stage: 'train' },
    { type: 'stage-finished', stage: 'train', durationMs: 1500, busyMs: 1340 },
    { type: 'run-finished', status: 'done' },
  ];
}

const exampleCompute: readonly SettingResult[] = [
  { curve: 'steps', steps: 1, trajectories: 1, exact: 0.4 },
  { curve: 'steps', steps: 16, trajectories: 1, exact: 0.85 },
  { curve: 'trajectories, 16 steps', steps: 16, trajectories: 4, exact: 0.925 },
].map(({ curve, steps, trajectories, exact }) => ({
  curve,
  steps,
  trajectories,
  noise: 0.2,
  views: 1,
  halt: false,
  choose: 'best-q',
  compute: steps * trajectories,
  examples: 200,
  metrics: { exact_accuracy: exact, accuracy: 0.98 },
}));

function stepBodies(step: number, folder: string): RunEventBody[] {
  const progress = step / TOTAL_STEPS;
  const count = step % 4 === 1 ? 0 : 1;
  const finished: RunEventBody = {
    type: 'step-finished',
    stage: 'train',
    step,
    totalSteps: TOTAL_STEPS,
    epoch: Math.floor(step / 10),
    metrics: {
      lm_loss: 1.5 * (1 - progress) + 0.05 * (step % 3),
      q_halt_loss: 0.5 * (1 - progress),
      accuracy: count * (0.25 + 0.75 * progress),
      exact_accuracy: count * progress ** 2,
      q_halt_accuracy: count * 0.9,
      steps: count * 8,
      count,
      lr: 1e-4,
    },
    stepMs: 25,
  };
  if (step % 20 !== 0) return [finished];
  const checkpoint = join(folder, 'checkpoints', `step-${String(step).padStart(8, '0')}`);
  return [
    finished,
    {
      type: 'checkpoint-saved',
      stage: 'train',
      step,
      path: checkpoint,
      bytes: 345_678,
      durationMs: 12,
    },
    { type: 'evaluation-started', step, split: 'test', examples: 200 },
    { type: 'progress', stage: 'evaluate', label: 'test', done: 100, total: 200 },
    {
      type: 'evaluation-finished',
      step,
      split: 'test',
      examples: 200,
      metrics: { accuracy: 0.5 + 0.4 * progress, exact_accuracy: 0.9 * progress, lm_loss: 0.4 },
      durationMs: 80,
      folder: join(folder, 'evaluations', `step-${String(step).padStart(8, '0')}`),
    },
    {
      type: 'monitor-updated',
      stage: 'train',
      step,
      metric: 'exact_accuracy',
      split: 'validation',
      mode: 'max',
      value: 0.91 * progress,
      best: { step, value: 0.91 * progress },
      waited: 0,
      patience: 3,
      stops: false,
    },
  ];
}
