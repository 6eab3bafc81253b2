/** The engine `pjrt` with the library of `xla-cpu`, as a user who has only its file would name it. */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import '@tensorflow/tfjs-backend-cpu';
import { engineSuite, failure, sharedFolder } from '@eddy/core/testing';
import { beforeAll, expect, it } from 'vitest';

import pjrt from '../pjrt.plugin.ts';
import { installedXlaCpu } from '../testing/test-engines.ts';

const folder = sharedFolder();

beforeAll(async () => {
  await copyFile((await installedXlaCpu()).pluginPath, join(folder.path, 'mine.so'));
});

const create = (plugin: string, options: object = {}) =>
  pjrt.create(pjrt.config.parse({ plugin, precision: 'float32', ...options }), {
    cacheFolder: join(folder.path, 'cache'),
    configFolder: folder.path,
  });

engineSuite('pjrt with a file', async () => create('mine.so'));

it('hands options to the client and says whose library it is', async () => {
  const engine = await create('mine.so', {
    devices: 'all',
    options: { cpu_device_count: 3 },
  });
  await engine.dispose();
  expect(engine.info.devices).toBe(3);
  expect(engine.info.description).toContain('mine.so');
});

it.each([
  ['nowhere.so', 'no file'],
  ['no-such-package-of-eddy', 'PackageNotFoundError'],
])('says what it looked for when %s is missing', async (plugin, received) => {
  const error = await failure(Promise.resolve(create(plugin)));
  expect(error.code).toBe('PJRT_PLUGIN_MISSING');
  expect(error.facts.received).toContain(received);
});

it.each([
  ['text.so', 'file too short'],
  ['allocator.so', 'GetPjrtApi'],
])('says in a line why %s is no plugin', async (plugin, received) => {
  await writeFile(join(folder.path, 'text.so'), 'hello');
  await copyFile((await installedXlaCpu()).allocatorPath!, join(folder.path, 'allocator.so'));
  const error = await failure(Promise.resolve(create(plugin)));
  expect(error.code).toBe('PLUGIN_NOT_LOADED');
  expect(error.facts.received).toContain(received);
  expect(error.facts.received).not.toContain('\n');
});

it('asks for the file where a package has no such library', async () => {
  const error = await failure(Promise.resolve(create('pip')));
  expect(error.code).toBe('PJRT_PLUGIN_AMBIGUOUS');
});
