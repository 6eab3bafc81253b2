/** The engines of this package, as tests get them. */
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Engine } from '@eddy/core';
import type { Precision } from '@eddy/tensor';

import { createEagerEngine } from '../eager/eager-engine.ts';
import { installEngine, type InstalledEngine } from '@eddy/installer';
import { followRank } from '../hosts/follow.ts';
import { LeadingRank } from '../hosts/lead.ts';
import { openOnRanks } from '../hosts/xla-hosts.ts';
import { createXlaEngine, type XlaEngineOptions } from '../pjrt/xla-engine.ts';
import { localGroups } from './local-ranks.ts';
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

/** `xla-cpu` on ranks of this process, which work together as those of a launcher do. */
export async function testHosts(
  count: number,
  options: Partial<XlaEngineOptions> = {},
): Promise<Engine> {
  const all: XlaEngineOptions = {
    name: 'xla-cpu',
    ...(await installedXlaCpu()),
    clientOptions: { cpu_device_count: BigInt(options.devices ?? 1) },
    cacheFolder: null,
    ...options,
  };
  const [first, ...others] = await localGroups(count);
  const following = others.map((group) => followRank(group, () => Promise.resolve(all)));
  const rank = LeadingRank.lead(first!);
  const engine = await openOnRanks(rank, all.name, null, all);
  const dispose = async () => {
    await engine.dispose();
    await rank.close(0);
    await Promise.all(following);
  };
  return new Proxy(engine, {
    get: (target, name) => {
      if (name === 'dispose') return dispose;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

export const TEST_ENGINES: Readonly<Record<string, (precision?: Precision) => Promise<Engine>>> = {
  'xla-cpu': (precision = 'float32') => testXlaEngine({ precision }),
  wasm: () => createEagerEngine({ backend: 'wasm' }),
  cpu: () => createEagerEngine({ backend: 'cpu' }),
};
