/** Runs over two hosts (processes of this machine) that lose one of them, or are stopped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { latestCheckpoint } from '@eddy/core/checkpoint';
import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { afterEach, expect, it } from 'vitest';

import { start, type Talker } from './processes.ts';
import { engineOf, isGone, PIPELINE, startOnTwo } from './two-hosts.ts';

const CONFIG = join(import.meta.dirname, 'tiny.yml');
const SHORT = ['train.epochs=20', 'train.evalInterval=10', 'train.checkpoint.every=10'];
const TOTAL_STEPS = 80;
const EXIT_STOPPED = 75;

const folder = sharedFolder();

const started: Talker[] = [];
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});

function runAlone(runFolder: string, overrides: readonly string[]): Talker {
  const args = ['run', CONFIG, '--run-dir', runFolder, '--resume', 'auto', ...SHORT, ...overrides];
  const talker = start(PIPELINE, args);
  started.push(talker);
  return talker;
}

async function runOnTwo(
  runFolder: string,
  overrides: readonly string[] = [],
): Promise<[Talker, Talker]> {
  const args = ['run', CONFIG, '--run-dir', runFolder, '--resume', 'auto', ...SHORT, ...overrides];
  const { first, second } = await startOnTwo(args);
  started.push(first, second);
  return [first, second];
}

function stepsOf(runFolder: string) {
  const path = join(runFolder, 'journal.jsonl');
  if (!existsSync(path)) return [];
  return readJournal(path).flatMap((event) => (event.type === 'step-finished' ? [event] : []));
}

async function reaches(process: Talker, runFolder: string, step: number): Promise<void> {
  while ((stepsOf(runFolder).at(-1)?.step ?? 0) < step) {
    const over = await Promise.race([process.ended.then(() => true), delay(20, false)]);
    expect(over, process.output().slice(-2000)).toBe(false);
  }
}

async function savedStep(runFolder: string): Promise<number> {
  const latest = await latestCheckpoint(join(runFolder, 'checkpoints'), expect.unreachable);
  return latest!.manifest.step;
}

async function finishAlone(runFolder: string, overrides: readonly string[] = []): Promise<void> {
  const alone = runAlone(runFolder, overrides);
  expect(await alone.ended, alone.output().slice(-2000)).toBe(0);
  const steps = stepsOf(runFolder).map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: TOTAL_STEPS }, (_, i) => i + 1));
  expect(await savedStep(runFolder)).toBe(TOTAL_STEPS);
}

it.each([
  ['in whole batches', []],
  ['in micro-batches', ['train.microBatchSize=8']],
])(
  'a stopped run %s has saved all, has the losses of one host, and goes on on one',
  async (how, overrides) => {
    const runFolder = join(folder.path, `stopped ${how}`);
    const [first, second] = await runOnTwo(runFolder, overrides);
    await reaches(first, runFolder, 15);
    // A launcher sends the signal to all of them.
    first.child.kill('SIGTERM');
    second.child.kill('SIGTERM');
    expect(await first.ended, first.output().slice(-2000)).toBe(EXIT_STOPPED);
    expect(await second.ended, second.output()).toBe(0);
    const reached = stepsOf(runFolder).at(-1)!.step;
    expect(await savedStep(runFolder)).toBe(reached);

    const alone = join(folder.path, `alone ${how}`);
    await finishAlone(alone, overrides);
    const [two, one] = [stepsOf(runFolder), stepsOf(alone)];
    // Sums in another order differ in their last bits, and Adam-atan2's steps by the sign make that grow.
    for (const [i, { metrics }] of two.slice(0, 10).entries()) {
      expect(metrics['lm_loss']! / one[i]!.metrics['lm_loss']!).toBeCloseTo(1, 3);
    }
    await finishAlone(runFolder, overrides);
  },
);

it('a lost host is an error that names it, and its run goes on from the last checkpoint', async () => {
  const runFolder = join(folder.path, 'lost');
  const [first, second] = await runOnTwo(runFolder);
  await reaches(first, runFolder, 25);
  const engines = [engineOf(first), engineOf(second)];
  const lostAt = performance.now();
  second.child.kill('SIGKILL');
  expect(await first.ended, first.output().slice(-2000)).toBe(1);
  expect(performance.now() - lostAt).toBeLessThan(20_000);
  expect(first.output()).toMatch(
    /HOST_LOST .*\n {2}at {8}host 1 \(.*\)\n {2}expected {2}.*\n {2}received {2}.*\n {2}fix {7}/,
  );
  for (const engine of engines) expect(await isGone(engine)).toBe(true);
  expect(await savedStep(runFolder)).toBeGreaterThanOrEqual(20);
  await finishAlone(runFolder);
});

it('where the first host dies, the others end', async () => {
  const runFolder = join(folder.path, 'headless');
  const [first, second] = await runOnTwo(runFolder);
  await reaches(first, runFolder, 12);
  const engines = [engineOf(first), engineOf(second)];
  first.child.kill('SIGKILL');
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/HOST_LOST .*\n {2}at {8}host 0 /);
  for (const engine of engines) expect(await isGone(engine)).toBe(true);
});

it('an engine that dies on either host is started again', async () => {
  const runFolder = join(folder.path, 'engine');
  const [first, second] = await runOnTwo(runFolder);
  await reaches(first, runFolder, 12);
  process.kill(engineOf(second), 'SIGKILL');
  await first.until(/"type":"engine-died".*"restart":1/);
  await reaches(first, runFolder, 30);
  process.kill(engineOf(first), 'SIGKILL');
  expect(await first.ended, first.output().slice(-2000)).toBe(0);
  expect(await second.ended, second.output()).toBe(0);
  expect(first.output().match(/"type":"engine-died"/g)).toHaveLength(2);
  expect(stepsOf(runFolder).map(({ step }) => step)).toEqual(
    Array.from({ length: TOTAL_STEPS }, (_, i) => i + 1),
  );
});
