import { definePlugin } from '@eddy/core';
import { z } from 'zod';

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
  config: z.strictObject(xlaOptions),
  needs: ['cacheFolder'],
  create: async ({ hangTimeoutSeconds, xlaFlags, precision }, { cacheFolder }) => {
    const plugin = await findCudaPlugin(cacheFolder);
    if (plugin === null) {
      throw engineUnavailable({
        engine: 'xla-cuda',
        expected: `a CUDA plugin, installed or named in ${CUDA_PLUGIN_VARIABLE}`,
        received: 'none',
        fix: `pipeline engines install ${findNvidiaGpu()?.engine ?? 'xla-cuda13'}`,
      });
    }
    return createXlaEngine({
      name: 'xla-cuda',
      ...plugin,
      precision,
      cacheFolder,
      hangTimeoutMs: hangTimeoutSeconds * 1000,
      ...(xlaFlags !== undefined && { xlaFlags }),
    });
  },
});
