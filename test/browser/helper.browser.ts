/** The checks of pages find what they look for. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import {
  checkAccessibility,
  describePage,
  findChromium,
  noOverflow,
  screenshot,
} from './browser.ts';

const pageOf = (body: string) =>
  `<!doctype html><html lang="en"><head><title>A page</title></head><body><main><h1>A page</h1>${body}</main></body></html>`;

describe('findChromium', () => {
  it('takes the program of EDDY_CHROMIUM and refuses what is none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eddy-chromium-'));
    try {
      const file = join(folder, 'my-chromium');
      writeFileSync(file, '#!/bin/sh\n');
      expect(() => findChromium({ EDDY_CHROMIUM: file })).toThrow('names no program');
      chmodSync(file, 0o755);
      expect(findChromium({ EDDY_CHROMIUM: file })).toBe(file);
      expect(() => findChromium({ EDDY_CHROMIUM: folder })).toThrow('names no program');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describePage('the checks of pages', (open) => {
  it('accept a plain page and keep a picture of it', async () => {
    const page = await open({ viewport: { width: 390, height: 800 } });
    await page.setContent(pageOf('<p>Some text.</p>'));
    await checkAccessibility(page);
    await noOverflow(page);
    const file = await screenshot(page, 'helper-plain');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
  });

  it('find a picture without a description and text that cannot be read', async () => {
    const page = await open();
    await page.setContent(
      pageOf('<img src="data:,"><p style="color: #bbb; background: #fff">Pale text.</p>'),
    );
    await expect(checkAccessibility(page)).rejects.toThrow(/color-contrast[^]*image-alt/);
    await expect(checkAccessibility(page, ['image-alt', 'color-contrast'])).resolves.toBe(
      undefined,
    );
  });

  it('find what is wider than a phone, and not what scrolls in a box of its own', async () => {
    const page = await open({ viewport: { width: 390, height: 800 } });
    const wide = '<div class="wide" style="width: 600px; height: 1px"></div>';
    await page.setContent(pageOf(`<div style="overflow-x: auto">${wide}</div>`));
    await noOverflow(page);
    await page.setContent(pageOf(wide));
    await expect(noOverflow(page)).rejects.toThrow(/div wide 6\d\d > 390/);
  });

  it('leave a page that writes an error to its console alone where that is asked for', async () => {
    const page = await open({ allowErrors: true });
    await page.setContent(pageOf('<script>console.error("as wanted")</script>'));
  });
});
