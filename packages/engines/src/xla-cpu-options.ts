import type { Services } from '@eddy/core';
import { z } from 'zod';

import { installEngine } from './install/install-engine.ts';
import type { XlaEngineOptions } from './pjrt/xla-engine.ts';
import { xlaOptions } from './xla-options.ts';

export const xlaCpuConfig = z.strictObject({
  ...xlaOptions,
  threads: z
    .int()
    .min(1)
    .optional()
    .describe('threads of the engine; by default one a core, and no fewer than its devices'),
  products: z
    .enum(['auto', 'onednn', 'compiler'])
    .default('auto')
    .describe(
      'what multiplies bfloat16 matrices; onednn is faster and compiles anew at each start; auto takes it where an x86-64 processor has bfloat16 products',
    ),
});

export type XlaCpuConfig = z.output<typeof xlaCpuConfig>;

/** What the engine needs on this host, the plugin installed. */
export async function xlaCpuOptions(
  options: XlaCpuConfig,
  services: Pick<Services, 'cacheFolder' | 'offline' | 'notify'>,
): Promise<XlaEngineOptions> {
  const { hangTimeoutSeconds, threads, xlaFlags, precision, products, devices } = options;
  const installed = await installEngine('xla-cpu', services);
  return {
    name: 'xla-cpu',
    ...installed,
    precision,
    products,
    ...cpuDevices(devices),
    cacheFolder: services.cacheFolder,
    hangTimeoutMs: hangTimeoutSeconds * 1000,
    ...(threads !== undefined && { threads }),
    ...(xlaFlags !== undefined && { xlaFlags }),
  };
}

/**
 * A CPU has as many devices as it is asked for; all of it is one. Always said: of its own accord the plugin
 * makes 4, and no fewer threads than devices, and then cuts every product in four for two cores.
 */
function cpuDevices(asked: number | 'all'): Pick<XlaEngineOptions, 'devices' | 'clientOptions'> {
  const devices = asked === 'all' ? 1 : asked;
  return { devices, clientOptions: { cpu_device_count: BigInt(devices) } };
}
