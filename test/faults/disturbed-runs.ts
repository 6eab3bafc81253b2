/** Trainings of `tiny.yml` that are disturbed, and the one that nobody disturbs, whose bits they must end with. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import type { RunEvent } from '@eddy/core';
import { latestCheckpoint, stateHash } from '@eddy/core/checkpoint';
import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, expect } from 'vitest';

import { ownCache } from './own-cache.ts';
import { start, type Talker } from './processes.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
/** 64 puzzles in batches of 16. */
const STEPS_AN_EPOCH = 4;

interface Metrics {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

interface Result {
  readonly hash: string;
  /** In the order of the journal. */
  readonly steps: readonly Metrics[];
  readonly evaluations: readonly Metrics[];
}

export interface DisturbedRun extends Talker {
  /** The last step that this process has reported; 0 before the first. */
  readonly lastStep: () => number;
  /** Waits until this process has reported an event; false when it ended before. */
  reports(wanted: (event: RunEvent) => boolean): Promise<boolean>;
  /** To the process and those that it has started. */
  signalGroup(signal: NodeJS.Signals): void;
}

export interface Sizes {
  /** Two evaluations: at half of them and at the end. */
  readonly epochs: number;
  /** Steps between checkpoints. */
  readonly every: number;
}

/** Makes a folder for the runs of a file of tests; all of them have the same sizes. */
export function disturbedRuns({ epochs, every }: Sizes) {
  const folder = sharedFolder();
  beforeAll(() => ownCache(folder.path));
  const totalSteps = STEPS_AN_EPOCH * epochs;
  const at = (name: string) => join(folder.path, name);

  /** Starts a run, or goes on with it. */
  function run(
    name: string,
    overrides: readonly string[] = [],
    cache = at('cache'),
    variables: Readonly<Record<string, string>> = {},
  ): DisturbedRun {
    const args = [
      ...['run', CONFIG, '--run-dir', at(name), '--resume', 'auto', `train.epochs=${epochs}`],
      ...[`train.evalInterval=${epochs / 2}`, `train.checkpoint.every=${every}`, ...overrides],
    ];
    // In a process group of its own, which a signal can reach as a whole.
    const env = { ...process.env, EDDY_CACHE: cache, ...variables };
    return heard(start(PIPELINE, args, { detached: true, env }));
  }

  async function finish(running: Talker): Promise<void> {
    expect(await running.ended, running.output().slice(-2000)).toBe(0);
  }

  async function resultOf(name: string): Promise<Result> {
    const journal = readJournal(join(at(name), 'journal.jsonl'));
    const latest = await latestCheckpoint(join(at(name), 'checkpoints'), expect.unreachable);
    expect(latest!.manifest.step).toBe(totalSteps);
    const of = (type: 'step-finished' | 'evaluation-finished') =>
      journal.flatMap((event) =>
        event.type === type ? [{ step: event.step, metrics: event.metrics }] : [],
      );
    return {
      hash: stateHash(latest!.state),
      steps: of('step-finished'),
      evaluations: of('evaluation-finished'),
    };
  }

  const undisturbed = new Map<string, Promise<Result>>();
  /** The result of a run that nobody disturbs; run once for the same overrides. */
  function reference(overrides: readonly string[] = []): Promise<Result> {
    const key = overrides.join(' ');
    const make = async () => {
      const name = `undisturbed-${undisturbed.size}`;
      await finish(run(name, overrides));
      const result = await resultOf(name);
      const steps = Array.from({ length: totalSteps }, (_, i) => i + 1);
      expect(result.steps.map(({ step }) => step)).toEqual(steps);
      expect(result.evaluations.map(({ step }) => step)).toEqual([totalSteps / 2, totalSteps]);
      return result;
    };
    const result = undisturbed.get(key) ?? make();
    undisturbed.set(key, result);
    return result;
  }

  /** The same bits, each step's metrics exactly once, the same evaluations. */
  async function expectUndisturbedResult(
    name: string,
    overrides: readonly string[] = [],
  ): Promise<void> {
    const [disturbed, expected] = [await resultOf(name), await reference(overrides)];
    expect(disturbed.hash).toBe(expected.hash);
    expect(disturbed.steps).toEqual(expected.steps);
    expect(disturbed.evaluations).toEqual(expected.evaluations);
  }

  /** The step of the newest checkpoint; 0 without one. */
  async function savedStep(name: string): Promise<number> {
    const checkpoints = join(at(name), 'checkpoints');
    return (await latestCheckpoint(checkpoints, expect.unreachable))?.manifest.step ?? 0;
  }

  /** The last step in the journal; 0 before the first. */
  function recordedStep(name: string): number {
    const path = join(at(name), 'journal.jsonl');
    if (!existsSync(path)) return 0;
    const last = readJournal(path).findLast((event) => event.type === 'step-finished');
    return last?.step ?? 0;
  }

  return {
    at,
    totalSteps,
    run,
    finish,
    reference,
    expectUndisturbedResult,
    savedStep,
    recordedStep,
  };
}

/** Follows the events that a run prints, one in a line. */
function heard(talker: Talker): DisturbedRun {
  const waiting = new Set<(event: RunEvent) => void>();
  let lastStep = 0;
  createInterface({ input: talker.child.stdout! }).on('line', (line) => {
    const event = eventIn(line);
    if (event === undefined) return;
    if (event.type === 'step-finished') lastStep = event.step;
    for (const tell of waiting) tell(event);
  });
  return {
    ...talker,
    lastStep: () => lastStep,
    reports: (wanted) =>
      new Promise((resolveWait) => {
        const tell = (event: RunEvent) => {
          if (!wanted(event)) return;
          waiting.delete(tell);
          resolveWait(true);
        };
        waiting.add(tell);
        void talker.ended.then(() => resolveWait(false));
      }),
    signalGroup: (signal) => {
      process.kill(-talker.child.pid!, signal);
    },
  };
}

/** A kill may have torn the last line; other lines are of stderr. */
function eventIn(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}

/** True from a step on. */
export const step = (reached: number) => (event: RunEvent) =>
  event.type === 'step-finished' && event.step >= reached;

export const isOf = (type: RunEvent['type']) => (event: RunEvent) => event.type === type;
