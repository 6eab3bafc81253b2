/** An engine's options on this rank: its own installation, cache, processor and devices. */
import type { Services } from '@eddy/core';
import { InternalError } from '@eddy/tensor/errors';

import type { HostGroup } from '../mpi/group.ts';
import type { XlaEngineOptions } from '../pjrt/xla-engine.ts';

export type XlaServices = Pick<Services, 'cacheFolder' | 'offline' | 'notify' | 'signal'>;

/** @param group  the ranks, where there are several */
export async function xlaOptionsFor(
  name: string,
  config: unknown,
  services: XlaServices,
  group: HostGroup | null,
): Promise<XlaEngineOptions> {
  // Its own on each rank: rank 0 could not know of the others'.
  const flags = group === null ? {} : { xlaFlags: process.env['XLA_FLAGS'] ?? '' };
  if (name === 'xla-cpu') {
    const { xlaCpuConfig, xlaCpuOptions } = await import('../pjrt/xla-cpu-options.ts');
    const own = xlaCpuConfig.parse(config);
    const threads = own.threads ?? group?.ownCores;
    return { ...flags, ...(await xlaCpuOptions({ ...own, threads }, services)) };
  }
  if (name === 'xla-cuda') {
    const { xlaCudaConfig, xlaCudaOptions } = await import('../pjrt/xla-cuda-options.ts');
    const own = xlaCudaConfig.parse(config);
    return { ...flags, ...(await xlaCudaOptions(own, services, group?.indexHere)) };
  }
  throw new InternalError(`engine ${name} was asked for on another rank`);
}
