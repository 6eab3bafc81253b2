/** Trainings whose evaluations measure what tables here say. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { existsSync, readdirSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { readBest } from '../../checkpoint/best.ts';
import { latestCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { EventBus } from '../../contracts/services.ts';
import type { Engine } from '../../contracts/engine.ts';
import type { RunEvent } from '../../contracts/events.ts';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { freshFolder } from '../../testing/fresh-folder.ts';
import {
  runTraining,
  stepsOf,
  toyTraining,
  type ToyRunSettings,
} from '../../testing/toy-training.ts';
import type { MonitorOptions } from './monitor.ts';
import type { TrainerOptions } from './trainer-options.ts';

const folder = freshFolder();
let checkpoints: string;

beforeAll(() => setBackend('cpu'));
beforeEach(() => {
  checkpoints = join(folder.path, 'checkpoints');
});

const BY_ACCURACY: MonitorOptions = { metric: 'exact_accuracy', split: 'validation', mode: 'max' };

/** 9 groups in batches of 4, 12 epochs, an evaluation every 2 of them: 24 steps, 6 evaluations. */
const optionsOf = (overrides: Partial<TrainerOptions> = {}) =>
  toyTraining({
    folder: checkpoints,
    epochs: 12,
    checkpoint: { every: 3, keep: 1 },
    ...overrides,
  });

/** Steps that are evaluated. */
const STEPS = [4, 8, 12, 16, 20, 24];

/** Emits evaluations as stages do: each value of `validation`, and the opposite on `test`. */
function evaluating(validation: readonly number[]): Pick<ToyRunSettings, 'evaluate'> {
  return {
    evaluate: ({ step }, bus) => {
      const value = validation[STEPS.indexOf(step)]!;
      emit(bus, step, 'validation', { exact_accuracy: value, lm_loss: 1 - value });
      emit(bus, step, 'test', { exact_accuracy: 1 - value });
    },
  };
}

function emit(bus: EventBus, step: number, split: string, metrics: Record<string, number>): void {
  const facts = { examples: 5, durationMs: 1, folder: `${split}/${step}` };
  bus.emit({ type: 'evaluation-finished', step, split, metrics, ...facts });
}

const updatesOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'monitor-updated' ? [event] : []));

const left = () =>
  readdirSync(checkpoints)
    .filter((name) => name.startsWith('step-'))
    .sort();

describe('a monitor', () => {
  const values = [0.2, 0.6, 0.5, 0.6, 0.4, 0.3];

  it('keeps the best checkpoint, the first of equals, and says how long ago it was', async () => {
    const { error, events } = await runTraining(
      optionsOf({ monitor: BY_ACCURACY }),
      evaluating(values),
    );
    expect(error).toBeUndefined();
    expect(
      updatesOf(events).map(({ step, value, best, waited, stops }) => [
        step,
        value,
        best!.step,
        waited,
        stops,
      ]),
    ).toEqual([
      [4, 0.2, 4, 0, false],
      [8, 0.6, 8, 0, false],
      [12, 0.5, 8, 1, false],
      [16, 0.6, 8, 2, false],
      [20, 0.4, 8, 3, false],
      [24, 0.3, 8, 4, false],
    ]);
    expect(await readBest(checkpoints)).toEqual({
      ...BY_ACCURACY,
      step: 8,
      value: 0.6,
      isMonitored: true,
    });
    expect(left()).toEqual(['step-00000008', 'step-00000024']);
  });

  it.each([
    [1, 12],
    [2, 16],
    [3, 20],
    [4, 24],
  ])('with a patience of %i evaluations ends the training at step %i', async (patience, last) => {
    const monitor = { ...BY_ACCURACY, patience };
    const {
      error,
      events,
      checkpoints: evaluated,
    } = await runTraining(optionsOf({ monitor }), evaluating(values));
    expect(error).toBeUndefined();
    expect(evaluated).toEqual(STEPS.slice(0, STEPS.indexOf(last) + 1));
    expect(stepsOf({ events, checkpoints: evaluated }).at(-1)).toBe(last);
    expect(updatesOf(events).at(-1)).toMatchObject({ step: last, waited: patience, stops: true });
  });

  it('goes to the end where patience is more than what is left', async () => {
    const monitor = { ...BY_ACCURACY, patience: 5 };
    const { events } = await runTraining(optionsOf({ monitor }), evaluating(values));
    expect(updatesOf(events).at(-1)).toMatchObject({ step: 24, waited: 4, stops: false });
  });

  it('looks for less where less is better', async () => {
    const monitor = { metric: 'lm_loss', split: 'validation', mode: 'min' as const };
    await runTraining(optionsOf({ monitor }), evaluating([0.2, 0.6, 0.9, 0.1, 0.1, 0.1]));
    expect(await readBest(checkpoints)).toMatchObject({ step: 12, metric: 'lm_loss' });
  });

  it.each([NaN, Infinity, -Infinity])('never takes %d for the best', async (bad) => {
    const monitor = { ...BY_ACCURACY, patience: 2 };
    const first = await runTraining(optionsOf({ monitor }), evaluating([bad, 0.1, bad, bad]));
    expect(updatesOf(first.events).map(({ best, waited }) => [best?.step, waited])).toEqual([
      [undefined, 1],
      [8, 0],
      [8, 1],
      [8, 2],
    ]);
    await rm(checkpoints, { recursive: true });
    const never = await runTraining(optionsOf({ monitor }), evaluating([bad, bad]));
    expect(updatesOf(never.events).at(-1)).toMatchObject({ step: 8, stops: true });
    expect(await readBest(checkpoints)).toBeUndefined();
  });

  it('says which metrics there are when the one it watches is not measured', async () => {
    const monitor = { ...BY_ACCURACY, metric: 'exact_acuracy' };
    const { error } = await runTraining(optionsOf({ monitor }), evaluating(values));
    expect(error).toMatchObject({
      code: 'MONITOR_METRIC_MISSING',
      facts: {
        at: 'train.monitor.metric',
        expected: 'one of exact_accuracy, lm_loss',
        received: 'exact_acuracy',
      },
    });
  });

  it('says when nobody evaluates the split that it watches', async () => {
    const monitor = { ...BY_ACCURACY, split: 'held-out' };
    const { error } = await runTraining(optionsOf({ monitor }), evaluating(values));
    expect(error).toMatchObject({
      code: 'MONITOR_METRIC_MISSING',
      facts: { at: 'train.monitor.split', received: 'validation, test' },
    });
  });

  it('hears its own training only', async () => {
    const settings: ToyRunSettings = {
      evaluate: ({ step }, bus) => {
        const value = values[STEPS.indexOf(step)]!;
        for (const [label, metric] of [
          ['a', value],
          ['b', 1 - value],
        ] as const) {
          const metrics = { exact_accuracy: metric };
          const facts = { split: 'validation', examples: 5, durationMs: 1, folder: label };
          bus.emit({ type: 'evaluation-finished', step, label, metrics, ...facts });
        }
      },
    };
    await runTraining(optionsOf({ monitor: BY_ACCURACY, label: 'b' }), settings);
    expect(await readBest(checkpoints)).toMatchObject({ step: 4, value: 0.8 });
  });
});

