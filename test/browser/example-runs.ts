/** Run folders in every state, made of example events in no time. */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { exampleRun } from '@eddy/core/testing';

type Event = ReturnType<typeof exampleRun>[number];

const HOLD_LOCK = resolve(import.meta.dirname, '../faults/hold-lock.js');

const CONFIG = {
  name: 'example',
  description: 'example events',
  seed: 0,
  engine: { use: 'cpu' },
  plugins: [],
  loggers: [],
  build: { use: 'build', dataset: { use: 'sudoku' } },
  train: { use: 'train', epochs: 4, optimizer: { use: 'adamw', learningRate: 0.001 } },
  evaluate: { use: 'evaluate' },
};

export interface ExampleOptions {
  readonly name?: string;
  readonly startedAt?: string;
  /** Changes the events of a finished run of 40 steps. */
  readonly events?: (events: readonly Event[]) => readonly Event[];
  readonly config?: object;
}

/** Makes one run folder. */
export function makeRun(path: string, options: ExampleOptions = {}): void {
  const {
    name = 'example',
    startedAt = '2026-11-30T12:00:00.000Z',
    events = (all) => all,
  } = options;
  const config = { ...CONFIG, name, ...options.config };
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, 'manifest.json'),
    JSON.stringify({
      format: 'eddy-run/1',
      id: path,
      name,
      startedAt,
      host: 'here',
      configHash: '0',
      versions: { node: process.versions.node },
    }),
  );
  writeFileSync(join(path, 'config.yml'), JSON.stringify(config));
  const all = exampleRun(path).map((event) =>
    event.type === 'run-started'
      ? { ...event, run: { ...event.run, name, config, startedAt } }
      : event,
  );
  const kept = events(all).filter(({ type }) => type !== 'progress');
  writeFileSync(
    join(path, 'journal.jsonl'),
    kept.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
}

const isLast = ({ type }: Event) => type === 'run-finished';

/** Events of a run that is in the middle of its training: 30 of 40 steps. */
const half = (events: readonly Event[]) =>
  events.slice(
    0,
    events.findIndex((event) => event.type === 'step-finished' && event.step === 31),
  );

/** Events of a run that failed there. */
const failed = (events: readonly Event[]): Event[] => [
  ...half(events),
  {
    timeMs: 5000,
    type: 'run-finished',
    status: 'failed',
    error: { code: 'NON_FINITE', message: 'the loss of step 31 is not finite' },
  },
];

/** Appends the event of one more training step. */
export function appendStep(run: string, step: number, totalSteps: number, loss: number): void {
  const event = {
    timeMs: 1000 + step * 25,
    type: 'step-finished',
    stage: 'train',
    step,
    totalSteps,
    epoch: 0,
    metrics: { lm_loss: loss, accuracy: 0.5, count: 1, lr: 0.001 },
    stepMs: 25,
  };
  appendFileSync(join(run, 'journal.jsonl'), `${JSON.stringify(event)}\n`);
}

/** Holds the lock of a run in a process of its own, as a training does, until it is killed. */
async function holdLock(run: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [HOLD_LOCK, join(run, 'lock'), 'kernel', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((use, refuse) => {
    child.stdout.once('data', (text: Buffer) =>
      text.toString().startsWith('locked') ? use() : refuse(new Error(text.toString())),
    );
  });
  return child;
}

/** Names of the runs that `makeRuns` makes. */
export const RUNS = ['finished', 'running', 'failed', 'interrupted'] as const;

/** Makes a run of each state and a sweep; returns the process that keeps one of them running. */
export async function makeRuns(folder: string): Promise<ChildProcess> {
  makeRun(join(folder, 'finished'), { name: 'finished', startedAt: '2026-11-30T12:03:00.000Z' });
  makeRun(join(folder, 'running'), {
    name: 'running',
    startedAt: '2026-11-30T12:04:00.000Z',
    events: half,
    config: { train: { ...CONFIG.train, epochs: 8 } },
  });
  makeRun(join(folder, 'failed'), {
    name: 'failed',
    startedAt: '2026-11-30T12:02:00.000Z',
    events: failed,
  });
  makeRun(join(folder, 'interrupted'), {
    name: 'interrupted',
    startedAt: '2026-11-30T12:01:00.000Z',
    events: (events) => events.filter((event) => !isLast(event)),
  });
  makeSweep(join(folder, 'sweep'));
  return holdLock(join(folder, 'running'));
}

function makeSweep(path: string): void {
  const trials = [0, 1, 2, 3].map((i) => ({
    id: String(i).padStart(3, '0'),
    values: { 'train.optimizer.learningRate': String([1e-3, 1e-2][i % 2]), seed: String(i >> 1) },
    overrides: [],
  }));
  for (const [i, { id }] of trials.entries()) {
    makeRun(join(path, 'trials', id), {
      name: `sweep-${id}`,
      startedAt: `2026-11-30T11:0${i}:00.000Z`,
      config: {
        seed: i >> 1,
        train: { ...CONFIG.train, optimizer: { use: 'adamw', learningRate: [1e-3, 1e-2][i % 2] } },
      },
    });
  }
  const at = '2026-11-30T11:10:00.000Z';
  const entries = trials.flatMap(({ id: trial }) => [
    { type: 'trial-started', trial, at },
    { type: 'trial-ended', trial, at, status: 'done' },
  ]);
  writeFileSync(
    join(path, 'journal.jsonl'),
    entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  );
  writeFileSync(
    join(path, 'sweep.json'),
    JSON.stringify({
      format: 'eddy-sweep/1',
      name: 'sweep',
      startedAt: '2026-11-30T11:00:00.000Z',
      trialsHash: '0',
      objective: { metric: 'exact_accuracy', mode: 'max' },
      trials,
    }),
  );
}
