import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { DatasetShape } from '../contracts/dataset.ts';
import { EddyError } from '@eddy/tensor/errors';
import { randomStream } from '../random/random-stream.ts';
import { PluginContainer } from './container.ts';
import { definePlugin, type Plugin } from '../contracts/plugin.ts';
import { PluginRegistry } from './registry.ts';

const shape: DatasetShape = { vocabSize: 6, seqLen: 16, grid: { rows: 4, cols: 4 }, task: 'x' };

function registryOf(...plugins: Plugin[]): PluginRegistry {
  const registry = new PluginRegistry();
  for (const plugin of plugins) {
    const { kind, name, summary } = plugin;
    const entry = { kind, name, summary, package: 'test', version: '1.2.3', file: 'test.ts' };
    registry.add({ ...entry, load: () => Promise.resolve(plugin) });
  }
  return registry;
}

/** A logger plugin whose creation hands its arguments to the test. */
function probe(seen: unknown[], needs: Plugin['needs'] = [], name = 'probe') {
  return definePlugin({
    kind: 'logger',
    name,
    apiVersion: 1,
    summary: 'x',
    config: z.strictObject({ size: z.number().default(3) }),
    needs,
    create: (config, services) => {
      seen.push({ config, services });
      return { attach: () => Promise.resolve() };
    },
  });
}

const dataset = (needs: Plugin['needs'] = []) =>
  definePlugin({
    kind: 'dataset',
    name: 'data',
    apiVersion: 1,
    summary: 'x',
    config: z.strictObject({}),
    needs,
    create: () => ({ describe: () => shape }) as never,
  });

describe('PluginContainer', () => {
  it('injects exactly what a plugin lists, with its options parsed', async () => {
    const seen: unknown[] = [];
    const container = await PluginContainer.open({
      registry: registryOf(probe(seen, ['offline', 'cacheFolder'])),
      services: { offline: true, cacheFolder: '/c', seeds: randomStream(1) },
    });
    await container.create('logger', { use: 'probe', size: 4 });
    await container.create('logger', { use: 'probe' });
    expect(seen).toEqual([
      { config: { size: 4 }, services: { offline: true, cacheFolder: '/c' } },
      { config: { size: 3 }, services: { offline: true, cacheFolder: '/c' } },
    ]);
    expect(await container.describe('logger', { use: 'probe' })).toMatchObject({
      use: 'probe',
      version: '1.2.3',
      adjustable: [],
    });
  });

  it('asks the dataset for the shape of the data, and facts of the built data win', async () => {
    const seen: unknown[] = [];
    const container = await PluginContainer.open({
      registry: registryOf(probe(seen, ['datasetShape']), dataset()),
      services: {},
      dataset: { use: 'data' },
    });
    await container.create('logger', { use: 'probe' });
    const built = { ...shape, numPuzzleIdentifiers: 7 } as never;
    await container.create('logger', { use: 'probe' }, { dataset: built });
    expect(seen).toMatchObject([
      { services: { datasetShape: shape } },
      { services: { datasetShape: { numPuzzleIdentifiers: 7 } } },
    ]);
  });

  it('adds services for a stage without giving them to others', async () => {
    const seen: unknown[] = [];
    const container = await PluginContainer.open({
      registry: registryOf(probe(seen, ['runFolder'])),
      services: {},
    });
    await container.with({ runFolder: '/r' }).create('logger', { use: 'probe' });
    expect(seen).toMatchObject([{ services: { runFolder: '/r' } }]);
    await expect(container.create('logger', { use: 'probe' })).rejects.toMatchObject({
      code: 'SERVICE_MISSING',
      message: expect.stringMatching(/logger probe[^]*runFolder/) as string,
    });
  });

  it('reports a service that is made from the plugin that asks for it', async () => {
    const opening = PluginContainer.open({
      registry: registryOf(probe([], ['datasetShape']), dataset(['datasetShape'])),
      services: {},
      dataset: { use: 'data' },
    });
    await expect(opening).rejects.toMatchObject({ code: 'SERVICE_MISSING' });
  });

  it('reports unknown plugins, bad options and what a plugin throws', async () => {
    const failing = definePlugin({
      ...probe([], [], 'failing'),
      create: () => {
        throw new TypeError('oops');
      },
    });
    const own = new EddyError({ code: 'OWN', message: 'mine', fix: 'x' });
    const throwing = definePlugin({
      ...probe([], [], 'throwing'),
      create: () => Promise.reject(own),
    });
    const container = await PluginContainer.open({
      registry: registryOf(probe([]), failing, throwing),
      services: {},
    });
    const create = (use: string, options = {}) => container.create('logger', { use, ...options });
    await expect(create('prob')).rejects.toMatchObject({ code: 'PLUGIN_UNKNOWN' });
    await expect(create('probe', { size: 'x' })).rejects.toMatchObject({
      code: 'PLUGIN_OPTIONS_INVALID',
    });
    await expect(create('failing')).rejects.toMatchObject({
      code: 'PLUGIN_CREATE_FAILED',
      message: expect.stringMatching(/logger failing of test failed/) as string,
      cause: expect.any(TypeError) as TypeError,
    });
    await expect(create('throwing')).rejects.toBe(own);
  });

  it('calls nothing a failure of a plugin that a stop has ended', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped: SIGINT');
    const slow = definePlugin({
      ...probe([], ['signal'], 'slow'),
      create: (_config, { signal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(reason));
        }),
    });
    const container = await PluginContainer.open({
      registry: registryOf(slow),
      services: { signal: stop.signal },
    });
    const creating = container.create('logger', { use: 'slow' });
    setTimeout(() => stop.abort());
    await expect(creating).rejects.toBe(reason);
  });

  it('names the dataset that fails to describe itself to another plugin', async () => {
    const mute = definePlugin({ ...dataset(), create: () => ({}) as never });
    const container = await PluginContainer.open({
      registry: registryOf(probe([], ['datasetShape']), mute),
      services: {},
      dataset: { use: 'data' },
    });
    await expect(container.create('logger', { use: 'probe' })).rejects.toMatchObject({
      code: 'PLUGIN_HOOK_FAILED',
      message: expect.stringMatching(/dataset data of test failed in its describe/) as string,
      cause: expect.any(TypeError) as TypeError,
    });
  });

  it('refuses two plugins of one name', () => {
    expect(() => registryOf(probe([]), probe([]))).toThrow(/PLUGIN_DUPLICATE/);
  });
});
