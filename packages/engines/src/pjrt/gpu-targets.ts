/**
 * GPUs that a program can be compiled for where they are not. The memory is what a plan needs to be right;
 * the rest goes into XLA's choice of tiles.
 *
 * @source NVIDIA's data sheets; CUDA C++ Programming Guide 13, technical specifications per compute capability
 */

interface Gpu {
  /** As NVIDIA calls it. */
  readonly name: string;
  readonly architecture: keyof typeof ARCHITECTURES;
  readonly memoryBytes: number;
  readonly multiprocessors: number;
  /** Bytes per second. */
  readonly bandwidth: number;
  readonly l2Bytes: number;
  readonly clockGhz: number;
}

/** By compute capability: per multiprocessor threads, float32 units, bytes of shared memory; per block bytes of it. */
const ARCHITECTURES = {
  '8.0': { threads: 2048, units: 64, shared: 167_936, sharedOptIn: 166_912 },
  '8.6': { threads: 1536, units: 128, shared: 102_400, sharedOptIn: 101_376 },
  '8.9': { threads: 1536, units: 128, shared: 102_400, sharedOptIn: 101_376 },
  '9.0': { threads: 2048, units: 128, shared: 233_472, sharedOptIn: 232_448 },
  '10.0': { threads: 2048, units: 128, shared: 233_472, sharedOptIn: 232_448 },
  '12.0': { threads: 1536, units: 128, shared: 102_400, sharedOptIn: 101_376 },
} as const;

/** Of these XLA may use what only this very generation has. */
const ACCELERATED: readonly (keyof typeof ARCHITECTURES)[] = ['9.0', '10.0'];

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const card = (
  name: string,
  architecture: keyof typeof ARCHITECTURES,
  gib: number,
  multiprocessors: number,
  gigabytesPerSecond: number,
  l2Mib: number,
  clockGhz: number,
): Gpu => ({
  name: `NVIDIA ${name}`,
  architecture,
  memoryBytes: gib * GIB,
  multiprocessors,
  bandwidth: gigabytesPerSecond * 1e9,
  l2Bytes: l2Mib * MIB,
  clockGhz,
});

export const GPU_TARGETS = {
  'rtx-3060': card('GeForce RTX 3060', '8.6', 12, 28, 360, 3, 1.78),
  'rtx-3090': card('GeForce RTX 3090', '8.6', 24, 82, 936, 6, 1.7),
  a4000: card('RTX A4000', '8.6', 16, 48, 448, 4, 1.56),
  a6000: card('RTX A6000', '8.6', 48, 84, 768, 6, 1.8),
  'rtx-4070': card('GeForce RTX 4070', '8.9', 12, 46, 504, 36, 2.48),
  'rtx-4080': card('GeForce RTX 4080', '8.9', 16, 76, 716.8, 64, 2.51),
  'rtx-4090': card('GeForce RTX 4090', '8.9', 24, 128, 1008, 72, 2.52),
  'rtx-5080': card('GeForce RTX 5080', '12.0', 16, 84, 960, 64, 2.62),
  'rtx-5090': card('GeForce RTX 5090', '12.0', 32, 170, 1792, 96, 2.41),
  'a100-40gb': card('A100 40GB', '8.0', 39.4, 108, 1555, 40, 1.41),
  'a100-80gb': card('A100 80GB', '8.0', 79.2, 108, 2039, 40, 1.41),
  h100: card('H100 80GB', '9.0', 79.2, 132, 3350, 50, 1.98),
  h200: card('H200', '9.0', 141, 132, 4800, 50, 1.98),
  b200: card('B200', '10.0', 178.4, 148, 7672, 126, 1.965),
} satisfies Readonly<Record<string, Gpu>>;

export type GpuTarget = keyof typeof GPU_TARGETS;

/**
 * A GPU in the text form of XLA's `GpuTargetConfigProto`.
 *
 * @source openxla/xla xla/stream_executor/device_description.proto
 */
export function targetConfig(target: GpuTarget): string {
  const gpu: Gpu = GPU_TARGETS[target];
  const { threads, units, shared, sharedOptIn } = ARCHITECTURES[gpu.architecture];
  const [major, minor] = gpu.architecture.split('.');
  const extension = ACCELERATED.includes(gpu.architecture) ? 'ACCELERATED_FEATURES' : 'NONE';
  return `
gpu_device_info {
  name: "${gpu.name}" device_vendor: "NVIDIA Corporation" device_address_bits: 64
  cuda_compute_capability { major: ${major} minor: ${minor} feature_extension: ${extension} }
  device_memory_size: ${Math.round(gpu.memoryBytes)} memory_bandwidth: ${Math.round(gpu.bandwidth)}
  l2_cache_size: ${gpu.l2Bytes} clock_rate_ghz: ${gpu.clockGhz}
  core_count: ${gpu.multiprocessors} fpus_per_core: ${units}
  threads_per_block_limit: 1024 threads_per_warp: 32 threads_per_core_limit: ${threads}
  thread_dim_limit_x: 1024 thread_dim_limit_y: 1024 thread_dim_limit_z: 64
  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535
  shared_memory_per_block: 49152 shared_memory_per_block_optin: ${sharedOptIn}
  shared_memory_per_core: ${shared}
  registers_per_core_limit: 65536 registers_per_block_limit: 65536
  driver_version: "13.0.0" runtime_version: "13.0.0" compile_time_toolkit_version: "13.0.0"
  dnn_version: "9.10.0"
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 10 patch: 0 }
device_description_str: "${gpu.name}"
`;
}
