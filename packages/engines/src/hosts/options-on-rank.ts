/** An engine's options on this rank: its own installation, cache, processor and devices. */
import type { Services } from '@eddy/core';
import { InternalError } from '@eddy/tensor/errors';

import type { HostGroup } from '../mpi/group.ts';
import { xlaCpuConfig, xlaCpuOptions, type XlaCpuConfig } from '../pjrt/xla-cpu-options.ts';
import { xlaCudaConfig, xlaCudaOptions, type XlaCudaConfig } from '../pjrt/xla-cuda-options.ts';
import type { XlaEngineOptions } from '../pjrt/xla-engine.ts';

type XlaServices = Pick<Services, 'cacheFolder' | 'offline' | 'notify' | 'signal'>;
/** What a rank has to itself; null where this process is alone. */
type Own = Pick<HostGroup, 'ownCores' | 'indexHere'> | null;

/** Makes the options of this rank. */
export type OptionsOn = (own: Own) => Promise<XlaEngineOptions>;

export function xlaCpuOptionsOn(config: XlaCpuConfig, services: XlaServices): OptionsOn {
  return async (own) => {
    const threads = config.threads ?? own?.ownCores;
    return withOwnFlags(own, await xlaCpuOptions({ ...config, threads }, services));
  };
}

export function xlaCudaOptionsOn(
  config: XlaCudaConfig,
  services: Pick<Services, 'cacheFolder'>,
): OptionsOn {
  return async (own) =>
    withOwnFlags(own, await xlaCudaOptions(config, services, own?.indexHere ?? 0));
}

/** Returns the options of a rank's engine, given the name of its plugin and the options that its user wrote. */
export function xlaOptionsOn(name: string, config: unknown, services: XlaServices): OptionsOn {
  if (name === 'xla-cpu') return xlaCpuOptionsOn(xlaCpuConfig.parse(config), services);
  if (name === 'xla-cuda') return xlaCudaOptionsOn(xlaCudaConfig.parse(config), services);
  throw new InternalError(`engine ${name} was asked for on another rank`);
}

/** XLA_FLAGS of this rank: rank 0 would not know of the others', and compares them. */
function withOwnFlags(own: Own, options: XlaEngineOptions): XlaEngineOptions {
  return own === null ? options : { xlaFlags: process.env['XLA_FLAGS'] ?? '', ...options };
}
