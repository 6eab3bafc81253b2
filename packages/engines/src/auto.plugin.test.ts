import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import auto from './auto.plugin.ts';

let cacheFolder: string;
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), 'eddy-auto-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cacheFolder, { recursive: true });
});

async function create(options: object, offline: boolean) {
  const said: string[] = [];
  const engine = await auto.create(auto.config.parse(options), {
    cacheFolder,
    offline,
    notify: (level, text) => said.push(`${level}: ${text}`),
    signal: new AbortController().signal,
  });
  await engine.dispose();
  return { name: engine.info.name, said: said.filter((line) => line.includes('engine auto')) };
}

const FALLBACK =
  'warning: engine auto: using wasm, which is many times slower, because engine xla-cpu is not installed, and downloads are off; fix: install it where there is a network: `pipeline engines install xla-cpu`; or use an engine that needs none: `engine=wasm`';

it('falls back to wasm when offline, and says why and how to mend it in one line', async () => {
  expect(await create({}, true)).toEqual({ name: 'wasm', said: [FALLBACK] });
});

it('does not download when the setting forbids it', async () => {
  expect(await create({ install: false }, false)).toEqual({ name: 'wasm', said: [FALLBACK] });
});

it('falls back to wasm without Python', async () => {
  vi.stubEnv('PATH', cacheFolder);
  const { name, said } = await create({}, false);
  expect(name).toBe('wasm');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('pip was not found');
});
