/** The engines of this package, as tests get them. */
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Engine } from '@eddy/core';
import type { Precision } from '@eddy/tensor';

import { createEagerEngine } from '../eager/eager-engine.ts';
import { installEngine, type InstalledEngine } from '@eddy/installer';
import { createXlaEngine, type XlaEngineOptions } from '../pjrt/xla-engine.ts';
import type { HostedEngine } from '../process/hosted-engine.ts';

/** Where plugins are installed: the user's own cache, so that a test run doesn't download anew. */
export function testCacheFolder(): string {
  return process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');
}

/** The plugin of `xla-cpu`, downloaded if need be. */
export function installedXlaCpu(): Promise<InstalledEngine> {
  return installEngine('xla-cpu', {
    cacheFolder: testCacheFolder(),
    offline: process.env['EDDY_OFFLINE'] === '1',
    notify: (_level, text) => {
      console.log(text);
    },
  });
}

/** `xla-cpu` without a compile cache, unless one is given. */
export async function testXlaEngine(
  options: Partial<XlaEngineOptions> = {},
): Promise<HostedEngine> {
  const installed = await installedXlaCpu();
  const clientOptions = { cpu_device_count: 1n };
  return createXlaEngine({
    name: 'xla-cpu',
    ...installed,
    clientOptions,
    cacheFolder: null,
    ...options,
  });
}

export const TEST_ENGINES: Readonly<Record<string, (precision?: Precision) => Promise<Engine>>> = {
  'xla-cpu': (precision = 'float32') => testXlaEngine({ precision }),
  wasm: () => createEagerEngine({ backend: 'wasm' }),
  cpu: () => createEagerEngine({ backend: 'cpu' }),
};
