/**
 * A whole training, killed at random moments: resumed each time, it must end with the bits of the one that nobody
 * disturbed, and its journal must have every step exactly once.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { randomStream } from '@eddy/core';
import { describe, expect, it } from 'vitest';

import { count, isLong } from '../counts.ts';
import { disturbedRuns, isOf, step } from './disturbed-runs.ts';

const EVERY = 25;
const KILLS = count(8, 50);
const { totalSteps, run, finish, reference, expectUndisturbedResult, savedStep, recordedStep } =
  disturbedRuns({ epochs: count(60, 500), every: EVERY });

describe.each(isLong ? ['adam-atan2', 'adamw'] : ['adam-atan2'])(
  'training with %s',
  (optimizer) => {
    const random = randomStream(2026).stream('faults', optimizer);
    const overrides = [`train.optimizer.use=${optimizer}`];

    it(`ends with the same bits after SIGKILL at ${KILLS} random moments`, async () => {
      await reference(overrides);
      const name = `killed-${optimizer}`;
      const stride = totalSteps / KILLS;
      for (let kill = 0; kill < KILLS; kill++) {
        const killed = run(name, overrides);
        // One in five anywhere in the start (reading, compiling, planning), the others in training, in a save or
        // in an evaluation.
        if (kill % 5 === 1) await delay(3000 * random.uniform());
        else {
          const target = Math.floor(stride * (kill + random.uniform()));
          const isThere = recordedStep(name) >= target;
          const reached = await killed.reports(isThere ? isOf('training-started') : step(target));
          expect(reached, killed.output().slice(-2000)).toBe(true);
          await delay(60 * random.uniform());
        }
        killed.signalGroup('SIGKILL');
        expect(await killed.ended).toBe('SIGKILL');
        // One checkpoint may be due and another still being written; two steps are under way.
        const lost = recordedStep(name) - (await savedStep(name));
        expect(lost).toBeLessThanOrEqual(2 * EVERY + 2);
      }
      await finish(run(name, overrides));
      await expectUndisturbedResult(name, overrides);
    });
  },
);

describe('a second run in the same folder', () => {
  it('is refused and names the first', async () => {
    const first = run('shared');
    await first.reports(isOf('run-started'));
    const second = run('shared');
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('RUN_LOCKED');
    expect(second.output()).toContain(`process ${first.child.pid} on `);
    first.signalGroup('SIGKILL');
    await first.ended;
  });
});
