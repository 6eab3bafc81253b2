import { expect, it } from 'vitest';

import { GPU_TARGETS, targetConfig, type GpuTarget } from './gpu-targets.ts';

it("writes an H200 as XLA's own description of it has it", () => {
  const field = (name: string) =>
    new RegExp(`\\b${name}: ("[^"]*"|\\S+)`).exec(targetConfig('h200'))![1];
  // openxla/xla xla/backends/gpu/target_config/specs/h200.txtpb
  expect({
    cores: field('core_count'),
    threads: field('threads_per_core_limit'),
    shared: field('shared_memory_per_core'),
    sharedOptIn: field('shared_memory_per_block_optin'),
    bandwidth: field('memory_bandwidth'),
    l2: field('l2_cache_size'),
    memory: field('device_memory_size'),
    major: field('major'),
    extension: field('feature_extension'),
  }).toEqual({
    cores: '132',
    threads: '2048',
    shared: '233472',
    sharedOptIn: '232448',
    bandwidth: '4800000000000',
    l2: '52428800',
    memory: '151397597184',
    major: '9',
    extension: 'ACCELERATED_FEATURES',
  });
});

it.each(Object.keys(GPU_TARGETS) as GpuTarget[])('%s: every number is there', (target) => {
  expect(targetConfig(target)).not.toMatch(/undefined|NaN/);
});
