/** What runs of the tests leave behind, and what they leave is compared by. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { latestCheckpoint } from '@eddy/core/checkpoint';
import { readJournal } from '@eddy/core/report';
import { expect } from 'vitest';

import { start, type Talker } from '../faults/processes.ts';
import { PIPELINE } from './mpirun.ts';

export const CONFIG = join(import.meta.dirname, '../faults/tiny.yml');

/** 24 steps, with a checkpoint at each twelfth. */
export const SHORT = ['train.epochs=6', 'train.evalInterval=3', 'train.checkpoint.every=12'];
export const TOTAL_STEPS = 24;
/** 400 steps, to be interrupted. */
export const LONG = ['train.epochs=100', 'train.evalInterval=50', 'train.checkpoint.every=10'];

export interface Outcome {
  readonly losses: readonly number[];
  readonly stateHash: string;
}

/** One process, alone. */
export async function runAlone(runFolder: string, overrides: readonly string[]): Promise<Outcome> {
  const args = ['run', CONFIG, '--run-dir', runFolder, '--resume', 'auto', ...overrides];
  const alone = start(PIPELINE, args);
  expect(await alone.ended, alone.output().slice(-2000)).toBe(0);
  return outcomeOf(runFolder);
}

export async function outcomeOf(runFolder: string): Promise<Outcome> {
  const latest = await latestCheckpoint(join(runFolder, 'checkpoints'), expect.unreachable);
  const losses = stepsOf(runFolder).map(({ metrics }) => metrics['lm_loss']!);
  return { losses, stateHash: latest!.manifest.stateHash };
}

export function stepsOf(runFolder: string) {
  const path = join(runFolder, 'journal.jsonl');
  if (!existsSync(path)) return [];
  return readJournal(path).flatMap((event) => (event.type === 'step-finished' ? [event] : []));
}

export function checkpointsOf(runFolder: string): string[] {
  return readdirSync(join(runFolder, 'checkpoints')).filter((name) => name.startsWith('step-'));
}

/** Waits until a run has made so many steps. */
export async function reaches(process: Talker, runFolder: string, step: number): Promise<void> {
  while ((stepsOf(runFolder).at(-1)?.step ?? 0) < step) {
    const over = await Promise.race([process.ended.then(() => true), delay(50, false)]);
    expect(over, process.output().slice(-3000)).toBe(false);
  }
}

/** The metrics that a run's last evaluation wrote. */
export function evaluationOf(runFolder: string): unknown {
  const folder = join(runFolder, 'evaluations');
  const last = readdirSync(folder).sort().at(-1)!;
  return JSON.parse(readFileSync(join(folder, last, 'metrics.json'), 'utf8'));
}
