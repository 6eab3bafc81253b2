/** Every page of `pipeline ui`, with runs in each state: how it looks, live, by keyboard, to a screen reader. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { checkAccessibility, describePage, noOverflow, screenshot } from './browser.ts';
import { appendStep, makeRun, makeRuns, RUNS } from './example-runs.ts';
import { send, startUiProcess, type UiProcess } from './ui-process.ts';

const folder = sharedFolder();
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let ui: UiProcess;
let running: ChildProcess;
/** Name → id of the runs and of the sweep. */
const ids = new Map<string, string>();

beforeAll(async () => {
  running = await makeRuns(folder.path);
  ui = await startUiProcess(folder.path);
  const headers = { host: `127.0.0.1:${ui.port}`, authorization: `Bearer ${ui.token}` };
  const { rows, sweeps } = JSON.parse((await send(ui, '/api/runs', headers)).body) as Record<
    'rows' | 'sweeps',
    { id: string; name: string }[]
  >;
  for (const { id, name } of [...rows, ...sweeps]) ids.set(name, id);
});
afterAll(async () => {
  running.kill('SIGKILL');
  await ui.stop();
});

/** Patterns of the pages that there are: a new page is looked at without a word here. */
const PATTERNS = readdirSync(resolve(import.meta.dirname, '../../packages/ui/src/page/pages'))
  .filter((name) => name.endsWith('.tsx'))
  .flatMap((name) => {
    const text = readFileSync(
      resolve(import.meta.dirname, '../../packages/ui/src/page/pages', name),
      'utf8',
    );
    return [...text.matchAll(/^ {2}path: '([^']+)'/gm)].map(([, path]) => path!);
  })
  .sort();

