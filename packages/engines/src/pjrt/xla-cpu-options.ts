import { availableParallelism } from 'node:os';

import { z } from 'zod';

import { installEngine, type InstallServices } from '@eddy/installer';
import type { XlaEngineOptions } from './xla-engine.ts';
import { deviceCount, xlaOptions } from './xla-options.ts';

export const xlaCpuConfig = z.strictObject({
  ...xlaOptions,
  devices: deviceCount
    .default('all')
    .describe(
      'number of CPU devices that share each batch; all: one for each core, up to 8, and fewer if they cannot share the batch equally',
    ),
  threads: z
    .int()
    .min(1)
    .optional()
    .describe(
      'number of threads of the engine; by default one for each core, and at least one for each device',
    ),
  products: z
    .enum(['auto', 'onednn', 'compiler'])
    .default('auto')
    .describe(
      'library that multiplies matrices; onednn is faster but recompiles at each start; auto uses it on x86-64: for bfloat16 if the processor has bfloat16 products, else for float32',
    ),
});

export type XlaCpuConfig = z.output<typeof xlaCpuConfig>;

/** What the engine needs on this host, the plugin installed. */
export async function xlaCpuOptions(
  options: XlaCpuConfig,
  services: InstallServices,
): Promise<XlaEngineOptions> {
  const { hangTimeoutSeconds, threads, xlaFlags, precision, products, devices } = options;
  const installed = await installEngine('xla-cpu', services);
  return {
    name: 'xla-cpu',
    ...installed,
    precision,
    products,
    ...cpuDevices(devices, threads),
    defaultFlags: WIDE_VECTORS,
    cacheFolder: services.cacheFolder,
    hangTimeoutMs: hangTimeoutSeconds * 1000,
    ...(threads !== undefined && { threads }),
    ...(xlaFlags !== undefined && { xlaFlags }),
  };
}

/** Where the processor has them; LLVM stops at 256 bits otherwise. */
const WIDE_VECTORS = '--xla_cpu_prefer_vector_width=512';

/** Each holds all parameters, and sums of gradients go through all; not measured beyond two cores. */
const MOST_DEVICES = 8;

/**
 * A CPU has as many devices as it is asked for. With one for each core the cores meet once a step, at the sum
 * of gradients, and not at each of a thousand products and loops (decision 0027). Always said: of its own
 * accord the plugin makes 4, and no fewer threads than devices.
 */
function cpuDevices(
  asked: number | 'all',
  threads = availableParallelism(),
): Pick<XlaEngineOptions, 'devices' | 'fewerDevices' | 'clientOptions'> {
  const devices = asked === 'all' ? Math.min(threads, MOST_DEVICES) : asked;
  return {
    devices,
    fewerDevices: asked === 'all',
    clientOptions: { cpu_device_count: BigInt(devices) },
  };
}
