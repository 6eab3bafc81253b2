import { definePlugin } from '@eddy/core';

import { createXlaEngineOnHosts } from './hosts/xla-hosts.ts';
import { askedDevices } from './pjrt/xla-options.ts';
import { xlaCudaConfig, xlaCudaOptions } from './pjrt/xla-cuda-options.ts';

export default definePlugin({
  kind: 'engine',
  name: 'xla-cuda',
  apiVersion: 1,
  summary: 'compiles whole steps with XLA for an NVIDIA GPU',
  config: xlaCudaConfig,
  devices: askedDevices,
  needs: ['cacheFolder'],
  create: async (config, services) =>
    createXlaEngineOnHosts(await xlaCudaOptions(config, services), config),
});
