import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CUDA_PLUGIN_VARIABLE } from '@eddy/installer';
import { xlaCudaConfig, xlaCudaOptions } from './xla-cuda-options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-cuda-'));
  const plugin = join(folder, 'xla_cuda_plugin.so');
  writeFileSync(plugin, '');
  vi.stubEnv(CUDA_PLUGIN_VARIABLE, plugin);
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function visible(config: object): Promise<string | undefined> {
  const { environment } = await xlaCudaOptions(xlaCudaConfig.parse(config), {
    cacheFolder: folder,
  });
  return environment?.['CUDA_VISIBLE_DEVICES'];
}

it('leaves GPUs alone that it is not to use', async () => {
  expect(await visible({})).toBe('0');
  expect(await visible({ devices: 3 })).toBe('0,1,2');
  expect(await visible({ devices: 'all' })).toBeUndefined();
});

it('takes the first of those that the user or a batch system has named', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '5,GPU-8932f937,2');
  expect(await visible({})).toBe('5');
  expect(await visible({ devices: 2 })).toBe('5,GPU-8932f937');
  expect(await visible({ devices: 4 })).toBe('5,GPU-8932f937,2');
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
  expect(await visible({})).toBe('');
});
