import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { cudaFlags } from './install/cuda-flags.ts';
import { engineUnavailable } from './install/errors.ts';
import { CUDA_PLUGIN_VARIABLE, findCudaPlugin } from './install/find-cuda.ts';
import { findNvidiaGpu } from './install/gpu.ts';
import { createXlaEngine } from './pjrt/xla-engine.ts';
import { xlaOptions } from './xla-options.ts';

export default definePlugin({
  kind: 'engine',
  name: 'xla-cuda',
  apiVersion: 1,
  summary: 'compiles whole steps with XLA for an NVIDIA GPU',
  config: z.strictObject({
    ...xlaOptions,
    fusedAttention: z
      .boolean()
      .default(true)
      .describe("attention by cuDNN's fused kernels, in bf16-mixed; false leaves it to XLA"),
    memoryFraction: z
      .number()
      .gt(0)
      .max(1)
      .default(0.9)
      .describe("part of the GPU's memory that the engine may take"),
    preallocate: z
      .boolean()
      .default(true)
      .describe('take that part at the start; false shares the GPU with other processes'),
    allocator: z
      .enum(['bfc', 'cuda_async', 'platform'])
      .default('bfc')
      .describe("who hands memory out: XLA's pool, CUDA's pool, or CUDA at each request"),
  }),
  needs: ['cacheFolder'],
  create: async (options, { cacheFolder }) => {
    const plugin = await findCudaPlugin(cacheFolder);
    if (plugin === null) {
      throw engineUnavailable({
        engine: 'xla-cuda',
        expected: `a CUDA plugin, installed or named in ${CUDA_PLUGIN_VARIABLE}`,
        received: 'none',
        fix: `pipeline engines install ${findNvidiaGpu()?.engine ?? 'cuda13'}`,
      });
    }
    const { hangTimeoutSeconds, xlaFlags, memoryFraction, preallocate, allocator } = options;
    return createXlaEngine({
      name: 'xla-cuda',
      ...plugin,
      precision: options.precision,
      devices: options.devices,
      cacheFolder,
      hangTimeoutMs: hangTimeoutSeconds * 1000,
      fusedAttention: options.fusedAttention,
      clientOptions: { allocator, preallocate, memory_fraction: memoryFraction },
      defaultFlags: cudaFlags(plugin.pluginPath),
      ...(xlaFlags !== undefined && { xlaFlags }),
    });
  },
});
