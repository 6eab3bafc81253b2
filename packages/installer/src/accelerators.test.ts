import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { freshFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { findAccelerators } from './accelerators.ts';

const root = freshFolder();

async function place(file: string, text = ''): Promise<void> {
  const path = join(root.path, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

it('names the package of each accelerator once', async () => {
  await place('sys/class/drm/card0/device/vendor', '0x1002\n');
  await place('sys/class/drm/card1/device/vendor', '0x1002\n');
  await place('sys/class/drm/card1-HDMI-A-1/device/vendor', '0x8086\n');
  await place('sys/class/drm/card2/device/vendor', '0x10de\n');
  await place('dev/accel0');
  expect(findAccelerators(root.path).map((found) => found.package)).toEqual([
    'jax-rocm7-pjrt',
    'libtpu',
  ]);
});

it('finds none where the kernel shows none', () => {
  expect(findAccelerators(root.path)).toEqual([]);
});
