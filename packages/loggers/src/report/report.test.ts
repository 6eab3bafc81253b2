import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';

import type { RunEvent } from '@eddy/core';
import type { EvaluationTrace } from '@eddy/core/report';
import { exampleRun, freshFolder, sharedFolder } from '@eddy/core/testing';
import { from, Subject } from 'rxjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { linearTicks, powerTicks, tickText } from './chart/ticks.ts';
import { html } from './html.ts';
import { writeReportOfRun } from './report-of-run.ts';
import { Series } from './series.ts';
import { createReportLogger } from './report-logger.ts';

const other = freshFolder();

const folder = sharedFolder();
let page: string;

const trace: EvaluationTrace = {
  format: 'eddy-trace/2',
  notScored: 0,
  step: 40,
  split: 'test',
  task: 'sudoku',
  rows: 4,
  cols: 4,
  examples: [
    {
      index: 7,
      solved: true,
      fixed: true,
      input: [2, 1, 4, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      label: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 2],
      steps: [
        { preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 2, 3], qHalt: -1.25 },
        { preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 2, 3], qHalt: -1 },
        { preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 2], qHalt: 2 },
      ],
    },
    {
      index: 8,
      solved: false,
      fixed: false,
      input: [2, 1, 4, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      label: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 2],
      steps: [
        {
          preds: [2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 3],
          qHalt: 0.5,
          probabilities: Array<number>(16).fill(875),
        },
      ],
    },
  ],
};

/** What a reader sees: without tags, spaces as they are drawn. */
function textOf(markup: string): string {
  const body = markup.slice(Math.max(0, markup.indexOf('<body')));
  const text = body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  return text.replaceAll(/\s+/g, ' ').trim();
}

beforeAll(async () => {
  const events = exampleRun(folder.path);
  const evaluation = events.findLast((event) => event.type === 'evaluation-finished')!;
  mkdirSync(evaluation.folder, { recursive: true });
  writeFileSync(join(evaluation.folder, 'trace.json'), JSON.stringify(trace));
  writeFileSync(join(folder.path, 'config.yml'), 'name: "</pre><script>"\n');
  await createReportLogger(folder.path, () => undefined).attach(from(events));
  page = readFileSync(join(folder.path, 'report.html'), 'utf8');
});

describe('report.html', () => {
  it('stands alone: no script, no address of another file', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)|\son\w+=|\sstyle=/i);
    expect(page).not.toMatch(/https?:/);
  });

  it('allows nothing but its own style sheet', () => {
    const sheet = /<style>([^]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash('sha256').update(sheet).digest('base64');
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page)![1]!;
    expect(policy.replaceAll('&#39;', "'")).toContain(
      `default-src 'none'; style-src 'sha256-${hash}'`,
    );
  });

  it('begins with the result, whose it is, and on which data that was chosen', () => {
    const text = textOf(page);
    expect(text).toContain(
      '90.0 % Puzzles solved of 200 examples of test Weights of step 40: the best of 2 by “Puzzles ' +
        'solved” on validation (91.0 %). The figures are of test, which had no part in the choice.',
    );
    expect(text).toContain('Model 27,138 parameters');
    expect(text).toContain('Trained on sudoku 4×4, 1,000 puzzles');
    expect(text).toContain('Training 40 steps, 5 epochs, batches of 64 25 ms a step');
    expect(text).toContain('Engine cpu float32, 12 MiB planned');
    expect(text).toContain('Test data in training data 2 of 1,000 test examples occur in train');
  });

  it('names commands that take the weights of its result', () => {
    const text = textOf(page);
    const name = basename(folder.path);
    for (const command of ['predict', 'evaluate', 'export']) {
      expect(text).toContain(`pipeline ${command} ${name} --which best`);
    }
  });

  it('explains the metrics, a row each', () => {
    expect(textOf(page)).toContain(
      'Answer loss lm_loss Cross-entropy of the predicted cells: how improbable the model finds ' +
        'the solution. 0.4 0.4',
    );
    expect(page).toContain('name: &#34;&#60;/pre&#62;&#60;script&#62;&#34;');
    expect(page).toContain('<li>a warning</li>');
  });

  it('says how long each stage worked, and what was in the cache', () => {
    const text = textOf(page);
    expect(text).toContain('build 1.2 s');
    expect(text).toContain('augment 0 ms taken from the cache (3fa4b2c1d0e9)');
    expect(text).toContain('train 1.3 s waited 160 ms for other stages');
  });

  it('draws the steps that changed something, with what is wrong', () => {
    const puzzles = page.slice(page.indexOf('id="puzzles"'));
    const captions = [...puzzles.matchAll(/<figcaption>([^]*?)<\/figcaption>/g)].map(([, text]) =>
      textOf(text!),
    );
    expect(captions).toEqual([
      'Puzzle',
      'Answer, step 1 1 wrong, 87.5 % sure, halt +0.5',
      'Right answer',
      'Puzzle',
      'Step 1 2 wrong, halt −1.3',
      'Answer, step 3 2 changed, 0 wrong, halt +2.0',
    ]);
    expect(puzzles).toContain('aria-label="Answer, step 3: 1 2 3 4, 3 4 1 2, 2 1 4 3, 4 3 2 1"');
    expect(puzzles.match(/<path class="cross"/g)).toHaveLength(3); // one of them in the legend
    expect(textOf(puzzles)).toMatch(
      /1 not solved, 1 solved.* Not solved Example 8 1 cell wrong .*Solved Example 7 solved/,
    );
  });

  it('comes with its curves as a picture', () => {
    const svg = readFileSync(join(folder.path, 'curves.svg'), 'utf8');
    expect(svg).toMatch(
      /^<svg\s+xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*Puzzles solved[^]*<\/svg>\s*$/,
    );
    expect(svg.match(/class="line k0/g)!.length).toBeGreaterThanOrEqual(3);
  });
});

