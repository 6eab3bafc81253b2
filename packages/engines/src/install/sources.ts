/** Where each downloadable plugin comes from: pinned packages of the Python package index. */

export interface EngineSource {
  /** On the package index; `pip download` honours the user's own index and proxies. */
  readonly package: string;
  readonly version: string;
  /** What it is, for the line that announces the download. */
  readonly purpose: string;
  /** Path of the shared library in the wheel. */
  readonly library: string;
  /** By `process.platform-process.arch`. */
  readonly wheels: Readonly<Record<string, Wheel>>;
}

export interface Wheel {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** By engine: what `pipeline engines install` takes. */
export type EngineSources = Readonly<Record<string, EngineSource>>;

export const ENGINE_SOURCES = {
  'xla-cpu': {
    package: 'xla-cpu-pjrt',
    version: '0.0.1',
    purpose: 'the XLA compiler for CPUs, by the OpenXLA authors',
    library: 'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so',
    wheels: {
      'linux-x64': {
        sizeBytes: 63_461_052,
        sha256: '55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc',
      },
      'linux-arm64': {
        sizeBytes: 49_514_947,
        sha256: '8f613be6e891858f40d64f9799319502fff42689661944fc18a6ffd8210b30c9',
      },
    },
  },
  'xla-cuda12': {
    package: 'jax-cuda12-pjrt',
    version: '0.12.0.1',
    purpose: 'the XLA compiler for NVIDIA GPUs with CUDA 12, by the JAX authors',
    library: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
    wheels: {
      'linux-x64': {
        sizeBytes: 191_846_358,
        sha256: '5ec28e06198d094031c37590b4ea753ae8cde4879ab4b60baf40f0dffb673286',
      },
    },
  },
  'xla-cuda13': {
    package: 'jax-cuda13-pjrt',
    version: '0.12.0.1',
    purpose: 'the XLA compiler for NVIDIA GPUs with CUDA 13, by the JAX authors',
    library: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
    wheels: {
      'linux-x64': {
        sizeBytes: 134_922_808,
        sha256: '5899bb6177eda86ea532afb9a26794f2bdd04966f6a01f9028266b16c2b6cf90',
      },
    },
  },
} as const satisfies EngineSources;

export function platformKey(): string {
  return `${process.platform}-${process.arch}`;
}
