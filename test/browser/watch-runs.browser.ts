/** The pages Runs and Run of `pipeline ui`, with runs that ended, failed and go on. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { acquireRunLock } from '@eddy/core/files';
import { startUi, type Ui } from '@eddy/ui';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MadeRun } from '../../packages/ui/src/testing/made-run.ts';
import { NO_SERVICES } from '../../packages/ui/src/testing/test-ui.ts';
import { checkAccessibility, describePage, noOverflow, screenshot } from './browser.ts';

let folder: string;
let ui: Ui;
let running: MadeRun;
let step = 120;
let releaseLock: () => void;

const configWith = (learningRate: number, seed: number) => ({
  config: { seed, train: { use: 'train', optimizer: { use: 'adamw', learningRate } } },
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-ui-'));
  const runs = join(folder, 'runs');
  mkdirSync(runs);
  new MadeRun(join(runs, 'sudoku-done'), { name: 'sudoku', ...configWith(0.002, 0) })
    .add({ type: 'stage-started', stage: 'build' })
    .add({ type: 'stage-reused', stage: 'build', key: '81ab355caa685d01', path: 'x' })
    .add(
      { type: 'stage-started', stage: 'train' },
      { type: 'training-started', step: 1, compileMs: 9 },
    )
    .steps(1, 400, { totalSteps: 400 })
    .add({ type: 'checkpoint-saved', step: 400, path: 'x', bytes: 2_786_966, durationMs: 30 })
    .evaluation(200, 0.91)
    .evaluation(400, 0.99)
    .add({ type: 'stage-finished', stage: 'train', durationMs: 28_000, busyMs: 20_000 })
    .add({ type: 'run-finished', status: 'done' });
  const failed = { code: 'STATE_NOT_FINITE', message: 'the loss of step 31 is not finite' };
  new MadeRun(join(runs, 'sudoku-failed'), { name: 'sudoku', ...configWith(0.1, 0) })
    .add({ type: 'stage-started', stage: 'train' })
    .steps(1, 31, { lossOf: (at) => (at < 31 ? 1 / at : NaN) })
    .add({ type: 'message', level: 'warning', text: 'the gradient grew tenfold' })
    .add({ type: 'run-finished', status: 'failed', error: failed });
  running = new MadeRun(join(runs, 'sudoku-running'), { name: 'sudoku', ...configWith(0.001, 1) })
    .add(
      { type: 'stage-started', stage: 'train' },
      { type: 'training-started', step: 1, compileMs: 9 },
    )
    .steps(1, step)
    .evaluation(100, 0.4);
  releaseLock = (await acquireRunLock(join(running.path, 'lock'))).release;
  ui = await startUi({
    folders: [runs],
    version: '0',
    services: { ...NO_SERVICES, pipelineCommand: ['false'] },
  });
});
afterAll(async () => {
  await ui.close();
  releaseLock();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the page and waits for its table. */
async function openRuns(page: Page): Promise<void> {
  await page.goto(ui.url);
  await page.getByRole('table', { name: 'Runs' }).waitFor();
}

async function openRun(page: Page, name: string): Promise<void> {
  await openRuns(page);
  await page.getByRole('link', { name }).click();
  await page.getByRole('heading', { name: 'sudoku', level: 1 }).waitFor();
  await page.getByRole('heading', { name: 'Curves' }).waitFor();
}

/** Milliseconds from `change` until the page shows a text. */
async function timeUntil(page: Page, text: string, change: () => void): Promise<number> {
  const before = performance.now();
  change();
  await page.getByText(text).first().waitFor({ timeout: 10_000 });
  return performance.now() - before;
}

const themes = ['light', 'dark'] as const;

describePage('Runs', (open) => {
  it.each(themes)('shows how each run stands and in what they differ: %s', async (colorScheme) => {
    const page = await open({ colorScheme, viewport: { width: 1280, height: 800 } });
    await openRuns(page);
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['learningRate', 'seed']),
    );
    const row = page.getByRole('row', { name: 'sudoku-done' });
    expect(await row.innerText()).toMatch(/done[^]*99\.0 %/);
    expect(await page.getByRole('row', { name: 'sudoku-failed' }).innerText()).toContain(
      'STATE_NOT_FINITE',
    );
    await checkAccessibility(page);
    await screenshot(page, `runs-${colorScheme}`);
  });

  it('fits a phone', async () => {
    const page = await open({ viewport: { width: 390, height: 800 } });
    await openRuns(page);
    await noOverflow(page);
    await checkAccessibility(page);
    await screenshot(page, 'runs-390');
  });

  it('is live within a second, without a shift of the layout', async () => {
    const page = await open();
    await openRuns(page);
    await page.getByText('live', { exact: true }).waitFor();
    await watchShifts(page);
    step += 7;
    const took = await timeUntil(page, `${step}`, () => void running.steps(step - 6, step));
    expect(took).toBeLessThan(1000);
    expect(await shifts(page)).toBeLessThan(0.001);
  });

  it('filters, sorts and selects with the keyboard alone', async () => {
    const page = await open();
    await openRuns(page);
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('learningrate=0.1');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    expect(page.url()).toContain('q=learningrate%3D0.1');
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: /^Result/ }).press('Enter');
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'Result' }).getAttribute('aria-sort'))
      .toBe('descending');
    const first = page.locator('tbody tr').first();
    await first.focus();
    expect(await first.innerText()).toContain('sudoku-done');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    expect(await page.getByRole('button', { name: 'Compare 2' }).isEnabled()).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'sudoku', level: 1 }).waitFor();
  });
});

