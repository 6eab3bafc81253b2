import type { Services } from '@eddy/core';
import { z } from 'zod';

import {
  cudaFlags,
  engineUnavailable,
  CUDA_COMPILER,
  CUDA_PLUGIN_VARIABLE,
  findCudaPlugin,
  findNvidiaGpu,
} from '@eddy/installer';
import { GPU_TARGETS, targetConfig, type GpuTarget } from './gpu-targets.ts';
import type { AbsentDevice, XlaEngineOptions } from './xla-engine.ts';
import { deviceCount, xlaOptions } from './xla-options.ts';

export const xlaCudaConfig = z.strictObject({
  ...xlaOptions,
  devices: deviceCount.default(1).describe('number of GPUs that share each batch; all: every GPU'),
  target: z
    .enum(Object.keys(GPU_TARGETS) as GpuTarget[])
    .optional()
    .describe('for `pipeline plan`: compile for this GPU, which need not be present'),
  fusedAttention: z
    .boolean()
    .default(true)
    .describe("use cuDNN's fused attention kernels in bf16-mixed; false leaves attention to XLA"),
  memoryFraction: z
    .number()
    .gt(0)
    .max(1)
    .default(0.9)
    .describe("share of the GPU's memory that the engine may use"),
  preallocate: z
    .boolean()
    .default(true)
    .describe('allocate that share at the start; false shares the GPU with other processes'),
  allocator: z
    .enum(['bfc', 'cuda_async', 'platform'])
    .default('bfc')
    .describe("allocator: XLA's pool, CUDA's pool, or CUDA at each request"),
});

/** CUDA's: the GPUs that a process sees, by number or UUID; it goes by the first ones up to one that is not there. */
const VISIBLE_VARIABLE = 'CUDA_VISIBLE_DEVICES';

export type XlaCudaConfig = z.output<typeof xlaCudaConfig>;

/**
 * What the engine needs on this host.
 *
 * @param index  of this process among those that share the host's GPUs
 * @throws ENGINE_UNAVAILABLE where no plugin is installed
 */
export async function xlaCudaOptions(
  options: XlaCudaConfig,
  { cacheFolder }: Pick<Services, 'cacheFolder'>,
  index = 0,
): Promise<XlaEngineOptions> {
  const { hangTimeoutSeconds, xlaFlags, memoryFraction, preallocate, allocator, target } = options;
  const isPlanned = target !== undefined;
  const plugin = await findCudaPlugin(cacheFolder, { compilerOnly: isPlanned });
  if (plugin === null) {
    throw engineUnavailable({
      engine: 'xla-cuda',
      expected: `a CUDA plugin, installed or named in ${CUDA_PLUGIN_VARIABLE}`,
      received: 'none',
      fix: `install it: \`pipeline engines install ${isPlanned ? CUDA_COMPILER : (findNvidiaGpu()?.engine ?? 'cuda13')}\``,
    });
  }
  return {
    name: 'xla-cuda',
    ...plugin,
    precision: options.precision,
    devices: options.devices,
    cacheFolder,
    hangTimeoutMs: hangTimeoutSeconds * 1000,
    fusedAttention: options.fusedAttention,
    environment: visibleGpus(options.devices, index),
    clientOptions: { allocator, preallocate, memory_fraction: memoryFraction },
    defaultFlags: cudaFlags(plugin.pluginPath),
    ...(xlaFlags !== undefined && { xlaFlags }),
    ...(isPlanned && { target: absentGpu(target, options.devices, memoryFraction) }),
  };
}

/**
 * No more GPUs than asked for, of those that may be seen: XLA starts up all that it sees, and holds some hundred
 * MB on each, where others may be at work.
 */
function visibleGpus(devices: number | 'all', index: number): Record<string, string> {
  if (devices === 'all') return {};
  const first = index * devices;
  const visible =
    process.env[VISIBLE_VARIABLE]?.split(',') ??
    Array.from({ length: first + devices }, (_, i) => `${i}`);
  // A launcher that gives each process its own GPUs lets it see no others.
  const own = visible.slice(first, first + devices);
  const seen = own.length === devices ? own : visible.slice(0, devices);
  return { [VISIBLE_VARIABLE]: seen.join(',') };
}

function absentGpu(
  target: GpuTarget,
  devices: number | 'all',
  memoryFraction: number,
): AbsentDevice {
  const { name, memoryBytes } = GPU_TARGETS[target];
  const count = devices === 'all' ? 1 : devices;
  return {
    name,
    description: { target_config: targetConfig(target), topology: `1x1x${count}` },
    limitBytes: Math.floor(memoryFraction * memoryBytes),
  };
}
