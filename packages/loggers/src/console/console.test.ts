import { formatMetric } from '@eddy/core/report';
import type { RunEvent, TrainingPlan } from '@eddy/core';
import { exampleRun } from '@eddy/core/testing';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Writable } from 'node:stream';

import { createConsoleLogger, type ConsoleOptions } from './console-logger.ts';
import { formatBytes, formatCount, formatDuration, formatFlops } from './format.ts';
import { planScreen } from './plan-screen.ts';
import { RunView } from './run-view.ts';
import { sparkline } from './sparkline.ts';
import { textWidth } from './width.ts';

async function output(
  options: ConsoleOptions,
  { env = {}, isTTY = false }: { env?: NodeJS.ProcessEnv; isTTY?: boolean } = {},
  events: readonly RunEvent[] = exampleRun('/runs/example'),
): Promise<string> {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  Object.assign(stream, { isTTY, columns: 100, rows: 40, hasColors: () => true });
  const logger = await createConsoleLogger(options, stream, env);
  await logger.attach(from(events));
  return text;
}

it('a plan for a device that is not here compares the ways by the time of the one taken', () => {
  const candidate = { microBatchSize: 32, recompute: false, isMeasured: true, fits: true };
  const plan: TrainingPlan = {
    parameters: 10,
    parameterGroups: {},
    totalSteps: 40,
    globalBatchSize: 64,
    microBatchSize: 32,
    engine: 'an engine',
    precision: 'float32',
    memoryBytes: 2 ** 30,
    memoryLimitBytes: 2 ** 31,
    memoryBudgetBytes: 2 ** 31,
    flopsPerStep: 4e9,
    compileMs: 300,
    dataset: 'puzzles',
    folder: 'runs',
    candidates: [
      { ...candidate, memoryBytes: 2 ** 30, relativeTime: 1, isChosen: true },
      { ...candidate, microBatchSize: 16, isMeasured: false, relativeTime: 1.2, isChosen: false },
    ],
  };
  const lines = planScreen(plan).filter((line) => /step|in all|kept/.test(line));
  expect(lines).toEqual([
    '  training    40 steps, batch 64 in 2 micro-batches of 32',
    '  step        time unknown, 4.0 GFLOP, compiled in 300 ms',
    '  in all      time unknown',
    '  ways to cut the step; the fastest within 2.0 GiB is taken (~ estimated)',
    '    rows  activations   memory     step',
    '      32  kept         1.0 GiB   × 1.00  ← taken',
    '      16  kept              ~?  ~× 1.20',
  ]);
});

