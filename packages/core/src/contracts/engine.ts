/**
 * The engine contract: a program in TF.js code goes in, an executable comes out. Named trees cross
 * this border; TF.js tensors do not.
 */
import type { Precision, Program } from '@eddy/tensor';

import type { HostTree, SpecTree } from '@eddy/tensor/spec';

/** Tensors on an engine's device, by name. Opaque: only its own engine reads it. */
export interface DeviceTree {
  readonly specs: SpecTree;
  /** Copies to the host: the named tensors, or all. */
  read(names?: readonly string[]): Promise<HostTree>;
  /** Replaces or adds tensors from the host. */
  write(tree: HostTree): Promise<void>;
  /** Frees the device memory; with names, only these. */
  dispose(names?: readonly string[]): Promise<void>;
}

export interface RunOptions {
  /** Outputs to bring to the host; none by default. */
  readonly fetch?: readonly string[];
  /**
   * Program state name → name in the device tree, where they differ. Lets one executable serve
   * several micro-batches whose carries lie side by side.
   */
  readonly bind?: Readonly<Record<string, string>>;
}

export interface Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  /**
   * Runs one step. State tensors that the program returns are replaced in `state` (their old
   * buffers are donated). Calls are queued in order; a second may be sent before the first resolves.
   *
   * @param inputs  read until this resolves; their arrays may be written over afterwards.
   */
  run(state: DeviceTree, inputs: HostTree, options?: RunOptions): Promise<HostTree>;
  dispose(): Promise<void>;
}

export interface ExecutableStats {
  readonly compileMs: number;
  /** Loaded from the compile cache. */
  readonly cached: boolean;
  /** Bytes while running, where the engine knows: state and inputs, results that alias nothing, scratch. */
  readonly argumentBytes?: number;
  readonly outputBytes?: number;
  readonly temporaryBytes?: number;
  /** Multiply and add count as two. From the graph's matrix products. */
  readonly flops?: number;
}

export interface MemoryStats {
  /** Bytes in use now, where the engine knows. */
  readonly bytesInUse?: number;
  readonly peakBytes?: number;
  /** Bytes that the device can hold. */
  readonly limitBytes?: number;
  /** Of these, what training may plan for where others want some too. */
  readonly usableBytes?: number;
}

/**
 * How the time of a row depends on how many are on the device at once. Sizes are in bytes that the rows
 * of a micro-batch carry from step to step, a measure of one activation of all of them.
 */
export interface Pace {
  /** A micro-batch of this size takes as long to start, gather and finish as to compute. */
  readonly overheadBytes: number;
  /** Beyond this size activations leave the caches … */
  readonly cacheBytes?: number;
  /** … and each doubling makes a row slower by this part. */
  readonly slowdown?: number;
}

/** What a process holds on to. A checkpoint's copy of the state lies in it too. */
export interface ProcessMemory {
  /** The number of calls whose scratch buffers stay allocated. */
  readonly scratchBuffers: number;
  /** Only calls with less scratch memory than this keep theirs; by default all do. */
  readonly belowBytes?: number;
  /** What compiling a step leaves behind; 0 by default. */
  readonly compilerBytes?: number;
}

export interface EngineInfo {
  /** Plugin name: `xla-cpu`, `xla-cuda`, `tensorflow`, `wasm`, `cpu`. */
  readonly name: string;
  /** For people: `XLA CPU (xla-cpu-pjrt 0.0.1, PJRT 0.81), 2 cores`. */
  readonly description: string;
  readonly precision: Precision;
  /** The number of devices that run a program with `sharing`. */
  readonly devices: number;
  /** The number of hosts, each with equally many devices; 1 by default. */
  readonly hosts?: number;
  /** If true, a batch that does not divide evenly uses fewer devices of each host; otherwise it is an error. */
  readonly fewerDevices?: boolean;
  /** The device is not here: programs are compiled for it to plan by, and nothing is uploaded or run. */
  readonly isAbsent?: boolean;
  /** For `microBatchSize: auto`; by default the larger the faster. */
  readonly pace?: Pace;
  /** Present where the engine's memory is its process's, which comes to hold more than a step takes. */
  readonly processMemory?: ProcessMemory;
  /** Goes into cache keys and run manifests: plugin sha256, CPU features, flags. */
  readonly fingerprint: string;
}

export interface CompileOptions {
  /**
   * Called at most once, when the program has been handed to a compiler that works elsewhere: for work
   * that can be done beside it.
   */
  readonly meanwhile?: (() => void) | undefined;
}

export interface Engine {
  readonly info: EngineInfo;
  /** Programs that are compiled at the same time are traced in the order of the calls. */
  compile(program: Program, options?: CompileOptions): Promise<Executable>;
  /** An empty device tree, or one with these values. */
  upload(tree: HostTree): Promise<DeviceTree>;
  memory(): Promise<MemoryStats>;
  dispose(): Promise<void>;
}
