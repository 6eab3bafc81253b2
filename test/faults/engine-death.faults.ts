/** An engine process that dies or is stopped for good: the run goes on by itself to the bits of an undisturbed one. */
import { randomStream } from '@eddy/core';
import { expect, it } from 'vitest';

import { count } from '../counts.ts';
import { disturbedRuns, isOf, step } from './disturbed-runs.ts';
import { childrenOf } from './processes.ts';

const DEATHS = count(1, 50);
const SIGNALS = ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGSTOP'] as const;
/** Enough for a checkpoint between two deaths: without progress the run gives up. */
const STEPS_BETWEEN = 24;
const EPOCHS = 2 * Math.ceil((STEPS_BETWEEN * (SIGNALS.length * DEATHS + 1)) / 8);
const { run, finish, reference, expectUndisturbedResult } = disturbedRuns({
  epochs: EPOCHS,
  every: 8,
});

it(`goes on to the same bits, ${DEATHS} times for each of ${SIGNALS.join(', ')}`, async () => {
  await reference();
  const random = randomStream(2026).stream('faults', 'engine-death');
  const running = run('dying');
  for (let death = 0; death < SIGNALS.length * DEATHS; death++) {
    const signal = SIGNALS[death % SIGNALS.length]!;
    const target = STEPS_BETWEEN * death + 2 + random.integer(STEPS_BETWEEN - 8);
    expect(await running.reports(step(target)), running.output().slice(-2000)).toBe(true);
    const engines = childrenOf(running.child.pid!);
    expect(engines).toHaveLength(1);
    const [diedAt, died] = [performance.now(), running.reports(isOf('engine-died'))];
    process.kill(engines[0]!, signal);
    expect(await died, running.output().slice(-2000)).toBe(true);
    const seconds = (performance.now() - diedAt) / 1000;
    if (signal === 'SIGSTOP') expect(seconds).toBeGreaterThan(20);
    expect(seconds, signal).toBeLessThan(30);
  }
  await finish(running);
  const reasons = [...running.output().matchAll(/"type":"engine-died","reason":"(.*?)"/g)];
  expect(reasons).toHaveLength(SIGNALS.length * DEATHS);
  for (const [i, [, reason]] of reasons.entries()) {
    const signal = SIGNALS[i % SIGNALS.length]!;
    expect(reason).toContain(signal === 'SIGSTOP' ? 'no heartbeat' : signal);
  }
  await expectUndisturbedResult('dying');
});
