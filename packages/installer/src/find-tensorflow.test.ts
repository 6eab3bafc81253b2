import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freshFolder } from '@eddy/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { findTensorflow } from './find-tensorflow.ts';
import * as gpu from './gpu.ts';
import { ENGINE_SOURCES } from './sources.ts';

const folder = freshFolder();
let cacheFolder: string;
beforeEach(() => {
  cacheFolder = join(folder.path, 'cache');
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** As npm's install script leaves it: the binding beside the versions of Node's interface it fits. */
function vendor(name: string, ...bindings: string[]): void {
  const at = join(folder.path, 'node_modules/@tensorflow', name);
  for (const binding of ['', ...bindings]) mkdirSync(join(at, 'lib', binding), { recursive: true });
  for (const binding of bindings)
    writeFileSync(join(at, 'lib', binding, 'tfjs_binding.node'), binding);
  writeFileSync(join(at, 'package.json'), JSON.stringify({ version: '4.22.0' }));
}

function installed(name: 'tensorflow' | 'tensorflow-gpu'): void {
  const { version, library } = ENGINE_SOURCES[name];
  const at = join(cacheFolder, 'engines', `${name}-${version}`);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, library), 'binding');
  const manifest = { package: name, version, sha256: '0', library, files: { [library]: 7 } };
  writeFileSync(join(at, 'installed.json'), JSON.stringify(manifest));
}

const found = async () => (await findTensorflow(cacheFolder, folder.path))?.pluginVersion;

function withGpu(): void {
  vi.spyOn(gpu, 'findNvidiaGpu').mockReturnValue({ driverVersion: null, engine: 'cuda12' });
}

describe('findTensorflow', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await found()).toBeUndefined();
  });

  it("prefers the vendor's binding to the one that Eddy built", async () => {
    installed('tensorflow');
    expect(await found()).toBe('tensorflow 2.21.0');
    vendor('tfjs-node', 'napi-v8');
    expect(await found()).toBe('@tensorflow/tfjs-node 4.22.0');
  });

  it("passes over the vendor's package where its install script failed", async () => {
    vendor('tfjs-node');
    installed('tensorflow');
    expect(await found()).toBe('tensorflow 2.21.0');
  });

  it('takes the binding for the newest interface that this Node has', async () => {
    vendor('tfjs-node', 'napi-v5', 'napi-v8', 'napi-v999');
    expect((await findTensorflow(cacheFolder, folder.path))?.pluginPath).toMatch(
      /lib\/napi-v8\/tfjs_binding\.node$/,
    );
  });

  it('prefers what runs on a GPU only where there is one', async () => {
    vendor('tfjs-node', 'napi-v8');
    installed('tensorflow-gpu');
    expect(await found()).toBe('@tensorflow/tfjs-node 4.22.0');
    withGpu();
    expect(await found()).toBe('tensorflow-gpu 2.21.0');
    vendor('tfjs-node-gpu', 'napi-v8');
    expect(await found()).toBe('@tensorflow/tfjs-node-gpu 4.22.0');
  });
});
