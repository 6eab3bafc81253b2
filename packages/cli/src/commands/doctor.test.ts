import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { cacheCheck, exitCodeOf } from './doctor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('shows that little space is left, and fails only where the cache cannot be used', async () => {
  const full = await cacheCheck(join(folder, 'cache'), { minFreeBytes: Infinity });
  expect(full).toMatchObject({ ok: false, fix: 'free disk space, or set EDDY_CACHE' });
  expect(exitCodeOf([full])).toBe(0);

  writeFileSync(join(folder, 'file'), '');
  const unusable = await cacheCheck(join(folder, 'file', 'cache'));
  expect(unusable).toMatchObject({ ok: false, found: expect.stringMatching(/ENOTDIR/) as string });
  expect(exitCodeOf([full, unusable])).toBe(1);
});
