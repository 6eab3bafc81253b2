import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CUDA_PLUGIN_VARIABLE, findCudaPlugin } from './find-cuda.ts';
import * as gpu from './gpu.ts';
import { probeEngines } from './probe-engines.ts';
import { ENGINE_SOURCES } from './sources.ts';

let cacheFolder: string;
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), 'eddy-find-'));
  vi.stubEnv(CUDA_PLUGIN_VARIABLE, undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(cacheFolder, { recursive: true });
});

type CudaEngine = 'cuda12' | 'cuda13' | 'cuda13-compiler';

function installed(name: CudaEngine): void {
  const { version, library, packages } = ENGINE_SOURCES[name];
  const at = join(cacheFolder, 'engines', `${name}-${version}`);
  mkdirSync(join(at, dirname(library)), { recursive: true });
  writeFileSync(join(at, library), 'plugin');
  const manifest = {
    package: packages['linux-x64'][0].name,
    version,
    sha256: name,
    library,
    files: { [library]: 6 },
  };
  writeFileSync(join(at, 'installed.json'), JSON.stringify(manifest));
}

function withDriver(driverVersion: string, engine: 'cuda12' | 'cuda13'): void {
  vi.spyOn(gpu, 'findNvidiaGpu').mockReturnValue({ driverVersion, engine });
}

const found = async (options?: { compilerOnly: boolean }) =>
  (await findCudaPlugin(cacheFolder, options))?.pluginDigest;

it('takes the plugin that fits the driver, of those installed', async () => {
  installed('cuda13');
  installed('cuda12');
  withDriver('580.65.06', 'cuda13');
  expect(await found()).toBe('cuda13');
  withDriver('535.183.01', 'cuda12');
  expect(await found()).toBe('cuda12');
});

it('takes what there is, and only to plan the one that runs nothing', async () => {
  vi.spyOn(gpu, 'findNvidiaGpu').mockReturnValue(null);
  expect(await found()).toBeUndefined();
  installed('cuda13-compiler');
  expect(await found()).toBeUndefined();
  expect(await found({ compilerOnly: true })).toBe('cuda13-compiler');
  installed('cuda12');
  expect(await found({ compilerOnly: true })).toBe('cuda12');
});

it('a plugin that is too new for the driver does not count as available', async () => {
  const row = async () =>
    (await probeEngines({ cacheFolder })).find(({ name }) => name === 'xla-cuda');
  installed('cuda13');
  withDriver('535.183.01', 'cuda12');
  expect(await row()).toMatchObject({
    available: false,
    gap: 'its driver is too old for the plugin that is installed, jax-cuda13-pjrt 0.12.0.1',
    fix: 'pipeline engines install cuda12',
  });
  installed('cuda12');
  expect(await row()).toMatchObject({ available: true });
});
