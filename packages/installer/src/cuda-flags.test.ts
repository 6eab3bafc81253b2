import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { cudaFlags } from './cuda-flags.ts';

const PLUGIN = 'jax_plugins/xla_cuda13/xla_cuda_plugin.so';
const TOOLKIT = 'nvidia/cu13';

let packages: string;
let plugin: string;
beforeEach(() => {
  packages = mkdtempSync(join(tmpdir(), 'eddy-cuda-'));
  plugin = join(packages, PLUGIN);
});
afterEach(() => {
  rmSync(packages, { recursive: true });
});

it('keeps the rounding that the graph states', () => {
  expect(cudaFlags(plugin)).toBe('--xla_allow_excess_precision=false');
});

it("names NVIDIA's tools where they were installed beside the plugin", () => {
  mkdirSync(join(packages, TOOLKIT, 'nvvm/libdevice'), { recursive: true });
  expect(cudaFlags(plugin)).toContain(`--xla_gpu_cuda_data_dir=${packages}/${TOOLKIT}`);
});

it('quotes a path at whose spaces XLA would cut it', () => {
  const own = join(packages, 'Jane "JD" Doe');
  mkdirSync(join(own, TOOLKIT, 'nvvm/libdevice'), { recursive: true });
  expect(cudaFlags(join(own, PLUGIN))).toContain(
    ` --xla_gpu_cuda_data_dir="${packages}/Jane \\"JD\\" Doe/${TOOLKIT}"`,
  );
});