describe('without a monitor', () => {
  it('keeps the best evaluated checkpoint all the same, and says nothing', async () => {
    const { events } = await runTraining(optionsOf(), evaluating([0.1, 0.9, 0.2, 0.2, 0.2, 0.2]));
    expect(updatesOf(events)).toEqual([]);
    expect(left()).toEqual(['step-00000008', 'step-00000024']);
    expect(await readBest(checkpoints)).toMatchObject({
      step: 8,
      split: 'validation',
      isMonitored: false,
    });
  });

  it('goes by the test set where there is no other, and by no metric that nobody knows', async () => {
    const onTest = (metrics: (step: number) => Record<string, number>): ToyRunSettings => ({
      evaluate: ({ step }, bus) => emit(bus, step, 'test', metrics(step)),
    });
    await runTraining(
      optionsOf(),
      onTest((step) => ({ steps: -step, lm_loss: Math.abs(step - 12) })),
    );
    expect(await readBest(checkpoints)).toMatchObject({
      step: 12,
      split: 'test',
      metric: 'lm_loss',
      mode: 'min',
    });
    await rm(checkpoints, { recursive: true });
    await runTraining(
      optionsOf(),
      onTest((step) => ({ steps: step })),
    );
    expect(await readBest(checkpoints)).toBeUndefined();
    expect(left()).toEqual(['step-00000024']);
  });
});

