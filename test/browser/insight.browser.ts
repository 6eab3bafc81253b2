/** Reasoning, Compare, Sweep and Data: with a pointer, with keys, live, in light, dark and on a phone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeDataset } from '@eddy/core/data';
import { acquireRunLock } from '@eddy/core/files';
import { startUi, type Ui } from '@eddy/ui';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MadeRun } from '../../packages/ui/src/testing/made-run.ts';
import { NO_SERVICES } from '../../packages/ui/src/testing/test-ui.ts';
import { checkAccessibility, describePage, noOverflow, screenshot } from './browser.ts';

const PUZZLE = '1..4..1.2..1.3..';
const SOLUTION = '1324421324311342';
const tokens = (text: string) => [...text].map((c) => (c === '.' ? 1 : Number(c) + 1));

let folder: string;
let ui: Ui;
let running: MadeRun;
let releaseLock: () => void;

/** Writes the files of an evaluation and tells of it; puzzles in `failed` end with a wrong cell. */
function evaluate(run: MadeRun, step: number, failed: readonly number[]): void {
  const path = join(run.path, 'evaluations', `step-${String(step).padStart(8, '0')}`);
  mkdirSync(path, { recursive: true });
  const wrong = `${SOLUTION.slice(0, -1)}4`;
  const examples = [...failed, ...[0, 1, 2, 3].filter((index) => !failed.includes(index))].map(
    (index) => ({
      ...{ index, solved: !failed.includes(index), fixed: index === 0 },
      ...{ input: tokens(PUZZLE), label: tokens(SOLUTION) },
      steps: [wrong, failed.includes(index) ? wrong : SOLUTION].map((text, i) => ({
        preds: tokens(text),
        probabilities: tokens(text).map((_, cell) => (cell === 15 ? 550 : 999)),
        qHalt: 3 * i - 1,
      })),
    }),
  );
  const grid = { task: 'sudoku', rows: 4, cols: 4, notScored: 0 };
  const write = (name: string, value: object) =>
    writeFileSync(join(path, name), JSON.stringify(value));
  write('trace.json', { format: 'eddy-trace/2', step, split: 'test', ...grid, examples });
  const bits = [0, 1, 2, 3].reduce((sum, i) => sum | (failed.includes(i) ? 0 : 1 << i), 0);
  write('outcomes.json', {
    ...{ format: 'eddy-outcomes/1', step, split: 'test', examples: 4, recorded: 4 },
    ...{ solved: 4 - failed.length, puzzles: 'sha256:a' },
    bits: Buffer.of(bits).toString('base64'),
  });
  write('metrics.json', { step, split: 'test', examples: 4, metrics: {}, durationMs: 1 });
  run.evaluation(step, 1 - failed.length / 4);
}

async function dataset(): Promise<string> {
  const stored = await writeDataset(join(folder, 'dataset'), {
    metadata: {
      ...{ vocabSize: 6, seqLen: 16, grid: { rows: 4, cols: 4 }, task: 'sudoku' },
      ...{ padId: 0, ignoreLabelId: 0, blankIdentifierId: 0 },
    },
    splits: ['train', 'test'],
    async *groups(split) {
      for (let group = 0; group < (split === 'train' ? 30 : 4); group++) {
        const example = {
          input: Uint8Array.from(tokens(PUZZLE)),
          label: Uint8Array.from(tokens(SOLUTION)),
        };
        yield { puzzles: [{ identifier: 0, examples: [{ ...example, rating: group }] }] };
      }
    },
    identifiers: () => ['<blank>'],
  });
  return stored.folder;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-insight-'));
  const data = { build: { key: 'k'.repeat(32), path: await dataset() } };
  const option = (learningRate: number) => ({
    config: { train: { use: 'train', optimizer: { learningRate } } },
    data,
  });
  const make = (path: string, learningRate: number) => new MadeRun(path, option(learningRate));
  mkdirSync(join(folder, 'runs'));
  const done = make(join(folder, 'runs', 'done'), 0.1).steps(1, 60);
  evaluate(done, 30, [1, 2, 0]);
  evaluate(done, 60, [2]);
  done.add({ type: 'run-finished', status: 'done' });
  running = make(join(folder, 'runs', 'running'), 0.2).steps(1, 40, {
    lossOf: (step) => (step < 9 ? 1 / step : 2 / step),
  });
  evaluate(running, 40, [3]);
  releaseLock = (await acquireRunLock(join(running.path, 'lock'))).release;
  const sweep = join(folder, 'runs', 'sweep');
  const trials = ['000', '001', '002', '003'].map((id, i) => ({
    ...{ id, overrides: [] },
    values: { 'train.optimizer.learningRate': i < 2 ? '0.1' : '0.001', seed: String(i % 2) },
  }));
  for (const [i, { id }] of trials.entries()) {
    const trial = make(join(sweep, 'trials', id), 0.1);
    if (i < 3) trial.steps(1, 10).evaluation(10, 0.5 + i / 10);
    // One that waits has a folder and no journal.
    else rmSync(trial.journalPath);
  }
  writeFileSync(
    join(sweep, 'sweep.json'),
    JSON.stringify({
      ...{ format: 'eddy-sweep/1', name: 'rates', startedAt: '2026-11-30T12:00:00.000Z' },
      ...{ trialsHash: 'h', objective: { mode: 'max' }, trials },
    }),
  );
  const ends = trials
    .slice(0, 3)
    .map(({ id }) => ({ type: 'trial-ended', trial: id, at: '2026-11-30T12:01:00.000Z' }));
  writeFileSync(
    join(sweep, 'journal.jsonl'),
    ends.map((end) => `${JSON.stringify({ ...end, status: 'done' })}\n`).join(''),
  );
  const versions = (text: string) => ({ input: tokens(text), label: tokens(SOLUTION) });
  ui = await startUi({
    folders: [join(folder, 'runs')],
    version: '0',
    services: {
      ...NO_SERVICES,
      versions: async () => ({
        total: 5,
        versions: [
          { version: 0, ...versions(PUZZLE) },
          { version: 1, ...versions('4..1..4.2..4.3..') },
        ],
      }),
    },
  });
});
afterAll(async () => {
  await ui.close();
  releaseLock();
  rmSync(folder, { recursive: true, force: true });
});