describePage('Run', (open) => {
  const answers = {
    'sudoku-done': ['99.0 %', 'Done', 'Nothing', 'reused'],
    'sudoku-running': ['40.0 %', 'left', 'Nothing', 'Save a checkpoint'],
    'sudoku-failed': ['It failed', 'STATE_NOT_FINITE', 'pipeline resume', 'Resume'],
  } as const;
  for (const [name, texts] of Object.entries(answers)) {
    it.each(themes)(`answers at first sight: ${name}, %s`, async (colorScheme) => {
      const page = await open({ colorScheme, viewport: { width: 1280, height: 900 } });
      await openRun(page, name);
      await page.waitForTimeout(500);
      const text = await page.locator('main').innerText();
      for (const wanted of texts) expect(text).toContain(wanted);
      await checkAccessibility(page);
      await screenshot(page, `run-${name}-${colorScheme}`);
    });

    it(`fits a phone: ${name}`, async () => {
      const page = await open({ viewport: { width: 390, height: 800 } });
      await openRun(page, name);
      await noOverflow(page);
      await screenshot(page, `run-${name}-390`);
    });
  }

  it('is live within a second, without a shift of the layout', async () => {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    await openRun(page, 'sudoku-running');
    await page.waitForTimeout(800);
    await watchShifts(page);
    step += 9;
    const took = await timeUntil(page, `Step ${step} of`, () => void running.steps(step - 8, step));
    expect(took).toBeLessThan(1000);
    expect(await shifts(page)).toBeLessThan(0.001);
    const title = page.getByRole('figure', { name: 'Answer loss' });
    await expect.poll(() => title.innerText()).toContain(`step ${step}`);
  });

  it('reads and zooms a chart with the keyboard', async () => {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    await openRun(page, 'sudoku-done');
    const chart = page.getByRole('application', { name: /^Answer loss/ });
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    const spoken = page.getByRole('figure', { name: 'Answer loss' }).locator('[aria-live]');
    await expect.poll(() => spoken.innerText()).toMatch(/^step 399: train 0\.00/);
    await page.keyboard.press('+');
    await page.getByRole('button', { name: 'Show all steps' }).waitFor();
    await chart.focus();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('button', { name: 'Show all steps' }).count()).toBe(0);
  });

  it('zooms by a drag and fetches the part', async () => {
    const page = await open({ viewport: { width: 1280, height: 900 } });
    await openRun(page, 'sudoku-done');
    await page.waitForTimeout(500);
    const over = page.locator('.u-over').first();
    const box = (await over.boundingBox())!;
    const asked = page.waitForRequest((request) => request.url().includes('from='));
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 });
    await page.mouse.up();
    const { searchParams } = new URL((await asked).url());
    expect(Number(searchParams.get('from'))).toBeGreaterThan(80);
    expect(Number(searchParams.get('to'))).toBeLessThan(220);
  });

  it('asks before it acts, and acts on the process that holds the lock', async () => {
    const page = await open();
    await openRun(page, 'sudoku-running');
    await page.getByRole('button', { name: 'Save a checkpoint' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save a checkpoint now?' });
    await dialog.waitFor();
    const told = new Promise((resolve) => process.once('SIGUSR1', resolve));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await told;
    await page.getByText('Checkpoint requested').first().waitFor();
  });

  it('shows the configuration, which can be filtered', async () => {
    const page = await open();
    await openRun(page, 'sudoku-done');
    await page.getByRole('link', { name: 'Configuration' }).click();
    await page.getByRole('searchbox').fill('learning');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    expect(await page.getByRole('row').last().innerText()).toMatch(/learningRate\s+0\.002/);
    await checkAccessibility(page);
  });
});

describePage('The token', (open) => {
  it('is asked for without the address, and leaves the address at once', async () => {
    const page = await open({ allowErrors: true });
    await page.goto(ui.url.split('#')[0]!);
    await page.getByText('needs the address').waitFor();
    await page.goto('about:blank');
    await openRuns(page);
    expect(page.url()).not.toContain(ui.token);
    const second = await page.context().newPage();
    await second.goto(ui.url.split('#')[0]!);
    await second.getByRole('table', { name: 'Runs' }).waitFor();
    await page.reload();
    await page.getByRole('table', { name: 'Runs' }).waitFor();
  });
});

/** Begins to count unexpected movements of what is shown. */
async function watchShifts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const counted = globalThis as unknown as { shifts: number };
    counted.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        counted.shifts += (entry as PerformanceEntry & { value: number }).value;
      }
    }).observe({ type: 'layout-shift' });
  });
}

function shifts(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
}
