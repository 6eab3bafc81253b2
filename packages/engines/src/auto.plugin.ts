import { definePlugin, type Engine, type Services } from '@eddy/core';
import { EddyError } from '@eddy/tensor/errors';
import { z } from 'zod';

import { findCudaPlugin, findNvidiaGpu } from '@eddy/installer';
import wasmPlugin from './wasm.plugin.ts';
import cpuPlugin from './xla-cpu.plugin.ts';
import cudaPlugin from './xla-cuda.plugin.ts';
import { xlaOptions } from './pjrt/xla-options.ts';

type AutoServices = Pick<Services, 'cacheFolder' | 'offline' | 'notify' | 'signal'>;
type AutoOptions = z.output<typeof options>;

const options = z.strictObject({
  precision: xlaOptions.precision,
  install: z.boolean().default(true).describe('whether xla-cpu may be downloaded if it is missing'),
});

export default definePlugin({
  kind: 'engine',
  name: 'auto',
  apiVersion: 1,
  summary: 'the fastest engine that runs here: xla-cuda, xla-cpu, else wasm',
  config: options,
  needs: ['cacheFolder', 'offline', 'notify', 'signal'],
  create: async (config, services) =>
    (await tryCuda(config, services)) ??
    (await tryCpu(config, services)) ??
    (await wasmPlugin.create({}, {})),
});

async function tryCuda(config: AutoOptions, services: AutoServices): Promise<Engine | null> {
  const gpu = findNvidiaGpu();
  if (gpu === null) return null;
  if ((await findCudaPlugin(services.cacheFolder)) === null) {
    const fix = `pipeline engines install ${gpu.engine}`;
    services.notify('info', `an NVIDIA GPU is present but not used; to use it: ${fix}`);
    return null;
  }
  const cudaConfig = cudaPlugin.config.parse({ precision: config.precision });
  return orWarn('xla-cuda', services, () => cudaPlugin.create(cudaConfig, services));
}

async function tryCpu(config: AutoOptions, services: AutoServices): Promise<Engine | null> {
  const cpuConfig = cpuPlugin.config.parse({ precision: config.precision });
  const offline = services.offline || !config.install;
  return orWarn('xla-cpu', services, () => cpuPlugin.create(cpuConfig, { ...services, offline }));
}

/** An engine that can't be had is no reason to stop; the user is told why and how to mend it. */
async function orWarn(
  name: string,
  services: AutoServices,
  create: () => Engine | Promise<Engine>,
): Promise<Engine | null> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof EddyError)) throw error;
    const { message, received, fix } = error.facts;
    const reason = received === undefined ? message : `${message} (${firstLine(received)})`;
    const next = name === 'xla-cpu' ? 'wasm, which is many times slower' : 'xla-cpu';
    services.notify('warning', `engine auto: using ${next}, because ${reason}; fix: ${fix}`);
    return null;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]!;
}