interface Rows {
  readonly rows: readonly { readonly id: string; readonly folder: string }[];
  readonly sweeps: readonly { readonly id: string }[];
}

/** Opens an address in which `{name}` stands for the id of a run, `{sweep}` for that of the sweep. */
async function go(page: Page, address: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${ui.port}/api/runs`, {
    headers: { authorization: `Bearer ${ui.token}` },
  });
  const { rows, sweeps } = (await response.json()) as Rows;
  const idOf = (name: string) =>
    name === 'sweep' ? sweeps[0]!.id : rows.find((row) => row.folder.endsWith(name))!.id;
  await page.goto(ui.url);
  await page.getByRole('table', { name: 'Runs' }).waitFor();
  const path = address.replace(/\{(\w+)\}/g, (_, name: string) => idOf(name));
  await page.evaluate((hash) => void (location.hash = hash), path);
}

const PAGES = [
  { name: 'reasoning', address: '#/run/{done}/reasoning', ready: 'Puzzle 2' },
  { name: 'compare', address: '#/compare?ids={done},{running}', ready: 'What differs' },
  { name: 'sweep', address: '#/sweep/{sweep}', ready: 'Trials' },
  { name: 'data', address: '#/run/{done}/data', ready: 'Examples' },
] as const;
const LOOKS = [
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 860 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 860 } }],
  ['narrow', { colorScheme: 'light', viewport: { width: 390, height: 800 } }],
] as const;

describePage('pages that explain', (open) => {
  for (const { name, address, ready } of PAGES) {
    it.each(LOOKS)(`${name} can be read: %s`, async (look, options) => {
      const page = await open(options);
      await go(page, address);
      await page.getByRole('heading', { name: ready }).first().waitFor();
      await page.waitForTimeout(1000); // charts draw after their data came
      await screenshot(page, `${name}-${look}`);
      await noOverflow(page);
      await checkAccessibility(page);
    });
  }

  it('Reasoning shows failures first, filters them, and follows a run', async () => {
    const page = await open();
    await go(page, '#/run/{running}/reasoning');
    const list = page.getByRole('list', { name: 'Traced puzzles, failures first' });
    await list.waitFor();
    const puzzles = () => list.getByRole('button').allTextContents();
    expect((await puzzles())[0]).toContain('Puzzle 31 wrong cell, and sure that it is right');
    await page.getByRole('button', { name: 'solved', exact: true }).click();
    expect(await puzzles()).toHaveLength(3);
    await page.getByRole('button', { name: 'all', exact: true }).click();
    // The next evaluation appears by itself.
    const written = performance.now();
    evaluate(running, 80, [0, 1]);
    await list.getByText('Puzzle 1', { exact: true }).waitFor();
    await page.getByText('2 of 4 puzzles solved').waitFor({ timeout: 5000 });
    expect(performance.now() - written).toBeLessThan(5000);
    await list.getByRole('button', { name: 'Puzzle 0' }).click();
    const rows = page.getByRole('region', { name: 'Answers by evaluation' }).getByRole('rowheader');
    await rows.first().waitFor();
    expect(await rows.allTextContents()).toEqual(['40solved', '80failed']);
  });

  it('Compare says where two runs part, and which puzzles one of them solves', async () => {
    const page = await open();
    await go(page, '#/compare?ids={done},{running}');
    const row = page.getByRole('row', { name: /learningRate/ });
    await row.waitFor();
    expect(await row.getByRole('cell').allTextContents()).toEqual(['0.1', '0.2']);
    await page.getByText('first differ at step 9, in Answer loss').waitFor();
    await page.getByRole('button', { name: 'Puzzle 2' }).click();
    await page.getByRole('slider', { name: 'Puzzle 2 of run 1: supervision step' }).waitFor();
  });

  it('Sweep has a row an arm, the best first, and its trials', async () => {
    const page = await open();
    await go(page, '#/sweep/{sweep}');
    const arms = page.getByRole('region', { name: 'Arms' }).getByRole('row');
    await arms.nth(2).waitFor();
    expect(await arms.nth(1).textContent()).toContain('70.0 %');
    // The 95 % t-interval of 0.5 and 0.6: 12.706 · 0.0707 / √2.
    expect(await arms.nth(2).textContent()).toContain('55.0 % ± 63.5 %');
    const trials = page.getByRole('table', { name: 'Trials' });
    expect(await trials.getByText('waiting').count()).toBe(1);
  });

  it('Data pages through a split and shows versions of an example', async () => {
    const page = await open();
    await go(page, '#/run/{done}/data');
    await page.getByText('0 to 11 of 30').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('12 to 23 of 30').waitFor();
    await page.getByRole('spinbutton', { name: 'Go to example' }).fill('29');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '29' }).waitFor();
    await page.getByText('rating 29, group 29').waitFor();
    await page.getByRole('button', { name: 'test' }).click();
    await page.getByText('0 to 3 of 4').waitFor();
  });
});
