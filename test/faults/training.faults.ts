/**
 * A whole training, killed and stopped at random moments: resumed each time, it must end with the
 * bits of the one that nobody disturbed, and its journal must have every step exactly once.
 */
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { latestCheckpoint, stateHash } from '@eddy/core/checkpoint';
import { randomStream } from '@eddy/core';
import { readJournal } from '@eddy/core/report';
import { readSettings } from '@eddy/core/config';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import { count } from './counts.ts';
import { start, type Talker } from './processes.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
const EPOCHS = count(100, 500);
const TOTAL_STEPS = 4 * EPOCHS; // 64 puzzles in batches of 16
const KILLS_PER_OPTIMIZER = count(10, 50);
const ENGINE_KILLS = count(3, 50);
const EXIT_STOPPED = 75;

const folder = sharedFolder();
beforeAll(async () => {
  // Stage results of its own, so that kills hit builds too; engines and compiled programs are shared.
  const { cacheFolder } = await readSettings();
  mkdirSync(join(folder.path, 'cache'));
  for (const shared of ['engines', 'compiled']) {
    mkdirSync(join(cacheFolder, shared), { recursive: true });
    symlinkSync(join(cacheFolder, shared), join(folder.path, 'cache', shared));
  }
});

interface Result {
  readonly hash: string;
  /** Metrics of each step, in the order of the journal. */
  readonly steps: readonly (readonly [number, Readonly<Record<string, number>>])[];
  readonly evaluations: readonly (readonly [number, Readonly<Record<string, number>>])[];
}

/** `detached`: in a process group of its own, which a kill can take as a whole. */
function run(runFolder: string, optimizer: string): Talker {
  const overrides = [
    `train.optimizer.use=${optimizer}`,
    `train.epochs=${EPOCHS}`,
    `train.evalInterval=${EPOCHS / 2}`,
  ];
  const args = ['run', CONFIG, '--run-dir', runFolder, '--resume', 'auto', ...overrides];
  const env = { ...process.env, EDDY_CACHE: join(folder.path, 'cache') };
  return start(PIPELINE, args, { detached: true, env });
}

async function resultOf(runFolder: string): Promise<Result> {
  const journal = readJournal(join(runFolder, 'journal.jsonl'));
  const latest = await latestCheckpoint(join(runFolder, 'checkpoints'), expect.unreachable);
  expect(latest!.manifest.step).toBe(TOTAL_STEPS);
  return {
    hash: stateHash(latest!.state),
    steps: journal.flatMap((event) =>
      event.type === 'step-finished' ? [[event.step, event.metrics] as const] : [],
    ),
    evaluations: journal.flatMap((event) =>
      event.type === 'evaluation-finished' ? [[event.step, event.metrics] as const] : [],
    ),
  };
}

async function finish(process: Talker): Promise<void> {
  expect(await process.ended, process.output().slice(-2000)).toBe(0);
}

const undisturbed = new Map<string, Promise<Result>>();
/** The result of a run that nobody disturbs; run once for each optimizer. */
function reference(optimizer: string): Promise<Result> {
  const make = async () => {
    const runFolder = join(folder.path, `reference-${optimizer}`);
    await finish(run(runFolder, optimizer));
    const result = await resultOf(runFolder);
    const steps = Array.from({ length: TOTAL_STEPS }, (_, i) => i + 1);
    expect(result.steps.map(([step]) => step)).toEqual(steps);
    expect(result.evaluations.map(([step]) => step)).toEqual([TOTAL_STEPS / 2, TOTAL_STEPS]);
    return result;
  };
  const result = undisturbed.get(optimizer) ?? make();
  undisturbed.set(optimizer, result);
  return result;
}

async function expectUndisturbedResult(runFolder: string, optimizer: string): Promise<void> {
  const [disturbed, expected] = [await resultOf(runFolder), await reference(optimizer)];
  expect(disturbed.hash).toBe(expected.hash);
  expect(disturbed.steps).toEqual(expected.steps);
  expect(disturbed.evaluations).toEqual(expected.evaluations);
}

/** The newest step in the journal; 0 before the first. The last line may be torn. */
function stepReached(runFolder: string): number {
  const path = join(runFolder, 'journal.jsonl');
  if (!existsSync(path)) return 0;
  const steps = [...readFileSync(path, 'utf8').matchAll(/"type":"step-finished","step":(\d+)/g)];
  return Number(steps.at(-1)?.[1] ?? 0);
}

/** Waits until the run has reached a step; false when it ended before. */
async function reaches(process: Talker, runFolder: string, step: number): Promise<boolean> {
  while (stepReached(runFolder) < step) {
    const over = await Promise.race([process.ended.then(() => true), delay(10, false)]);
    if (over) return false;
  }
  return true;
}