/** What is shown → its address, known once the server runs. */
const SHOWN = PATTERNS.flatMap((pattern): [string, () => string][] => {
  const name = pattern
    .replace(/\/:\w+/g, '')
    .replace(/^\//, '')
    .replaceAll('/', '-');
  if (pattern.startsWith('/run/:id')) {
    return RUNS.map((run) => [`${name}-${run}`, () => pattern.replace(':id', ids.get(run)!)]);
  }
  if (pattern === '/compare') {
    return [
      [name, () => `/compare?ids=${['finished', 'failed'].map((run) => ids.get(run)).join(',')}`],
    ];
  }
  return [[name, () => pattern.replace(':id', ids.get('sweep')!)]];
});

/** Opens an address of the page and waits until it is there. */
async function show(page: Page, address: string): Promise<void> {
  if (!page.url().startsWith('http')) {
    await page.goto(ui.url);
    // The token does not stay in the address.
    await page.waitForFunction(() => !location.hash.includes('token'));
  }
  await page.evaluate((to) => {
    location.hash = to;
  }, address);
  await page.locator('main h1').first().waitFor();
  await page.locator('.connection-live').waitFor();
  await page.waitForTimeout(400); // curves are fetched after the page, and drawn
}

describePage('pages of pipeline ui', (open) => {
  const looks = [
    ['light', { viewport: WIDE, colorScheme: 'light' }],
    ['dark', { viewport: WIDE, colorScheme: 'dark' }],
    ['phone', { viewport: PHONE, colorScheme: 'light' }],
  ] as const;

  for (const [look, options] of looks) {
    it.each(SHOWN)(
      `%s, ${look}: nothing overflows, axe-core finds nothing serious`,
      async (name, address) => {
        // These runs have no weights to try, which the page says in words.
        const page = await open({
          ...options,
          ...(name.startsWith('run-try') && { allowStatus: 422 }),
        });
        const foreign: string[] = [];
        page.on('request', (request) => {
          if (
            !request.url().startsWith(`http://127.0.0.1:${ui.port}/`) &&
            !request.url().startsWith('data:')
          ) {
            foreign.push(request.url());
          }
        });
        await show(page, address());
        await screenshot(page, `${name}-${look}`);
        await noOverflow(page);
        await checkAccessibility(page);
        expect(foreign).toEqual([]);
      },
    );
  }

  it('shows each run with its state, newest first, and what went wrong', async () => {
    const page = await open({ viewport: WIDE });
    await show(page, '/runs');
    const rows = await page.locator('main [role=row], main tbody tr').allInnerTexts();
    const states = rows.flatMap((row) => {
      const name = RUNS.find((run) => row.includes(run));
      return name === undefined || row.includes('sweep') ? [] : [name];
    });
    expect([...new Set(states)]).toEqual(['running', 'finished', 'failed', 'interrupted']);
    await show(page, `/run/${ids.get('failed')!}`);
    await expect
      .poll(() => page.locator('main').innerText())
      .toContain('the loss of step 31 is not finite');
  });

  it('shows a step within a second of its line in the journal', async () => {
    const page = await open({ viewport: WIDE });
    await show(page, `/run/${ids.get('running')!}`);
    const times: number[] = [];
    for (let step = 31; step < 41; step++) {
      // Not in the same place of the server's rhythm each time.
      await page.waitForTimeout(137 * (step % 5));
      const start = performance.now();
      appendStep(join(folder.path, 'running'), step, 40, 1 / step);
      await page.waitForFunction(
        (text) => document.querySelector('main')!.textContent!.replace(/\s/g, '').includes(text),
        `Step${step}of40`,
        { polling: 20 },
      );
      times.push(performance.now() - start);
    }
    const sorted = times.toSorted((a, b) => a - b).map(Math.round);
    console.log(`from the journal to the page: ${sorted.join(', ')} ms`);
    expect(sorted[5]!).toBeLessThan(1000);
  });

  it('lists a run that begins, and notices that one ends, by itself', async () => {
    const page = await open({ viewport: WIDE });
    await show(page, '/runs');
    makeRun(join(folder.path, 'late'), { name: 'late-run', startedAt: '2026-11-30T13:00:00.000Z' });
    await expect
      .poll(() => page.locator('main').innerText(), { timeout: 5000 })
      .toContain('late-run');
    running.kill('SIGKILL');
    const row = page.locator('main tbody tr', { hasText: 'running' }).first();
    await expect
      .poll(
        async () =>
          (await page.locator('main tbody tr').allInnerTexts()).filter((text) =>
            /\brunning\b[^]*\brunning\b/.test(text),
          ).length,
        { timeout: 5000 },
      )
      .toBe(0);
    expect(await row.count()).toBe(1);
  });

  it('is used by keyboard alone, and always shows where the focus is', async () => {
    const page = await open({ viewport: WIDE });
    await show(page, '/runs');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ text: 'Skip to content', isVisible: true });
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    // Between rows it is the arrow keys that lead.
    await tabTo(page, (_text, tag) => tag === 'TR');
    for (let i = 0; i < 12 && !(await focused(page)).text.startsWith('finished'); i++) {
      await page.keyboard.press('ArrowDown');
      expect((await focused(page)).isVisible).toBe(true);
    }
    await page.keyboard.press('Enter');
    await page.waitForFunction((id) => location.hash.includes(`/run/${id}`), ids.get('finished')!);
    await page.locator('main h1', { hasText: 'finished' }).waitFor();
    await tabTo(page, (text) => text === 'Configuration');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash.endsWith('/config'));
    await page.goBack();
    await page.waitForFunction(() => !location.hash.endsWith('/config'));
  });

  it('says what to do when the server is gone, and goes on when it is back', async () => {
    const second = await startUiProcess(folder.path);
    const page = await open({ viewport: WIDE, allowErrors: true });
    await page.goto(second.url);
    await page.locator('.connection-live').waitFor();
    await second.stop();
    await page.locator('.connection-lost').waitFor({ timeout: 5000 });
    await screenshot(page, 'runs-no-connection');
  });

  it('shows nothing to whoever has no token', async () => {
    const page = await open({ viewport: WIDE, allowErrors: true });
    await page.goto(`http://127.0.0.1:${ui.port}/`);
    await expect.poll(() => page.locator('body').innerText()).toContain('pipeline ui');
    const text = await page.locator('body').innerText();
    for (const name of RUNS) expect(text).not.toContain(name);
    await screenshot(page, 'no-token');
  });
});

interface Focused {
  readonly text: string;
  readonly tag: string;
  /** If true, something about the element shows that it has the focus. */
  readonly isVisible: boolean;
}

/** Runs in the page: the element that has the focus, by its label or text. */
function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const isMarked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return {
      text: (element.getAttribute('aria-label') ?? element.innerText ?? '').trim(),
      tag: element.tagName,
      isVisible: isMarked && box.width > 0 && box.height > 0,
    };
  });
}

/** Presses Tab until the focus is on what is looked for; each place on the way must show it. */
async function tabTo(page: Page, isIt: (text: string, tag: string) => boolean): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const { text, tag, isVisible } = await focused(page);
    seen.push(text);
    expect({ text, isVisible }).toEqual({ text, isVisible: true });
    if (isIt(text, tag)) return;
  }
  throw new Error(`Tab does not lead there, but to ${seen.join(' | ')}`);
}
