import { existsSync } from 'node:fs';

import { definePlugin, type ConfigProblem } from '@eddy/core';
import { findPjrtPlugin, pjrtLibraryPath } from '@eddy/installer';
import { z } from 'zod';

import { refuseHosts } from './hosts/index.ts';
import type { NamedValues } from './pjrt/binding/named-values.ts';
import { createXlaEngine } from './pjrt/xla-engine.ts';
import { askedDevices, deviceCount, xlaOptions } from './pjrt/xla-options.ts';

const pluginOption = z.union([z.string(), z.boolean(), z.number()]);

const config = z.strictObject({
  ...xlaOptions,
  plugin: z
    .string()
    .min(1)
    .describe(
      'The PJRT plugin: a shared library, or an installed Python package that holds one (`jax-rocm7-pjrt`, `libtpu`).',
    ),
  options: z
    .record(z.string(), pluginOption)
    .default({})
    .describe("Options of the plugin's client, by PJRT's names. Whole numbers are sent as int64."),
  devices: deviceCount
    .default(1)
    .describe('The number of devices that share each batch; `all` takes every one.'),
});

export default definePlugin({
  kind: 'engine',
  name: 'pjrt',
  apiVersion: 1,
  summary: 'compiles whole steps with any PJRT plugin: AMD, Intel, TPU, your own build',
  config,
  devices: askedDevices,
  check: ({ plugin }, { configFolder = '.' }) => missingLibrary(plugin, configFolder),
  needs: ['cacheFolder', 'configFolder'],
  create: async (options, { cacheFolder, configFolder }) => {
    await refuseHosts('engine pjrt');
    const found = await findPjrtPlugin(options.plugin, configFolder);
    return createXlaEngine({
      name: 'pjrt',
      ...found,
      precision: options.precision,
      devices: options.devices,
      // Custom calls into oneDNN are in some builds of the CPU plugin only.
      products: 'compiler',
      cacheFolder,
      hangTimeoutMs: options.hangTimeoutSeconds * 1000,
      clientOptions: namedValues(options.options),
      ...(options.xlaFlags !== undefined && { xlaFlags: options.xlaFlags }),
    });
  },
});

/** A library that is named by its path is looked for before anything runs; a package only when it starts. */
function missingLibrary(plugin: string, configFolder: string): ConfigProblem[] {
  const path = pjrtLibraryPath(plugin, configFolder);
  if (path === undefined || existsSync(path)) return [];
  return [
    {
      path: ['plugin'],
      message: 'the PJRT plugin does not exist',
      expected: 'a shared library',
      received: `no file ${path}`,
      fix: 'correct the path, which starts at the folder of the pipeline file, or name an installed Python package',
    },
  ];
}

function namedValues(options: Readonly<Record<string, string | boolean | number>>): NamedValues {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      Number.isInteger(value) ? BigInt(value) : value,
    ]),
  );
}
