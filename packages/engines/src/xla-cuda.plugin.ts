import { definePlugin } from '@eddy/core';

import { xlaCudaOptionsOn } from './hosts/options-on-rank.ts';
import { createXlaEngineOnHosts } from './hosts/xla-hosts.ts';
import { askedDevices } from './pjrt/xla-options.ts';
import { xlaCudaConfig } from './pjrt/xla-cuda-options.ts';

export default definePlugin({
  kind: 'engine',
  name: 'xla-cuda',
  apiVersion: 1,
  summary: 'compiles whole steps with XLA for an NVIDIA GPU',
  config: xlaCudaConfig,
  devices: askedDevices,
  needs: ['cacheFolder'],
  create: (config, services) =>
    createXlaEngineOnHosts('xla-cuda', config, xlaCudaOptionsOn(config, services)),
});
