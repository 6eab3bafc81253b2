import { definePlugin } from '@eddy/core';

import { xlaCpuOptionsOn } from './hosts/options-on-rank.ts';
import { createXlaEngineOnHosts } from './hosts/xla-hosts.ts';
import { askedDevices } from './pjrt/xla-options.ts';
import { xlaCpuConfig } from './pjrt/xla-cpu-options.ts';

export default definePlugin({
  kind: 'engine',
  name: 'xla-cpu',
  apiVersion: 1,
  summary: 'compiles whole steps with XLA for the CPU',
  config: xlaCpuConfig,
  devices: askedDevices,
  needs: ['cacheFolder', 'offline', 'notify', 'signal'],
  create: (config, services) =>
    createXlaEngineOnHosts('xla-cpu', config, xlaCpuOptionsOn(config, services)),
});
