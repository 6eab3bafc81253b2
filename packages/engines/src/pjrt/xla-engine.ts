/** The compiling engine: programs become StableHLO here and machine code in the engine process. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type {
  DeviceTree,
  Engine,
  EngineInfo,
  HostTree,
  MemoryStats,
  Precision,
  Program,
} from '@eddy/core';

import type { LoweredProgram } from '../stablehlo/lowered-program.ts';
import { XlaDeviceTree } from './device-tree.ts';
import { EngineProcess } from './engine-process.ts';
import { pluginNotLoaded } from './errors.ts';
import { XlaExecutable } from './executable.ts';
import { lowerProgram } from './lower-program.ts';
import { hasFastBfloat16, machine } from './machine.ts';
import type { Answers } from './protocol.ts';

export interface XlaEngineOptions {
  /** `xla-cpu`, `xla-cuda`. */
  readonly name: string;
  /** Shared library with `GetPjrtApi`. */
  readonly pluginPath: string;
  /** Package and version that the library came from: `xla-cpu-pjrt 0.0.1`. */
  readonly pluginVersion: string;
  /** sha256 of the library or of the package that it came in; part of cache keys. */
  readonly pluginDigest: string;
  /** `auto`: bf16-mixed where it is faster. */
  readonly precision?: Precision | 'auto';
  /** Compiled programs are kept below it; null keeps none. */
  readonly cacheFolder: string | null;
  /** As in the environment variable XLA_FLAGS, which they replace; come after our own. */
  readonly xlaFlags?: string;
  /** Threads of the CPU plugin, which takes no fewer than its 4 devices; one a core by default. */
  readonly threads?: number;
  readonly hangTimeoutMs?: number;
}

/** By default XLA:CPU's max and min lose a NaN in the second place, and with it the sign of a fault. */
const KEEP_NAN = '--xla_cpu_enable_fast_min_max=false';

function xlaFlags(options: XlaEngineOptions): string {
  return `${KEEP_NAN} ${options.xlaFlags ?? process.env['XLA_FLAGS'] ?? ''}`.trimEnd();
}

/**
 * Starts an engine process with a PJRT plugin.
 *
 * @throws PLUGIN_NOT_LOADED with the plugin's or the loader's words.
 */
export async function createXlaEngine(options: XlaEngineOptions): Promise<XlaEngine> {
  const environment: Record<string, string> = { XLA_FLAGS: xlaFlags(options) };
  if (options.threads !== undefined) environment['PJRT_NPROC'] = String(options.threads);
  const process = new EngineProcess({
    engine: options.name,
    environment,
    ...(options.hangTimeoutMs !== undefined && { hangTimeoutMs: options.hangTimeoutMs }),
  });
  try {
    const { value } = await process.call('start', { pluginPath: options.pluginPath });
    return new XlaEngine(process, options, value);
  } catch (error) {
    await process.dispose();
    const message = error instanceof Error ? error.message : String(error);
    throw pluginNotLoaded({ engine: options.name, path: options.pluginPath, message });
  }
}

export class XlaEngine implements Engine {
  readonly info: EngineInfo;
  readonly #process: EngineProcess;
  readonly #cacheFolder: string | null;
  #executables = 0;
  #trees = 0;

  constructor(process: EngineProcess, options: XlaEngineOptions, started: Answers['start']) {
    this.#process = process;
    this.#cacheFolder = options.cacheFolder;
    this.info = describe(options, started);
  }

  /** Of the engine process, for tests and tools. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  compile(program: Program): Promise<XlaExecutable> {
    return this.compileLowered(lowerProgram(program, this.info.precision));
  }

  /** Compiles a program that is StableHLO already. */
  async compileLowered(program: LoweredProgram): Promise<XlaExecutable> {
    const id = this.#executables++;
    const { value } = await this.#process.call(
      'compile',
      {
        executable: id,
        text: program.text,
        arguments: program.arguments,
        results: program.results,
        cacheFile: this.#cacheFile(program.text),
      },
      { at: `compiling ${program.name}` },
    );
    return new XlaExecutable(this.#process, id, program, { ...value, flops: program.flops });
  }

  async upload(tree: HostTree): Promise<DeviceTree> {
    const uploaded = new XlaDeviceTree(this.#process, this.#trees++);
    await uploaded.write(tree);
    return uploaded;
  }

  async memory(): Promise<MemoryStats> {
    const { value } = await this.#process.call('memory', {});
    return value;
  }

  dispose(): Promise<void> {
    return this.#process.dispose();
  }

  #cacheFile(text: string): string | null {
    if (this.#cacheFolder === null) return null;
    const key = createHash('sha256').update(this.info.fingerprint).update('\0').update(text);
    return join(this.#cacheFolder, 'compiled', key.digest('hex'));
  }
}

function describe(options: XlaEngineOptions, started: Answers['start']): EngineInfo {
  const { cores, model, features } = machine();
  const onCpu = started.platformName === 'cpu';
  const device = onCpu ? `${cores} cores` : started.deviceKind;
  const precision = options.precision ?? 'auto';
  const platform = onCpu ? 'CPU' : started.platformName.toUpperCase();
  // Whatever may change a bit of a result, or make a compiled program unfit to load.
  const fingerprint = createHash('sha256').update(
    JSON.stringify({
      plugin: options.pluginDigest,
      platform: [started.platformName, started.platformVersion, started.deviceKind],
      devices: started.deviceCount,
      cpu: onCpu ? { model, features, threads: options.threads ?? cores } : null,
      flags: xlaFlags(options),
    }),
  );
  return {
    name: options.name,
    description: `XLA ${platform} (${options.pluginVersion}, PJRT ${started.apiVersion}), ${device}`,
    precision:
      precision !== 'auto' ? precision : !onCpu || hasFastBfloat16() ? 'bf16-mixed' : 'float32',
    devices: started.deviceCount,
    fingerprint: fingerprint.digest('hex'),
  };
}
