/**
 * A training with a monitor that stops it early, killed before, in and after its evaluations: resumed each
 * time, it must choose the same checkpoint, stop at the same step and end with the same bits.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { latestCheckpoint, listCheckpoints } from '@eddy/core/checkpoint';
import { headlineOf, readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, expect, it } from 'vitest';

import { ownCache } from './own-cache.ts';
import { start, type Talker } from './processes.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
/** 64 puzzles, of which 16 choose: 3 steps an epoch, an evaluation every 15 steps. */
const OVERRIDES = [
  '+build.validation=0.25',
  '+train.monitor={patience: 2}',
  'train.evalInterval=5',
  'train.checkpoint.every=6',
];

const folder = sharedFolder();
beforeAll(() => ownCache(folder.path));

/** In a process group of its own, which a kill can take as a whole. */
function run(runFolder: string): Talker {
  const args = ['run', CONFIG, '--run-dir', runFolder, '--resume', 'auto', ...OVERRIDES];
  const env = { ...process.env, EDDY_CACHE: join(folder.path, 'cache') };
  return start(PIPELINE, args, { detached: true, env });
}

/** What must not depend on interruptions. */
async function resultOf(runFolder: string) {
  const journal = readJournal(join(runFolder, 'journal.jsonl'));
  const checkpoints = join(runFolder, 'checkpoints');
  const { manifest } = (await latestCheckpoint(checkpoints, expect.unreachable))!;
  const record = JSON.parse(readFileSync(join(checkpoints, 'best.json'), 'utf8')) as object;
  // The run that it belongs to, and the seal over it, differ from run to run.
  const best = { ...(record as { step: number }), run: null, sha256: null };
  const of = (type: string) =>
    journal
      .filter((event) => event.type === type)
      .map(({ timeMs: _time, ...event }) => ('metrics' in event ? event.metrics : event));
  return {
    step: manifest.step,
    hash: manifest.stateHash,
    monitor: manifest.metadata['monitor'],
    best,
    isBestThere: (await listCheckpoints(checkpoints)).some(({ step }) => step === best.step),
    steps: journal.flatMap((event) => (event.type === 'step-finished' ? [event.step] : [])),
    updates: of('monitor-updated'),
    evaluations: of('evaluation-finished'),
    headline: headlineOf(journal)!.text,
  };
}

async function finish(process: Talker): Promise<void> {
  expect(await process.ended, process.output().slice(-2000)).toBe(0);
}

/** Waits until the journal says something; false when the run ended before. */
async function says(process: Talker, runFolder: string, pattern: RegExp): Promise<boolean> {
  const path = join(runFolder, 'journal.jsonl');
  for (;;) {
    if (existsSync(path) && pattern.test(readFileSync(path, 'utf8'))) return true;
    const over = await Promise.race([process.ended.then(() => true), delay(2, false)]);
    if (over) return false;
  }
}

const MOMENTS = [
  /"type":"step-finished","step":7,/,
  /"type":"checkpoint-saved","step":15,/,
  /"type":"evaluation-started","step":30,"split":"validation"/,
  /"type":"evaluation-finished","step":30,"split":"validation"/,
  /"type":"evaluation-finished","step":30,"split":"test"/,
  /"type":"monitor-updated","step":30,/,
  /"type":"step-finished","step":31,/,
  /"type":"checkpoint-saved","step":36,/,
  /"type":"evaluation-started","step":45,"split":"test"/,
  /"type":"monitor-updated".*"stops":true/,
];

it('chooses and stops as if nobody had killed it, at every moment around an evaluation', async () => {
  const undisturbed = join(folder.path, 'undisturbed');
  await finish(run(undisturbed));
  const expected = await resultOf(undisturbed);
  // The training stopped early, two evaluations after the best one.
  expect(expected.step).toBeLessThan(300);
  expect(expected.step).toBe(expected.best.step + 30);
  expect(expected.isBestThere).toBe(true);
  expect(expected.steps).toEqual(Array.from({ length: expected.step }, (_, i) => i + 1));
  expect(expected.headline).toMatch(
    /^step \d+, the best of \d+ by exact_accuracy on validation .* on test$/,
  );

  const runFolder = join(folder.path, 'killed');
  for (const moment of MOMENTS) {
    const process = run(runFolder);
    expect(
      await says(process, runFolder, moment),
      `${moment}: ${process.output().slice(-2000)}`,
    ).toBe(true);
    globalThis.process.kill(-process.child.pid!, 'SIGKILL');
    await process.ended;
  }
  await finish(run(runFolder));
  const { evaluations, ...killed } = await resultOf(runFolder);
  expect(killed).toEqual({ ...expected, evaluations: undefined });
  expect(evaluations).toEqual(expected.evaluations);
});