function signalGroup(leader: Talker, signal: NodeJS.Signals): void {
  process.kill(-leader.child.pid!, signal);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

describe.each(['adam-atan2', 'adamw'])('training with %s', (optimizer) => {
  const random = randomStream(2026).stream('faults', optimizer);

  it(`ends with the same bits after SIGKILL at ${KILLS_PER_OPTIMIZER} random moments`, async () => {
    await reference(optimizer);
    const runFolder = join(folder.path, `killed-${optimizer}`);
    const stride = TOTAL_STEPS / KILLS_PER_OPTIMIZER;
    for (let kill = 0; kill < KILLS_PER_OPTIMIZER; kill++) {
      const process = run(runFolder, optimizer);
      // One in five anywhere in the start (reading, compiling, planning), the others in training,
      // in a save or in an evaluation.
      if (kill % 5 === 1) await delay(3000 * random.uniform());
      else {
        const target = Math.floor(stride * (kill + random.uniform()));
        expect(await reaches(process, runFolder, target), process.output().slice(-2000)).toBe(true);
        await delay(60 * random.uniform());
      }
      signalGroup(process, 'SIGKILL');
      expect(await process.ended).toBe('SIGKILL');
    }
    await finish(run(runFolder, optimizer));
    await expectUndisturbedResult(runFolder, optimizer);
  });
});

describe('stop signals', () => {
  const random = randomStream(2026).stream('faults', 'stop');

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 75 on %s in any phase, and goes on to the same bits',
    async (signal) => {
      const runFolder = join(folder.path, `stopped-${signal}`);
      for (const target of [0, 1, 130, TOTAL_STEPS / 2]) {
        const process = run(runFolder, 'adam-atan2');
        await process.until(/"type":"run-started"/);
        const before = stepReached(runFolder);
        expect(await reaches(process, runFolder, target)).toBe(true);
        await delay(30 * random.uniform());
        // A terminal sends SIGINT to the engine too; it must leave the ending to its supervisor.
        if (signal === 'SIGINT') signalGroup(process, signal);
        else process.child.kill(signal);
        expect(await process.ended, process.output().slice(-2000)).toBe(EXIT_STOPPED);
        const reached = stepReached(runFolder);
        expect(reached).toBeGreaterThanOrEqual(Math.max(before, target));
        // What was done is saved: a stopped run loses nothing.
        if (reached > 0) {
          const latest = await latestCheckpoint(join(runFolder, 'checkpoints'), expect.unreachable);
          expect(latest!.manifest.step).toBe(reached);
        }
      }
      await finish(run(runFolder, 'adam-atan2'));
      await expectUndisturbedResult(runFolder, 'adam-atan2');
    },
  );

  it('ends at once on the second', async () => {
    const process = run(join(folder.path, 'twice'), 'adam-atan2');
    await process.until(/"type":"run-started"/);
    process.child.kill('SIGTERM');
    process.child.kill('SIGTERM');
    // Both may arrive as one, which is a clean stop.
    expect([143, EXIT_STOPPED]).toContain(await process.ended);
  });
});

describe('the engine process', () => {
  it(`may be killed ${ENGINE_KILLS} times: the run goes on by itself to the same bits`, async () => {
    const runFolder = join(folder.path, 'engine-killed');
    const process = run(runFolder, 'adam-atan2');
    const stride = Math.floor(TOTAL_STEPS / (ENGINE_KILLS + 1));
    for (let kill = 1; kill <= ENGINE_KILLS; kill++) {
      const target = stride * kill;
      expect(await reaches(process, runFolder, target)).toBe(true);
      const [engine] = childrenOf(process.child.pid!);
      globalThis.process.kill(engine!, 'SIGKILL');
      // The next one starts a little later; it is another process.
      await reaches(process, runFolder, target + stride - 5);
    }
    await finish(process);
    const died = process.output().match(/"type":"engine-died"/g);
    expect(died).toHaveLength(ENGINE_KILLS);
    await expectUndisturbedResult(runFolder, 'adam-atan2');
  });
});

describe('a second run in the same folder', () => {
  it('is refused and names the first', async () => {
    const runFolder = join(folder.path, 'shared');
    const first = run(runFolder, 'adam-atan2');
    await first.until(/"type":"run-started"/);
    const second = run(runFolder, 'adam-atan2');
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('RUN_LOCKED');
    expect(second.output()).toContain(`process ${first.child.pid} on `);
    signalGroup(first, 'SIGKILL');
    await first.ended;
  });
});
