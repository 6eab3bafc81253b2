/** The HTML report as people see it: wide, on a phone, dark, printed; by eye and by screen reader. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { RunEvent } from '@eddy/core';
import type { EvaluationTrace } from '@eddy/core/report';
import { exampleRun, sharedFolder } from '@eddy/core/testing';
import { writeReportOfRun } from '@eddy/loggers';
import { beforeAll, expect, it } from 'vitest';

import { checkAccessibility, describePage, noOverflow, screenshot } from './browser.ts';

const place = sharedFolder();

/** Two Sudokus, one of them with a wrong answer. */
const SOLUTION = [
  ...'123456789456789123789123456214365897365897214897214365531642978642978531978531642',
];
const label = SOLUTION.map((digit) => Number(digit) + 1);
const input = label.map((token, cell) => (cell % 3 === 0 ? token : 1));
const wrong = (...cells: number[]) =>
  label.map((token, cell) => (cells.includes(cell) ? (token === 2 ? 3 : token - 1) : token));
const steps = [wrong(1, 4, 7), wrong(1, 4), wrong(1)].map((preds, i) => ({ preds, qHalt: i - 1 }));
const trace: EvaluationTrace = {
  format: 'eddy-trace/2',
  notScored: 0,
  step: 40,
  split: 'test',
  task: 'sudoku',
  rows: 9,
  cols: 9,
  examples: [
    { index: 0, solved: false, fixed: true, input, label, steps },
    {
      index: 1,
      solved: true,
      fixed: true,
      input,
      label,
      steps: [...steps, { preds: label, qHalt: 3 }],
    },
  ],
};

const error = {
  code: 'NON_FINITE',
  message: 'the loss of step 40 is not finite',
  at: 'gradients/layers.0.mlp.weights',
  fix: 'lower train.optimizer.learningRate, or set train.nonFinite=rollback, and resume the run',
};
const ends: Record<string, Partial<RunEvent> | undefined> = {
  done: { status: 'done' },
  failed: { status: 'failed', error },
  running: undefined,
};

/** A name that leaves no room on a phone. */
const LONG = 'a-run-with-a-name-that-is-longer-than-a-phone-is-wide-and-has-no-space-in-it-at-all';

async function reportOf(end: string): Promise<string> {
  const folder = join(place.path, `${LONG}-${end}`);
  const events = exampleRun(folder).slice(0, -1);
  const evaluation = events.findLast((event) => event.type === 'evaluation-finished')!;
  mkdirSync(evaluation.folder, { recursive: true });
  writeFileSync(join(evaluation.folder, 'trace.json'), JSON.stringify(trace));
  writeFileSync(join(folder, 'config.yml'), `name: ${LONG}\n`);
  const last = ends[end];
  const all =
    last === undefined ? events : [...events, { type: 'run-finished', timeMs: 1e4, ...last }];
  const journalPath = join(folder, 'journal.jsonl');
  writeFileSync(journalPath, all.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const path = await writeReportOfRun({ runFolder: folder, journalPath, unfinished: 'running' });
  return pathToFileURL(path).href;
}

describePage('the report', (open) => {
  const pages: Record<string, string> = {};
  beforeAll(async () => {
    for (const end of Object.keys(ends)) pages[end] = await reportOf(end);
  });

  for (const end of Object.keys(ends)) {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [1280, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const) {
      it(`of a run that is ${end} is readable at ${width}, ${colorScheme}`, async () => {
        const page = await open({ viewport: { width, height: 800 }, colorScheme });
        await page.goto(pages[end]!);
        await noOverflow(page);
        await checkAccessibility(page);
        await screenshot(page, `report-${end}-${width}-${colorScheme}`);
      });
    }
  }

  it('answers in one screen: result, data, time, engine, curves, how to use it', async () => {
    const page = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(pages['done']!);
    for (const text of ['Puzzles solved of', 'Trained on', 'Time', 'Engine', 'pipeline predict']) {
      const box = await page.getByText(text).first().boundingBox();
      expect(box!.y + box!.height, text).toBeLessThanOrEqual(800);
    }
    for (const chart of await page.locator('.chart').all()) {
      const box = await chart.boundingBox();
      if (box!.y < 800) expect(box!.y + box!.height).toBeLessThanOrEqual(800);
    }
  });

  it('stacks its charts on a phone, each with a legend', async () => {
    const page = await open({ viewport: { width: 390, height: 800 } });
    await page.goto(pages['done']!);
    const boxes = await Promise.all(
      (await page.locator('.charts').first().locator('.chart').all()).map((chart) =>
        chart.boundingBox(),
      ),
    );
    expect(boxes).toHaveLength(3);
    expect(new Set(boxes.map((box) => box!.x)).size).toBe(1);
    for (const box of boxes) expect(box!.width).toBeGreaterThan(300);
    expect(await page.locator('.charts').first().locator('.legend').count()).toBe(3);
  });

  it('prints whole, light, with the configuration', async () => {
    const page = await open({ viewport: { width: 720, height: 1000 }, colorScheme: 'dark' });
    await page.goto(pages['done']!);
    await page.emulateMedia({ media: 'print' });
    await noOverflow(page);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    await screenshot(page, 'report-print');
    expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('shows where the keyboard is, and opens the configuration by it', async () => {
    const page = await open();
    await page.goto(pages['done']!);
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus-visible');
    expect(await focused.textContent()).toContain('config.yml');
    expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe(
      'solid',
    );
    await page.keyboard.press('Enter');
    expect(await page.locator('details').getAttribute('open')).not.toBeNull();
  });

  it('does not move while it loads', async () => {
    const page = await open();
    await page.addInitScript(() => {
      new PerformanceObserver((list) => {
        const shifts = list.getEntries() as unknown as { value: number }[];
        const total = shifts.reduce((sum, { value }) => sum + value, 0);
        document.documentElement.dataset['shift'] = String(total);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(pages['done']!);
    await page.waitForTimeout(200);
    expect(await page.evaluate(() => document.documentElement.dataset['shift'] ?? '0')).toBe('0');
  });
});
