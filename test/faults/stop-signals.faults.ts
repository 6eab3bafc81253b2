/**
 * SIGTERM and SIGINT in every phase of a run, one after the other: it saves what was done, ends with 75, and goes on
 * to the bits of a run that nobody disturbed.
 */
import { existsSync, mkdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { randomStream } from '@eddy/core';
import { readJournal } from '@eddy/core/report';
import { expect, it } from 'vitest';

import { count, isLong } from '../counts.ts';
import { disturbedRuns, isOf, step, type DisturbedRun } from './disturbed-runs.ts';
import { ownCache } from './own-cache.ts';
import { childrenOf } from './processes.ts';

/** A chain is one run that is stopped once in each phase; every other phase of it by the other signal. */
const CHAINS = count(1, 40);
const STOPPED = 75;
/** The target is a native call and two seconds; the machine may be loaded. */
const LIMIT_MS = 30_000;

const { at, run, reference, totalSteps, expectUndisturbedResult, ...disturbed } = disturbedRuns({
  epochs: 12,
  every: 6,
});
const random = randomStream(2026).stream('faults', 'stop');
const LOGGERS = 'loggers=[{use: console, format: json}, report]';

/** A phase: what brings a run into it, false where the run ended before. */
const PHASES: Record<string, (running: DisturbedRun, name: string) => Promise<boolean>> = {
  config: () => delay(1000 * random.uniform(), true),
  data: (running) => running.reports((event) => isStage(event, 'build')),
  compile: async (running) => {
    if (!(await running.reports((event) => isStage(event, 'train')))) return false;
    while (childrenOf(running.child.pid!).length === 0) await delay(5);
    return delay(1500 * random.uniform(), true);
  },
  'warm-up': (running) => running.reports(isOf('training-started')),
  train: async (running) =>
    (await running.reports(step(4 + random.integer(8)))) && delay(30 * random.uniform(), true),
  save: (running, name) =>
    Promise.race([inSave(join(at(name), 'checkpoints')), running.ended.then(() => false)]),
  evaluate: (running) => running.reports(isOf('evaluation-started')),
  report: (running) => running.reports(isOf('run-finished')),
};

const isStage = (event: { readonly type: string }, stage: string) =>
  event.type === 'stage-started' && (event as { readonly stage?: string }).stage === stage;

/** Resolves when a checkpoint is being written. */
function inSave(checkpoints: string): Promise<boolean> {
  mkdirSync(checkpoints, { recursive: true });
  return new Promise((resolve) => {
    const watcher = watch(checkpoints, (_, file) => {
      if (file?.startsWith('.tmp-step-') !== true) return;
      watcher.close();
      resolve(true);
    });
  });
}

async function stopIn(phase: string, name: string, signal: NodeJS.Signals, cache: string) {
  const before = disturbed.recordedStep(name);
  const running = run(name, [LOGGERS], cache);
  expect(await PHASES[phase]!(running, name), running.output().slice(-2000)).toBe(true);
  const sentAt = performance.now();
  // A terminal sends SIGINT to the engine too; it must leave the ending to its supervisor.
  if (signal === 'SIGINT') running.signalGroup(signal);
  else running.child.kill(signal);
  const ended = await running.ended;
  const tookMs = performance.now() - sentAt;
  const output = `${phase}, ${signal}: ${running.output().slice(-2000)}`;
  expect(tookMs, output).toBeLessThan(LIMIT_MS);
  if (phase === 'report') {
    expect(ended, output).toBe(0);
    // Unless it had ended when the signal came.
    expect(output).not.toContain('stopping at the next safe point');
    return tookMs;
  }
  // Before the command has loaded, a signal ends it as it ends any program, and there is nothing of a run.
  if (phase === 'config' && ended === signal) {
    expect(existsSync(join(at(name), 'manifest.json'))).toBe(false);
    return tookMs;
  }
  expect(ended, output).toBe(STOPPED);
  const reached = disturbed.recordedStep(name);
  expect(reached, output).toBeGreaterThanOrEqual(before);
  // What was done is saved: a stopped run loses nothing.
  expect(await disturbed.savedStep(name), output).toBe(reached);
  if (existsSync(join(at(name), 'journal.jsonl'))) {
    const last = readJournal(join(at(name), 'journal.jsonl')).at(-1);
    expect(last, output).toMatchObject({ type: 'run-finished', status: 'stopped' });
  }
  return tookMs;
}

it(`ends with 75 in each of ${Object.keys(PHASES).join(', ')}, ${CHAINS} times, and goes on to the same bits`, async () => {
  await reference([LOGGERS]);
  const tookMs: number[] = [];
  for (let chain = 0; chain < CHAINS; chain++) {
    const name = `stopped-${chain}`;
    // Programs are compiled anew: the phase would be too short.
    const cache = await ownCache(mkdirOf(at(`of-${name}`)), ['engines']);
    for (const [i, phase] of Object.keys(PHASES).entries()) {
      const signal = (chain + i) % 2 === 0 ? 'SIGTERM' : 'SIGINT';
      tookMs.push(await stopIn(phase, name, signal, cache));
    }
    expect(disturbed.recordedStep(name)).toBe(totalSteps);
    await expectUndisturbedResult(name, [LOGGERS]);
    for (const done of [at(name), at(`of-${name}`)]) rmSync(done, { recursive: true });
  }
  tookMs.sort((a, b) => a - b);
  const quantile = (q: number) =>
    Math.round(tookMs[Math.min(tookMs.length - 1, Math.floor(q * tookMs.length))]!);
  if (isLong) {
    console.log(
      `${tookMs.length} stops: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, the longest ${quantile(1)} ms`,
    );
  }
});

function mkdirOf(path: string): string {
  mkdirSync(path);
  return path;
}

it('ends at once on the second', async () => {
  const running = run('twice');
  await running.reports(isOf('run-started'));
  running.child.kill('SIGTERM');
  running.child.kill('SIGTERM');
  // Both may arrive as one, which is a clean stop.
  expect([143, STOPPED]).toContain(await running.ended);
});