describe('console', () => {
  it('writes plain lines without a terminal', async () => {
    expect(await output({ format: 'auto', interval: 0.5 })).toMatchInlineSnapshot(`
      "example on cpu, float32
      /runs/example
      ✔ build     1.2 s
      ↺ augment   cached (3fa4b2c1d0e9)
      step 1 begins, compiled in 300 ms

        data        sudoku 4×4, 1,000 puzzles
        parameters  27,138 (embedding 1,024, layers 25,088, heads 1,026)
        training    40 steps, batch 64 in 2 micro-batches of 32
        engine      cpu, float32
        memory      12 MiB of 7.5 GiB
        step        25 ms, 4.2 GFLOP (168 GFLOP/s), compiled in 300 ms
        in all      1.5 s, without evaluations
        results     /runs/example

      ↻ resumed at step 0 from /runs/example/checkpoints/step-00000000
      step 11/40  loss 1.188  40.0 it/s  ETA 725 ms  exact 7.6 %  cells 45.6 %  halt 90.0 %  steps 8
      ● test at step 20  accuracy 70.0 %  exact_accuracy 45.0 %  200 examples, 80 ms
        ★ the best exact_accuracy on validation so far
      step 26/40  loss 0.625  40.0 it/s  ETA 350 ms  exact 42.3 %  cells 73.8 %  halt 90.0 %  steps 8
      ● test at step 40  accuracy 90.0 %  exact_accuracy 90.0 %  200 examples, 80 ms
        ★ the best exact_accuracy on validation so far
      ● compute on test at step 40  200 examples, 900 ms
        curve                   steps  trajectories  compute  exact_accuracy  accuracy
        steps                       1             1        1          40.0 %    98.0 %
        steps                      16             1       16          85.0 %    98.0 %
        trajectories, 16 steps     16             4       64          92.5 %    98.0 %
        /runs/example/evaluations/step-00000040-test-time-compute
      ✖ the engine died (SIGKILL); restart 1 from the last checkpoint
      ! leakage 2 of 1,000 test examples occur in train under the symmetries of sudoku
      a message
      ! warning a warning
      ✔ train     1.3 s

      Results
        split  step  examples  accuracy  exact_accuracy  lm_loss
        test     20       200    70.0 %          45.0 %      0.4
        test     40       200    90.0 %          90.0 %      0.4

        step 40, the best of 2 by exact_accuracy on validation (91.0 %): exact_accuracy 90.0 % on test

        run         /runs/example
        checkpoint  /runs/example/checkpoints/step-00000040
        report      /runs/example/report.html

      ✔ done in 1.6 s
      "
    `);
  });

  it('has no escape codes without a terminal or with NO_COLOR, has them with FORCE_COLOR', async () => {
    const options = { format: 'plain', interval: 1 } as const;
    expect(await output(options)).not.toContain('\u001b');
    expect(await output(options, { isTTY: true, env: { NO_COLOR: '1' } })).not.toContain('\u001b');
    expect(await output(options, { isTTY: true })).toContain('\u001b[');
    expect(await output(options, { env: { FORCE_COLOR: '1' } })).toContain('\u001b[');
  });

  it('repaints on a terminal, not in CI', async () => {
    const options = { format: 'auto', interval: 1 } as const;
    const eraseLine = '\u001b[2K';
    expect(await output(options, { isTTY: true })).toContain(eraseLine);
    expect(await output(options, { isTTY: true, env: { CI: 'true' } })).not.toContain(eraseLine);
  });

  it('says of a resumed run how long this session took, and all of them', () => {
    const view = new RunView((_style, text) => text);
    const [started] = exampleRun('/runs/example');
    view.lines({ ...started, timeMs: 60_004, earlierMs: 60_000 } as RunEvent);
    const lines = view.lines({ type: 'run-finished', timeMs: 65_000, status: 'done' });
    expect(lines.at(-1)).toBe('✔ done in 5.0 s, 1m 05s with the sessions before');
  });

  it.each([40, 80, 110, 200])('fits %i columns', async (columns) => {
    const env = { COLUMNS: String(columns) };
    const text = await output({ format: 'plain', interval: 0.5 }, { env });
    for (const line of text.split('\n')) {
      // A path is one word that nobody breaks.
      if (!/^ *\/runs\//.test(line)) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
    expect(text).toContain('exact_accuracy');
    const view = new RunView((_style, text) => text, () => columns); // prettier-ignore
    for (const event of exampleRun('/runs/example')) {
      view.lines(event);
      const live = view.liveLines();
      for (const line of live) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
  });

  it('shows how far an evaluation is, then how far the training', () => {
    const view = new RunView((_style, text) => text);
    const show = (type: RunEvent['type']) => {
      view.lines(exampleRun('/runs/example').find((event) => event.type === type)!);
      return view.progressLine();
    };
    view.lines({ type: 'stage-started', timeMs: 0, stage: 'evaluate' });
    const training = show('step-finished');
    expect(training).toContain('step 1/40');
    view.lines({ type: 'progress', timeMs: 0, stage: 'evaluate', label: 'test', done: 50, total: 200 }); // prettier-ignore
    expect(view.progressLine()).toBe('  evaluate  ━━━━━━──────────────────  25 %  50/200 test');
    expect(show('evaluation-finished')).toContain('step 1/40');
  });

  it('names the run whose training is reused, and shows nothing of its steps and plan as its own', () => {
    const view = new RunView((_style, text) => text);
    const madeBy = { run: '/runs/first', finishedAt: '2026-11-30T20:45:00' };
    const line = {
      type: 'stage-reused',
      timeMs: 0,
      stage: 'train',
      key: 'k',
      path: '/c',
      madeBy,
    } as const;
    expect(view.lines(line)).toEqual([
      '↺ train     reused from /runs/first, trained on 2026-11-30 20:45',
    ]);
    for (const event of exampleRun('/runs/example')) {
      if (event.type !== 'step-finished' && event.type !== 'training-planned') continue;
      expect(view.lines({ ...event, isReused: true })).toEqual([]);
    }
    expect(view.progressLine()).toBe(null);
    const evaluation = exampleRun('/runs/example').find(
      ({ type }) => type === 'evaluation-finished',
    );
    const [measured] = view.lines({ ...evaluation, isReused: true } as RunEvent);
    expect(measured).toMatch(/200 examples, measured before$/);
  });

  it('goes on counting after an engine died and steps come again', () => {
    const view = new RunView((_style, text) => text);
    const first = exampleRun('/runs/example').find(({ type }) => type === 'step-finished');
    for (const [step, timeMs] of [[20, 1000], [30, 2000], [11, 9000]] as const) view.lines({ ...first, step, timeMs } as RunEvent); // prettier-ignore
    expect(view.progressLine()).toMatch(/^step 11\/40 .* {2}40\.0 it\/s {2}ETA 725 ms$/);
  });

  it('shows a stage that has nothing to do as done', () => {
    const view = new RunView((_style, text) => text);
    view.lines({ type: 'progress', timeMs: 0, stage: 'augment', label: 'test', done: 0, total: 0 });
    expect(view.progressLine()).toBe('  augment   ━━━━━━━━━━━━━━━━━━━━━━━━ 100 %  0/0 test');
  });

  it('writes every event as a JSON line', async () => {
    const lines = (await output({ format: 'json', interval: 1 })).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(exampleRun('/runs/example'));
  });

  it('writes a loss of NaN as such, not as nothing', async () => {
    const step = exampleRun('').find((event) => event.type === 'step-finished')!;
    const events = [{ ...step, metrics: { lm_loss: NaN, norm: Infinity } }];
    const line = await output({ format: 'json', interval: 1 }, {}, events);
    expect(JSON.parse(line)).toMatchObject({ metrics: { lm_loss: 'NaN', norm: 'Infinity' } });
  });
});

describe('format', () => {
  it.each([
    [formatCount(5028866), '5,028,866'],
    [formatDuration(950), '950 ms'],
    [formatDuration(999.6), '1.0 s'],
    [formatDuration(59_960), '1m 00s'],
    [formatDuration(185_000), '3m 05s'],
    [formatDuration(2 * 3_600_000 + 9 * 60_000), '2h 09m'],
    [formatDuration(100 * 3_600_000), '4d 4h'],
    [formatDuration(Infinity), '?'],
    [formatBytes(1536), '1.5 KiB'],
    [formatBytes(24 * 2 ** 30), '24 GiB'],
    [formatFlops(3.7e13), '37 TFLOP'],
    [formatMetric('exact_accuracy', 0.98765), '98.8 %'],
    [formatMetric('ARC/pass@2', 1), '100.0 %'],
    [formatMetric('lm_loss', 0.00012345), '0.0001234'],
    [formatMetric('lm_loss', NaN), 'NaN'],
    [formatMetric('steps', 16), '16'],
    [formatMetric('lm_loss', 1200.4), '1200'],
    [formatMetric('lm_loss', 100.04), '100'],
    [formatMetric('lm_loss', 12.5), '12.5'],
    [formatMetric('lm_loss', 1.5e9 + 0.5), '1.5e+9'],
    [formatMetric('lm_loss', 1e9 + 0.5), '1e+9'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });

  it('draws a series of any length', () => {
    expect(sparkline([], 5)).toBe('');
    expect(sparkline([1, NaN, 1], 5)).toBe('▁▁');
    expect(sparkline([8, 7, 6, 5, 4, 3, 2, 1], 8)).toBe('█▇▆▅▄▃▂▁');
    expect(sparkline([0, 0, 7, 7], 2)).toBe('▁█');
  });
});