describe('a monitored training that was cut off', () => {
  const values = [0.2, 0.6, 0.5, 0.7, 0.4, 0.3];
  const monitor = { ...BY_ACCURACY, patience: 2 };

  /** What must not depend on interruptions. */
  async function resultOf(runs: readonly { readonly events: readonly RunEvent[] }[]) {
    const { manifest } = (await latestCheckpoint(checkpoints, () => undefined))!;
    // As the journal has them: what comes at or after the step of a resume was cut off before.
    let updates: ReturnType<typeof updatesOf> = [];
    for (const { events } of runs) {
      const resumed = events.find((event) => event.type === 'resumed')?.step ?? 0;
      updates = [...updates.filter(({ step }) => step < resumed), ...updatesOf(events)];
    }
    return {
      step: manifest.step,
      hash: manifest.stateHash,
      monitor: manifest.metadata['monitor'],
      best: await readBest(checkpoints),
      left: left(),
      updates: updates.map(({ timeMs: _, ...update }) => update),
    };
  }

  it.each([1, 4, 5, 8, 9, 12, 14, 16, 17, 20, 23, 24])(
    'ends as one that was not, after a stop at step %i',
    async (stopAfterStep) => {
      const whole = [await runTraining(optionsOf({ monitor }), evaluating(values))];
      const expected = await resultOf(whole);
      expect(expected.step).toBe(24);
      expect(expected.best).toMatchObject({ step: 16 });
      await rm(checkpoints, { recursive: true });
      const first = await runTraining(optionsOf({ monitor }), {
        stopAfterStep,
        ...evaluating(values),
      });
      const rest = await runTraining(optionsOf({ monitor }), evaluating(values));
      expect(rest.error).toBeUndefined();
      expect(await resultOf([first, rest])).toEqual(expected);
    },
  );

  it.each(
    STEPS.flatMap((step) => [
      [step, 'before'] as const,
      [step, 'between'] as const,
      [step, 'after'] as const,
    ]),
  )(
    'ends as one that was not, when the evaluation of step %i died %s it measured',
    async (deadly, when) => {
      const whole = [await runTraining(optionsOf({ monitor }), evaluating(values))];
      const expected = await resultOf(whole);
      await rm(checkpoints, { recursive: true });
      const { evaluate } = evaluating(values);
      const killed = await runTraining(optionsOf({ monitor }), {
        evaluate: (checkpoint, bus) => {
          const dies = checkpoint.step === deadly;
          if (dies && when === 'before') throw new Error('killed');
          if (dies && when === 'between') {
            emit(bus, deadly, 'validation', { exact_accuracy: values[STEPS.indexOf(deadly)]! });
            throw new Error('killed');
          }
          evaluate!(checkpoint, bus);
          if (dies) throw new Error('killed');
        },
      });
      expect(killed.error).toMatchObject({ message: 'killed' });
      const rest = await runTraining(optionsOf({ monitor }), evaluating(values));
      expect(rest.error).toBeUndefined();
      expect(await resultOf([killed, rest])).toEqual(expected);
    },
  );

  it('does no step more when it had stopped early', async () => {
    const falling = [0.9, 0.1, 0.1, 0.1, 0.1, 0.1];
    const first = await runTraining(optionsOf({ monitor }), evaluating(falling));
    expect(stepsOf(first).at(-1)).toBe(12);
    const expected = await resultOf([first]);
    const again = await runTraining(optionsOf({ monitor }), evaluating(falling));
    expect(again.error).toBeUndefined();
    expect(stepsOf(again)).toEqual([]);
    expect(again.events.some(({ type }) => type === 'training-started')).toBe(false);
    expect(await resultOf([first, again])).toEqual(expected);
  });

  it('tells of a checkpoint once when the engine dies in its evaluation and after it', async () => {
    const died = () => new EddyError({ code: 'ENGINE_DIED', message: 'gone', fix: 'resume' });
    const { evaluate } = evaluating(values);
    let deaths = 0;
    const inEvaluation = await runTraining(optionsOf({ monitor }), {
      evaluate: (checkpoint, bus) => {
        evaluate!(checkpoint, bus);
        if (checkpoint.step === 8 && deaths++ === 0) throw died();
      },
    });
    expect(inEvaluation.error).toBeUndefined();
    expect(updatesOf(inEvaluation.events).map(({ step }) => step)).toEqual(STEPS);
    const expected = await resultOf([inEvaluation]);
    await rm(checkpoints, { recursive: true });

    let lives = 0;
    let sent = 0;
    const dying = (): Engine => {
      lives += 1;
      const living = eagerEngine();
      if (lives > 1) return living;
      return {
        ...living,
        compile: async (program) => {
          const executable = await living.compile(program);
          return {
            name: executable.name,
            outputs: executable.outputs,
            stats: executable.stats,
            dispose: () => executable.dispose(),
            run: (...args) => (++sent === 10 ? Promise.reject(died()) : executable.run(...args)),
          };
        },
      };
    };
    const later = await runTraining(optionsOf({ monitor }), {
      engine: dying,
      ...evaluating(values),
    });
    expect(later.error).toBeUndefined();
    expect(updatesOf(later.events).map(({ step }) => step)).toEqual(STEPS);
    expect(await resultOf([later])).toEqual(expected);
  });

  it('forgets what another metric was best by, and takes back a record from beyond its checkpoint', async () => {
    await runTraining(optionsOf({ monitor }), { stopAfterStep: 9, ...evaluating(values) });
    expect(await readBest(checkpoints)).toMatchObject({ step: 8, value: 0.6 });
    const elsewhere = join(folder.path, 'copy');
    await cp(checkpoints, elsewhere, { recursive: true });
    const other = { metric: 'lm_loss', split: 'validation', mode: 'min' as const };
    const { events } = await runTraining(
      optionsOf({ folder: elsewhere, monitor: other }),
      evaluating(values),
    );
    expect(updatesOf(events)[0]).toMatchObject({ step: 12, best: { step: 12 }, waited: 0 });

    await runTraining(optionsOf({ monitor }), evaluating(values));
    expect(await readBest(checkpoints)).toMatchObject({ step: 16 });
    await rm(join(checkpoints, 'step-00000024'), { recursive: true });
    await rm(join(checkpoints, 'step-00000016'), { recursive: true });
    expect(existsSync(join(checkpoints, 'best.json'))).toBe(true);
    const anew = await runTraining(optionsOf({ monitor }), evaluating(values));
    expect(anew.error).toBeUndefined();
    expect(await readBest(checkpoints)).toMatchObject({ step: 16, value: 0.7 });
  });
});