describe('the report of a run', () => {
  const written = async (events: readonly RunEvent[]): Promise<string> => {
    await createReportLogger(other.path, () => undefined).attach(from(events));
    return readFileSync(join(other.path, 'report.html'), 'utf8');
  };
  const whole = () => exampleRun(other.path);

  it('without a monitor has the last evaluation, and says that it was not picked', async () => {
    const events = whole().filter(({ type }) => type !== 'monitor-updated');
    const text = 'Weights of step 40, the last checkpoint. None of the 2 evaluations was picked';
    expect(textOf(await written(events))).toContain(text);
    const onTrain = events.map((event) =>
      event.type === 'evaluation-finished' ? { ...event, split: 'train' } : event,
    );
    expect(textOf(await written(onTrain))).toContain(
      'the last checkpoint. The figures are for data that it was trained on.',
    );
  });

  it('that failed begins with the error and its fix', async () => {
    const error = {
      code: 'NON_FINITE',
      message: 'the loss is NaN',
      at: 'step 40',
      fix: 'lower it',
    };
    const text = textOf(
      await written([
        ...whole().slice(0, -1),
        { type: 'run-finished', timeMs: 1, status: 'failed', error },
      ]),
    );
    expect(text).toMatch(
      /example Failed the loss is NaN 40 of 40 steps are done. at step 40 fix lower it code NON_FINITE pipeline resume \S+ 90.0 %/,
    );
  });

  it('that was stopped or goes on says what to do', async () => {
    const stopped = [
      ...whole().slice(0, -1),
      { type: 'run-finished', timeMs: 1, status: 'stopped' } as const,
    ];
    expect(textOf(await written(stopped))).toMatch(/Stopped .*Resume it with: pipeline resume/);
    expect(textOf(await written(whole().slice(0, -1)))).toMatch(
      /Running .*updated after each evaluation/,
    );
  });

  it('with several trainings has the curves of each', async () => {
    const first = whole();
    const labelled = (label: string) => (event: RunEvent) =>
      ['training-started', 'training-planned', 'step-finished', 'evaluation-finished'].includes(
        event.type,
      )
        ? ({ ...event, stage: label, label } as RunEvent)
        : event;
    const events = [
      ...first.slice(0, -1).map(labelled('pretrain')),
      ...first.slice(1).map(labelled('finetune')),
    ];
    const text = await written(events);
    expect([...text.matchAll(/<h2>(Training \w+)<\/h2>/g)].map(([, title]) => title)).toEqual([
      'Training pretrain',
      'Training finetune',
    ]);
    const charts = text.slice(0, text.indexOf('id="compute-1"'));
    expect(charts.match(/<figure class="chart">/g)).toHaveLength(6);
    expect(charts.match(/<ul class="legend">/g)).toHaveLength(6);
  });

  it('of a reused training says whose it is, and does not count its time', async () => {
    const madeBy = { run: '/runs/first', finishedAt: '2026-11-30T20:45:00' };
    const reused = {
      type: 'stage-reused',
      timeMs: 1,
      stage: 'train',
      key: 'k',
      path: '/c',
      madeBy,
    } as const;
    const taken = whole().flatMap((event): RunEvent[] => {
      if (event.type === 'training-planned') return [reused, event];
      return [event.type === 'step-finished' ? { ...event, isReused: true } : event];
    });
    const text = textOf(await written(taken));
    expect(text).toContain(
      'Reused: train /runs/first trained on 2026-11-30 20:45, not by this run',
    );
    expect(text).toContain('reused from /runs/first, trained on 2026-11-30 20:45');
    expect(text).not.toMatch(/Time [^]*, steps [\d.]+ s/);
    expect(textOf(await written(whole()))).toMatch(/Time [^]* steps [\d.]+ /);
  });

  it('of 65,104 steps is smaller than 500 kB', async () => {
    const [started, ...rest] = whole();
    const step = rest.find((event) => event.type === 'step-finished')!;
    const steps = Array.from({ length: 65_104 }, (_, i): RunEvent => ({
      ...step,
      step: i + 1,
      totalSteps: 65_104,
      metrics: {
        count: 1,
        lm_loss: 2 / (1 + i / 999) + (i % 7) / 10,
        exact_accuracy: (i % 101) / 100,
        accuracy: i / 65_104,
      },
    }));
    const text = await written([started!, ...steps, ...rest.slice(-1)]);
    expect(text).toContain('65,104 steps');
    expect(Buffer.byteLength(text)).toBeLessThan(500_000);
  });

  it('is there after each evaluation, not only at the end', async () => {
    rmSync(join(other.path, 'report.html'), { force: true });
    const events = new Subject<RunEvent>();
    const done = createReportLogger(other.path, () => undefined).attach(events);
    for (const event of whole()) {
      events.next(event);
      if (event.type !== 'evaluation-finished') continue;
      await vi.waitFor(() =>
        expect(readFileSync(join(other.path, 'report.html'), 'utf8')).toContain(
          `${event.step} of 40 steps are done.`,
        ),
      );
    }
    events.complete();
    await done;
    expect(readdirSync(other.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('that cannot be written is a warning, once, and no end of the run', async () => {
    const warnings: string[] = [];
    const gone = join(other.path, 'gone');
    const logger = createReportLogger(gone, (_level, text) => warnings.push(text));
    await logger.attach(from(exampleRun(gone)));
    expect(warnings).toEqual([expect.stringMatching(/^the report could not be written: ENOENT/)]);
  });

  it('is made again from its journal, with what plugins say of metrics', async () => {
    const journalPath = join(other.path, 'old.jsonl');
    writeFileSync(
      journalPath,
      whole()
        .slice(0, -1)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );
    const output = join(other.path, 'again.html');
    const described = { accuracy: { label: 'Cells as they should be', explanation: 'A share.' } };
    const path = await writeReportOfRun({
      runFolder: other.path,
      journalPath,
      unfinished: 'interrupted',
      describe: () => Promise.resolve(described),
      output,
    });
    expect(path).toBe(output);
    const text = textOf(readFileSync(output, 'utf8'));
    expect(text).toMatch(/Interrupted .*it was killed/);
    expect(text).toContain('Cells as they should be accuracy A share.');
  });
});

it('rounds the numbers of axes', () => {
  expect(linearTicks(0, 416, 5)).toEqual([0, 100, 200, 300, 400, 500]);
  expect(linearTicks(0.05, 0.32, 4)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
  expect(linearTicks(2, 2, 2)).toEqual([1.5, 2, 2.5]);
  expect(powerTicks(1, 256, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  expect(powerTicks(3, 3, 8)).toEqual([2, 4]);
  expect([0, 0.25, 1500, 65_104, 2_500_000].map(tickText)).toEqual([
    '0',
    '0.25',
    '1.5k',
    '65.1k',
    '2.5M',
  ]);
});

it('averages over windows, and takes a step that was done again as it was done last', () => {
  const series = new Series();
  for (const [step, value] of [[1, 4], [2, 8], [3, 100], [2, 6], [3, NaN], [4, 2]] as const) series.add(step, value); // prettier-ignore
  expect(series.steps).toEqual([1, 2, 3, 4]);
  expect(series.smoothed(3)).toEqual([5, 5, 4, 2]);
});

describe('html', () => {
  it('escapes values, not HTML', () => {
    const inner = html`<b>${'<&"\''}</b>`;
    expect(html`<p>${inner}${[1, inner]}${null}</p>`.text).toBe(
      '<p><b>&#60;&#38;&#34;&#39;</b>1<b>&#60;&#38;&#34;&#39;</b></p>',
    );
  });
});
