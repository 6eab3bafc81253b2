import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * XLA's debug options for an NVIDIA GPU. CUDA graphs are on by XLA's own defaults: the whole step is
 * one, but for its loops.
 */
const FLAGS = [
  // By default XLA drops the rounding between two operations, and would store float32.
  '--xla_allow_excess_precision=false',
];

/** Where the packages that the plugin was built against lie: beside `jax_plugins`. */
const TOOLKITS = ['nvidia/cu13', 'nvidia/cuda_nvcc'];

/** @param pluginPath  `…/jax_plugins/xla_cuda13/xla_cuda_plugin.so` */
export function cudaFlags(pluginPath: string): string {
  const packages = dirname(dirname(dirname(pluginPath)));
  const toolkit = TOOLKITS.map((name) => join(packages, name)).find((folder) =>
    existsSync(join(folder, 'nvvm', 'libdevice')),
  );
  const flags =
    toolkit === undefined ? FLAGS : [...FLAGS, `--xla_gpu_cuda_data_dir=${quoted(toolkit)}`];
  return flags.join(' ');
}

/** XLA cuts the variable at spaces, but for values in quotes, where a backslash takes the next as it is. */
function quoted(value: string): string {
  return /[\s'"\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value;
}
