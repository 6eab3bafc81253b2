/**
 * Chromium for the tests of pages: finds it, starts one for a suite, and looks at what it shows.
 *
 * `describePage` skips its tests, with the reason, on a machine without Chromium.
 */
import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join, resolve } from 'node:path';

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';

/** Names under which distributions install Chromium or Chrome. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const MISSING =
  'no Chromium on this machine: `apt-get install chromium`, or name a program in EDDY_CHROMIUM';

/** The folder of screenshots; git ignores it. */
const ARTEFACTS = resolve(import.meta.dirname, '../../test-results/browser');

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * Returns the path of Chromium, or undefined where there is none.
 *
 * @throws when EDDY_CHROMIUM names no program
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['EDDY_CHROMIUM'] ?? '';
  if (named !== '') {
    if (!isProgram(named)) throw new Error(`EDDY_CHROMIUM names no program: ${named}`);
    return named;
  }
  const folders = ['/usr/bin', ...(env['PATH'] ?? '').split(delimiter)].filter(Boolean);
  return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Starts Chromium without a window. `args` are added to its command line. */
async function startChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(MISSING);
  // Chromium refuses its sandbox to root, which containers and CI run as.
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
}

export interface OpenPageOptions extends BrowserContextOptions {
  /** If true, errors in the page's console do not fail the test. */
  readonly allowErrors?: boolean;
  /** Status of an answer that the page is expected to get and to explain; the browser logs it as an error. */
  readonly allowStatus?: number;
}

/** Opens an empty page in a context of its own, which is closed after the test. */
export type OpenPage = (options?: OpenPageOptions) => Promise<Page>;

/**
 * Defines a suite with one Chromium. A test fails when one of its pages threw or wrote an error to
 * its console, a violation of the content security policy among them.
 */
export function describePage(
  name: string,
  define: (open: OpenPage) => void,
  args: readonly string[] = [],
): void {
  const isPresent = findChromium() !== undefined;
  if (!isPresent) console.warn(`SKIPPED ${name}: ${MISSING}`);
  describe(name, () => {
    let browser: Browser | undefined;
    let errors: string[] = [];

    beforeAll(async () => {
      if (isPresent) browser = await startChromium(args);
    });
    afterAll(async () => {
      await browser?.close();
    });
    beforeEach((context) => {
      if (!isPresent) context.skip(MISSING);
      errors = [];
    });
    afterEach(async () => {
      await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
      expect(errors, `errors in the page:\n${errors.join('\n')}`).toEqual([]);
    });

    define(async ({ allowErrors = false, allowStatus, ...options } = {}) => {
      const context = await browser!.newContext(options);
      const page = await context.newPage();
      if (!allowErrors) {
        page.on('pageerror', (error) => errors.push(String(error)));
        page.on('console', (message) => {
          const isExpected =
            allowStatus !== undefined &&
            message.text().includes(`with a status of ${allowStatus} `);
          if (message.type() === 'error' && !isExpected) errors.push(message.text());
        });
      }
      return page;
    });
  });
}

/** Keeps a picture of the whole page as `test-results/browser/NAME.png` and returns the file. */
export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const path = join(ARTEFACTS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact?: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly html: string }[];
  }[];
}

/** Expects that axe-core finds nothing serious or critical. `rules` are switched off, by their names. */
export async function checkAccessibility(page: Page, rules: readonly string[] = []): Promise<void> {
  // Playwright evaluates outside of the page's content security policy, as `addScriptTag` would not.
  await page.evaluate(readAxe());
  const { violations } = (await page.evaluate(
    `axe.run(document, { rules: ${JSON.stringify(Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])))} })`,
  )) as AxeResult;
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${help}\n  ${target.join(' ')}\n  ${html}`),
    );
  expect(serious, `findings of axe-core:\n${serious.join('\n')}`).toEqual([]);
}

/** Expects that nothing is wider than the window, except in a box that scrolls by itself. */
export async function noOverflow(page: Page): Promise<void> {
  const wider = await page.evaluate(widerThanWindow);
  expect(wider, `wider than the window:\n${wider.join('\n')}`).toEqual([]);
}

let axe: string | undefined;

function readAxe(): string {
  // The value of the script, axe itself, cannot be sent out of the page.
  axe ??= `${readFileSync(AXE, 'utf8')}\n;undefined`;
  return axe;
}

/** Runs in the page. */
function widerThanWindow(): string[] {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const isClipped = (element: Element | null): boolean =>
    element !== null &&
    element !== document.documentElement &&
    element !== document.body &&
    (getComputedStyle(element).overflowX !== 'visible' || isClipped(element.parentElement));
  const found = [...document.body.querySelectorAll('*')].filter(
    (element) =>
      element.getBoundingClientRect().right > width + 1 && !isClipped(element.parentElement),
  );
  const nameOf = (element: Element) =>
    `${element.tagName.toLowerCase()}${element.id && `#${element.id}`} ` +
    `${element.getAttribute('class') ?? ''} ${Math.round(element.getBoundingClientRect().right)} > ${width}`;
  return found.length > 0 ? found.slice(0, 5).map(nameOf) : [`the page: ${width}`];
}
