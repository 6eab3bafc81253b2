/**
 * A sweep whose own process and whose trials are killed at random moments: started again, it goes on
 * until every trial has ended exactly once, and no trial has done a step twice.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { randomStream } from '@eddy/core';
import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { count } from '../counts.ts';
import { childrenOf, start, type Talker } from './processes.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
const SEEDS = count(4, 50);
const EPOCHS = 3;
const KILLS = count(10, 100);

const folder = sharedFolder();

/** On an engine without a process of its own, which would be one more thing to wait for. */
function sweep(): Talker {
  const overrides = [
    `seed=range(0,${SEEDS})`,
    'engine={use: cpu}',
    'train.model={hiddenSize: 16, hCycles: 1, lCycles: 1, haltMaxSteps: 2}',
    `train.epochs=${EPOCHS}`,
    'train.evalInterval=3',
    'train.checkpoint.every=2',
  ];
  const args = ['sweep', CONFIG, ...overrides, '--jobs', '2', '--resume', 'auto'];
  const env = { ...process.env, EDDY_CACHE: join(folder.path, 'cache') };
  return start(PIPELINE, [...args, '--sweep-dir', join(folder.path, 's')], { env });
}

it(`ends every trial exactly once through ${KILLS} kills of sweep and trials`, async () => {
  const random = randomStream(2026).stream('faults', 'sweep');
  let running = sweep();
  let kills = 0;
  while (kills < KILLS) {
    const over = await Promise.race([
      running.ended.then(() => true),
      delay(500 + 4000 * random.uniform(), false),
    ]);
    if (over) break;
    const trials = childrenOf(running.child.pid!);
    if (kills % 2 === 0 && trials.length > 0) {
      process.kill(trials[random.integer(trials.length)]!, 'SIGKILL');
    } else {
      await running.kill('SIGKILL');
      running = sweep();
    }
    kills++;
  }
  expect(await running.ended, running.output()).toBe(0);
  expect(kills).toBeGreaterThan(KILLS / 2);

  const entries = readFileSync(join(folder.path, 's', 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const trials = Array.from({ length: SEEDS }, (_, i) => String(i).padStart(3, '0'));
  const ended = entries
    .map((line) => JSON.parse(line) as { type: string; trial: string; status?: string })
    .filter(({ type }) => type === 'trial-ended')
    .map(({ trial, status }) => `${trial} ${status}`);
  expect(ended.toSorted()).toEqual(trials.map((trial) => `${trial} done`));
  for (const trial of trials) {
    const events = readJournal(join(folder.path, 's', 'trials', trial, 'journal.jsonl'));
    const steps = events.flatMap((event) => (event.type === 'step-finished' ? event.step : []));
    // 64 puzzles in batches of 16.
    expect(steps).toEqual(Array.from({ length: 4 * EPOCHS }, (_, i) => i + 1));
    // A trial that lost its sweep stopped cleanly before it went on.
    const ends = events.flatMap((event) => (event.type === 'run-finished' ? event.status : []));
    expect(ends.filter((status) => status === 'done')).toHaveLength(1);
    expect(ends.at(-1)).toBe('done');
  }
});
