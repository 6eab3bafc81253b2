/**
 * Wall clocks that are wrong: ten days behind at the start, a hundred times as fast, and jumping an hour ahead and
 * back in a run. Times that a run measures come from the monotonic clock, and nothing else may go by the wall clock
 * but the hour that people are shown.
 */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

import { readJournal } from '@eddy/core/report';
import { beforeAll, describe, expect, it } from 'vitest';

import { disturbedRuns, isOf, step } from './disturbed-runs.ts';
import { falseClock, faketime, type FalseClock } from './false-clock.ts';
import { ownCache } from './own-cache.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const HOUR_S = 3600;
const BEHIND_S = -240 * HOUR_S;
const RATE = 100;
const EXIT_STOPPED = 75;

const { at, run, finish, reference, totalSteps, expectUndisturbedResult } = disturbedRuns({
  epochs: 40,
  every: 25,
});

/** Every number of an event whose name ends in `Ms`, however deep. */
function durationsIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key.endsWith('Ms') && typeof inner === 'number' ? [inner] : durationsIn(inner),
  );
}

function expectSoundTimes(name: string): void {
  const journal = readJournal(join(at(name), 'journal.jsonl'));
  const times = journal.map(({ timeMs }) => timeMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const durations = journal.flatMap(durationsIn);
  expect(durations.length).toBeGreaterThan(totalSteps);
  expect(durations.filter((ms) => !(ms >= 0))).toEqual([]);
  // The wall clock went on by days.
  expect(Math.max(...times)).toBeLessThan(performance.now());
}

/**
 * Its name has a space, so that the loader cannot be told of mimalloc (`canPreload`): the engine's process ends with
 * SIGSEGV where it and libfaketime are both loaded before a program, in either order.
 */
const HOME = 'of the clock';

describe('a wrong clock', () => {
  const jump = (hours: number) => ({ aheadS: BEHIND_S + hours * HOUR_S, rate: RATE });
  /** The folders of the runs, as `pipeline runs` lists them: oldest first. */
  const listed = (env: Readonly<Record<string, string>>) =>
    execFileSync(process.execPath, [PIPELINE, 'runs', at('')], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });

  const runWith = (clock: FalseClock, name: string) =>
    run(name, [], join(at(HOME), 'cache'), { ...clock.env, EDDY_REUSE_TRAINING: '1' });
  beforeAll(() => ownCache(at(HOME)));

  it('changes nothing of a run that is stopped, refused to a second process, resumed and reused', async (context) => {
    if (faketime === undefined) return context.skip('has no faketime');
    const clock = falseClock(at('clock'), faketime);
    clock.set(jump(0));
    const started = runWith(clock, 'jumps');
    expect(await started.reports(step(40)), started.output().slice(-2000)).toBe(true);
    clock.set(jump(1));
    await started.reports(step(70));
    clock.set(jump(-1));
    await started.reports(step(100));
    started.child.kill('SIGTERM');
    expect(await started.ended, started.output().slice(-2000)).toBe(EXIT_STOPPED);

    clock.set(jump(-2));
    const resumed = runWith(clock, 'jumps');
    expect(await resumed.reports(isOf('run-started'))).toBe(true);
    const second = runWith(clock, 'jumps');
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('RUN_LOCKED');
    expect(second.output()).toContain(`process ${resumed.child.pid} on `);
    clock.set(jump(3));
    await finish(resumed);
    expectSoundTimes('jumps');

    const reused = runWith(clock, 'reused');
    let hasReused = false;
    void reused.reports((event) => {
      hasReused ||= event.type === 'stage-reused' && event.stage === 'train';
      return hasReused;
    });
    await finish(reused);
    expect(hasReused, reused.output().slice(-2000)).toBe(true);

    await reference();
    await expectUndisturbedResult('jumps');

    const right = listed({});
    expect(right.indexOf('jumps')).toBeGreaterThan(-1);
    expect(listed(clock.env)).toBe(right);
  });
});
