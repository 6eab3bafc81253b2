/** Where each engine that is not in npm's dependencies comes from: packages pinned by checksum. */
import {
  CUDA_12_COMPILER,
  CUDA_12_LIBRARIES,
  CUDA_13_COMPILER,
  CUDA_13_LIBRARIES,
} from './cuda-libraries.ts';
import type { Build, EngineSource } from './engine-source.ts';
import { buildTfjsBinding } from './tfjs-binding.ts';

/** By engine: what `pipeline engines install` takes. */
export type EngineSources = Readonly<Record<string, EngineSource>>;

const XLA_CPU = {
  from: 'pip',
  name: 'xla-cpu-pjrt',
  version: '0.0.1',
  purpose: 'the XLA compiler for CPUs, by the OpenXLA authors',
} as const;

/** MIT, by Microsoft; a wheel that holds the library built for any Python. */
const MIMALLOC = {
  from: 'pip',
  name: 'cmeel-mimalloc',
  version: '3.4.3',
  purpose: 'the allocator mimalloc',
  keep: /^cmeel\.prefix\/lib\/libmimalloc\.so\.3$/,
} as const;

/** Of the wheel only its two libraries, and the headers that the binding includes. */
const TENSORFLOW = {
  from: 'pip',
  version: '2.21.0',
  keep: /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|THIRD_PARTY_NOTICES\.txt|include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h)$/,
} as const;

/** Source of the binding, and the interface of Node that it is compiled against. */
const TFJS_BINDING = [
  {
    from: 'npm',
    name: '@tensorflow/tfjs-node',
    version: '4.22.0',
    purpose: "source of TF.js's binding to TensorFlow",
    sizeBytes: 228_166,
    sha256: 'd38a448a705efc6e655a080f896b3af646ae39dffbfe9c90b06cb9fc3a2b9358',
  },
  {
    from: 'npm',
    name: 'node-api-headers',
    version: '1.9.0',
    purpose: "headers of Node's C interface",
    sizeBytes: 16_974,
    sha256: '6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19',
  },
] as const;

const BUILD: Build = {
  compiler: 'g++',
  purpose: "TF.js's binding to TensorFlow",
  run: buildTfjsBinding,
};

const CUDA_13_PLUGIN = {
  from: 'pip',
  name: 'jax-cuda13-pjrt',
  version: '0.12.0.1',
  purpose: 'the XLA compiler for NVIDIA GPUs with CUDA 13, by the JAX authors',
  sizeBytes: 134_922_808,
  sha256: '5899bb6177eda86ea532afb9a26794f2bdd04966f6a01f9028266b16c2b6cf90',
} as const;

export const ENGINE_SOURCES = {
  'xla-cpu': {
    version: '0.0.1-mimalloc-3.4.3',
    library: 'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so',
    allocator: 'cmeel.prefix/lib/libmimalloc.so.3',
    packages: {
      'linux-x64': [
        {
          ...XLA_CPU,
          sizeBytes: 63_461_052,
          sha256: '55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc',
        },
        {
          ...MIMALLOC,
          sizeBytes: 534_731,
          sha256: '627d9e379503fd8a1001bed618f7434477c221f017cf31d4caca65d464731ff0',
          wheel: { python: '3.11', abi: 'none', platform: 'manylinux_2_28_x86_64' },
        },
      ],
      'linux-arm64': [
        {
          ...XLA_CPU,
          sizeBytes: 49_514_947,
          sha256: '8f613be6e891858f40d64f9799319502fff42689661944fc18a6ffd8210b30c9',
        },
        {
          ...MIMALLOC,
          sizeBytes: 534_093,
          sha256: '3d5872f1821177a186aea144db19c5c3737fff4fb0d03749c1c44f04fcff427a',
          wheel: { python: '3.11', abi: 'none', platform: 'manylinux_2_28_aarch64' },
        },
      ],
    },
  },
  cuda12: {
    version: '0.12.0.1',
    library: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
    packages: {
      'linux-x64': [
        {
          from: 'pip',
          name: 'jax-cuda12-pjrt',
          version: '0.12.0.1',
          purpose: 'the XLA compiler for NVIDIA GPUs with CUDA 12, by the JAX authors',
          sizeBytes: 191_846_358,
          sha256: '5ec28e06198d094031c37590b4ea753ae8cde4879ab4b60baf40f0dffb673286',
        },
        ...CUDA_12_LIBRARIES,
        CUDA_12_COMPILER,
      ],
    },
  },
  cuda13: {
    version: '0.12.0.1',
    library: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
    packages: {
      'linux-x64': [CUDA_13_PLUGIN, ...CUDA_13_LIBRARIES, ...CUDA_13_COMPILER],
    },
  },
  // Plans for a GPU that is not here, and runs nothing.
  'cuda13-compiler': {
    version: CUDA_13_PLUGIN.version,
    library: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
    packages: { 'linux-x64': [CUDA_13_PLUGIN, ...CUDA_13_COMPILER] },
  },
  tensorflow: {
    version: '2.21.0',
    library: 'tfjs_binding.node',
    packages: {
      'linux-x64': [
        {
          ...TENSORFLOW,
          name: 'tensorflow-cpu',
          purpose: 'TensorFlow for CPUs',
          sizeBytes: 273_829_956,
          sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
          wheel: { python: '3.11', abi: 'cp311', platform: 'manylinux_2_27_x86_64' },
        },
        ...TFJS_BINDING,
      ],
      // Of the same release and from the same index, but never run by us.
      'linux-arm64': [
        {
          ...TENSORFLOW,
          name: 'tensorflow',
          purpose: 'TensorFlow for CPUs',
          sizeBytes: 281_828_020,
          sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
          wheel: { python: '3.11', abi: 'cp311', platform: 'manylinux_2_27_aarch64' },
        },
        ...TFJS_BINDING,
      ],
    },
    build: BUILD,
  },
  'tensorflow-gpu': {
    version: '2.21.0',
    library: 'tfjs_binding.node',
    packages: {
      'linux-x64': [
        {
          ...TENSORFLOW,
          name: 'tensorflow',
          purpose: 'TensorFlow for NVIDIA GPUs with CUDA 12',
          sizeBytes: 572_440_367,
          sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
          wheel: { python: '3.11', abi: 'cp311', platform: 'manylinux_2_27_x86_64' },
        },
        ...CUDA_12_LIBRARIES,
        ...TFJS_BINDING,
      ],
    },
    build: BUILD,
  },
} as const satisfies EngineSources;

export function platformKey(): string {
  return `${process.platform}-${process.arch}`;
}
