import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { acquireRunLock } from '@eddy/core/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { MadeRun } from '../testing/made-run.ts';
import { RunProjection } from './run-projection.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'eddy-ui-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function opened(run: MadeRun): Promise<RunProjection> {
  const projection = new RunProjection(run.path);
  await projection.refresh();
  return projection;
}

describe('what is appended', () => {
  it('is told once, steps as columns', async () => {
    const run = new MadeRun(folder).steps(1, 3);
    const projection = await opened(run);
    run.steps(4, 5).evaluation(5, 0.5);
    expect(await projection.refresh()).toEqual({
      rewritten: false,
      events: ['evaluation-finished'],
      steps: [
        {
          set: 'train',
          steps: [4, 5],
          metrics: {
            count: [1, 1],
            accuracy: [0.5, 0.5],
            lm_loss: [1 / 4, 1 / 5],
            lr: [0.001, 0.001],
          },
        },
      ],
    });
    expect(await projection.refresh()).toEqual({ rewritten: false, events: [], steps: [] });
  });

  it('waits for the end of a line', async () => {
    const run = new MadeRun(folder).steps(1, 3);
    const projection = await opened(run);
    appendFileSync(run.journalPath, '{"timeMs":9,"type":"stage-star');
    expect((await projection.refresh()).events).toEqual([]);
    appendFileSync(run.journalPath, 'ted","stage":"build"}\n');
    expect((await projection.refresh()).events).toEqual(['stage-started']);
  });

  it('is passed over where it is no event', async () => {
    const run = new MadeRun(folder).steps(1, 3);
    appendFileSync(
      run.journalPath,
      'not json\n{"type":"message"}\n{"timeMs":1,"type":"step-finished"}\n',
    );
    appendFileSync(
      run.journalPath,
      '{"timeMs":1,"type":"step-finished","step":4,"metrics":{"a":{}}}\n',
    );
    const projection = await opened(run.steps(4, 4));
    expect(projection.view('id', 'run')).toMatchObject({ unreadableLines: 4, head: { step: 4 } });
  });
});

describe('a journal that was cut back', () => {
  it('is read anew, also where it has grown longer than it was', async () => {
    const run = new MadeRun(folder).steps(1, 6);
    const projection = await opened(run);
    run.cutTo(4).steps(4, 30, { lossOf: () => 7 });
    expect((await projection.refresh()).rewritten).toBe(true);
    const { steps, metrics } = projection.trainings.get('train')!;
    expect(Array.from(steps.values)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(Array.from(metrics.get('lm_loss')!.values).slice(0, 5)).toEqual([1, 1 / 2, 1 / 3, 7, 7]);
  });

  it('is noticed where it is shorter', async () => {
    const run = new MadeRun(folder).steps(1, 6);
    const projection = await opened(run);
    run.cutTo(3);
    expect((await projection.refresh()).rewritten).toBe(true);
    expect(projection.head('id').step).toBe(2);
  });
});

describe('steps', () => {
  it('that are done again replace what they did before', async () => {
    const projection = await opened(
      new MadeRun(folder).steps(1, 5).steps(3, 4, { lossOf: () => 9 }),
    );
    const { steps, metrics } = projection.trainings.get('train')!;
    expect(Array.from(steps.values)).toEqual([1, 2, 3, 4]);
    expect(Array.from(metrics.get('lm_loss')!.values)).toEqual([1, 1 / 2, 9, 9]);
  });

  it('in which no row halted have no accuracy', async () => {
    const run = new MadeRun(folder).add({
      ...{ type: 'step-finished', step: 1, totalSteps: 9, epoch: 0, stepMs: 1 },
      metrics: { count: 0, accuracy: 0, lm_loss: 2 },
    });
    const training = (await opened(run)).trainings.get('train')!;
    expect(training.valuesOf('accuracy')).toBeUndefined();
    expect(Array.from(training.valuesOf('lm_loss')!)).toEqual([2]);
  });

  it('say when a metric was first not finite', async () => {
    const run = new MadeRun(folder).steps(1, 4, { lossOf: (step) => (step < 3 ? 1 : NaN) });
    expect((await opened(run)).view('id', 'run').nonFinite).toEqual([
      { set: 'train', metric: 'lm_loss', step: 3 },
    ]);
  });

  it('tell the time that is left by the clock', async () => {
    const run = new MadeRun(folder).steps(1, 101, { totalSteps: 201 });
    const lock = await acquireRunLock(join(folder, 'lock'));
    // 50 ms from step to step, evaluations and all, though each took 40.
    expect((await opened(run)).head('id')).toMatchObject({ timeLeftMs: 5000, stepMs: 40 });
    lock.release();
  });
});

describe('status', () => {
  it('is running while the lock is held, then what the run said last', async () => {
    const run = new MadeRun(folder).steps(1, 2);
    const lock = await acquireRunLock(join(folder, 'lock'));
    const projection = await opened(run);
    expect(projection.head('id').status).toBe('running');
    lock.release();
    expect((await projection.refresh()).events).toEqual(['status']);
    expect(projection.head('id').status).toBe('interrupted');
    run.add({ type: 'run-finished', status: 'failed', error: { code: 'X', message: 'no' } });
    await projection.refresh();
    expect(projection.head('id')).toMatchObject({ status: 'failed', error: { code: 'X' } });
  });
});

describe('the trend of the loss', () => {
  const trendOf = async (lossOf: (step: number) => number) =>
    (await opened(new MadeRun(folder).steps(1, 400, { lossOf }))).head('id').trend?.verdict;
  /** Between −0.5 and 0.5, the same at each run. */
  const noise = (step: number) => ((step * 7919) % 101) / 101 - 0.5;

  it.each([
    ['falling', (step: number) => 10 - step / 50 + 0.1 * noise(step)],
    ['rising', (step: number) => step / 50 + 0.1 * noise(step)],
    ['flat', (step: number) => 1 + noise(step)],
  ] as const)('is %s', async (verdict, lossOf) => {
    expect(await trendOf(lossOf)).toBe(verdict);
  });

  it('is unknown for a few steps', async () => {
    const projection = await opened(new MadeRun(folder).steps(1, 50));
    expect(projection.head('id').trend).toBeUndefined();
  });
});
