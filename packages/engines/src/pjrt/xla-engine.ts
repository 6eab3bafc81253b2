/** The compiling engine: programs become StableHLO here and machine code in the engine process. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type { EngineInfo, Pace } from '@eddy/core';
import type { Precision, Program } from '@eddy/tensor';

import { allocatorMemory } from '../process/allocator.ts';
import { EngineProcess, start } from '../process/engine-process.ts';
import { ForkedProcess } from '../process/forked-process.ts';
import { HostedEngine, type Prepare, type PreparedProgram } from '../process/hosted-engine.ts';
import type { HostTraits } from './host-traits.ts';
import type { EngineLink } from '../process/link.ts';
import { hasFastBfloat16, machine, type Machine } from '@eddy/installer';
import type { Answers } from '../process/protocol.ts';
import type { LoweredProgram } from '@eddy/compiler';
import type { LibraryProducts, PartsOfProgram } from '@eddy/compiler/engine';
import { AbsentDeviceEngine } from './absent-device-engine.ts';
import type { NamedValues } from './binding/named-values.ts';
import { devicesMissing } from './errors.ts';

export interface XlaEngineOptions {
  /** `xla-cpu`, `xla-cuda`. */
  readonly name: string;
  /** Shared library with `GetPjrtApi`. */
  readonly pluginPath: string;
  /** Package and version that the library came from: `xla-cpu-pjrt 0.0.1`. */
  readonly pluginVersion: string;
  /** sha256 of the library or of the package that it came in; part of cache keys. */
  readonly pluginDigest: string;
  /** Shared library that allocates memory in the engine's process. */
  readonly allocatorPath?: string;
  /** `auto`: bf16-mixed where it is faster. */
  readonly precision?: Precision | 'auto';
  /** Compiled programs are kept below it; null keeps none. */
  readonly cacheFolder: string | null;
  /** As in the environment variable XLA_FLAGS, which they replace; come after our own. */
  readonly xlaFlags?: string;
  /** Threads of the CPU plugin, which takes no fewer than it has devices; one a core by default. */
  readonly threads?: number;
  /** The implementation of matrix products on a CPU; `auto`: oneDNN, in the precision that the processor is fast in. */
  readonly products?: 'onednn' | 'compiler' | 'auto';
  /** Devices to train on: so many, or all that the plugin has; 1 by default. */
  readonly devices?: number | 'all';
  /** If true, a batch that does not divide evenly uses fewer devices; otherwise it is an error. */
  readonly fewerDevices?: boolean;
  readonly hangTimeoutMs?: number;
  /** Options of the plugin's client, by PJRT's names. */
  readonly clientOptions?: NamedValues;
  /** Environment variables of the process, besides those that the other options set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** XLA flags that come before `xlaFlags`, which win. */
  readonly defaultFlags?: string;
  /** A device that is not here: programs are compiled for it, and can't be run. */
  readonly target?: AbsentDevice;
  /** If true, the target's own attention kernels are used where it has them; true by default. */
  readonly fusedAttention?: boolean;
}

export interface AbsentDevice {
  /** The name that people read. */
  readonly name: string;
  /** Properties of the device, by the plugin's names: see `PjrtTopology`. */
  readonly description: NamedValues;
  /** The number of bytes of its memory that the engine may take. */
  readonly limitBytes: number;
}

/** By default XLA:CPU's max and min lose a NaN in the second place, and with it the sign of a fault. */
const KEEP_NAN = '--xla_cpu_enable_fast_min_max=false';

const MIB = 2 ** 20;
/** Full-width TRM-MLP on two cores: 96 rows are a quarter slower than 16 (docs/log.md). */
const CPU_PACE: Pace = { overheadBytes: 0.25 * MIB, cacheBytes: 8 * MIB, slowdown: 0.09 };
/** From the number of launches in a step, not measured: half the speed at some 24 rows at full width. */
const GPU_PACE: Pace = { overheadBytes: 8 * MIB };

function xlaFlags({ defaultFlags, xlaFlags: own }: XlaEngineOptions): string {
  const flags = [KEEP_NAN, defaultFlags, own ?? process.env['XLA_FLAGS']];
  return flags.filter((part) => part !== undefined && part !== '').join(' ');
}

/**
 * Starts an engine process with a PJRT plugin.
 *
 * @throws DEVICES_MISSING where the plugin has fewer than asked for
 * @throws PLUGIN_NOT_LOADED with the plugin's or the loader's words.
 */
export async function createXlaEngine(options: XlaEngineOptions): Promise<HostedEngine> {
  return (await startXla(forkXla(options), options)).engine;
}

/** The process in which the plugin is to be loaded. */
export function forkXla(options: XlaEngineOptions): ForkedProcess {
  const environment: Record<string, string> = {
    ...options.environment,
    XLA_FLAGS: xlaFlags(options),
  };
  if (options.threads !== undefined) environment['PJRT_NPROC'] = String(options.threads);
  return new ForkedProcess({
    engine: options.name,
    host: `@eddy/engines/${options.target === undefined ? 'pjrt-host' : 'pjrt-compiler-host'}`,
    environment,
    ...(options.allocatorPath !== undefined && { allocatorPath: options.allocatorPath }),
  });
}

/** The engine of one host, and what a program is made ready with for several. */
export interface XlaHost {
  readonly engine: HostedEngine;
  readonly traits: HostTraits;
  lowerParts(program: Program, hosts: number): PartsOfProgram | undefined;
  /** Lowers a program for this host alone. @throws TRACE_NOT_DETERMINISTIC */
  lower(program: Program): LoweredProgram;
  prepare(lowered: LoweredProgram): PreparedProgram;
}

/**
 * Loads the plugin. What traces programs, and TF.js with it, is loaded only then, while the process is
 * starting.
 *
 */
export async function startXla(
  link: EngineLink,
  options: XlaEngineOptions,
  on: Machine = machine(),
): Promise<XlaHost> {
  const process = new EngineProcess(link, {
    engine: options.name,
    ...(options.hangTimeoutMs !== undefined && { hangTimeoutMs: options.hangTimeoutMs }),
  });
  const { clientOptions = {}, fusedAttention = true, devices = 1, cacheFolder, target } = options;
  const [started, { compilerTraits, lowerParts, lowerProgram }] = await Promise.all([
    start(process, options.name, options.pluginPath, target?.description ?? clientOptions),
    import('@eddy/compiler/engine'),
  ]);
  if (target === undefined && devices !== 'all' && devices > started.deviceCount) {
    await process.dispose();
    throw devicesMissing({ engine: options.name, asked: devices, present: started.deviceCount });
  }
  const traits = traitsOf(options, started, on);
  const info = describe(options, started, on, traits);
  const known = compilerTraits(started.platformName, libraryProducts(options));
  const hasFusedAttention = fusedAttention && hasBfloat16Units(started);
  const compiler = hasFusedAttention ? known : { ...known, composites: {} };
  const lowering = { precision: info.precision, devices: info.devices, ...compiler };
  const prepare = ({ text, takesTrue, serializable, ...lowered }: LoweredProgram) => ({
    ...lowered,
    code: { kind: 'stablehlo' as const, text, takesTrue, devices: lowered.devices },
    cacheFile:
      cacheFolder !== null && serializable
        ? compiledFile(cacheFolder, info.fingerprint, text)
        : null,
  });
  const prepareProgram: Prepare = (program) => {
    const { requireSameTrace, ...lowered } = lowerProgram(program, lowering);
    return { ...prepare(lowered), requireSameTrace };
  };
  return {
    engine:
      target === undefined
        ? new HostedEngine(process, info, prepareProgram)
        : new AbsentDeviceEngine(process, info, prepareProgram, target.limitBytes),
    traits,
    lower: (program) => {
      const { requireSameTrace, ...lowered } = lowerProgram(program, lowering);
      requireSameTrace();
      return lowered;
    },
    lowerParts: (program, hosts) => lowerParts(program, { ...lowering, hosts }),
    prepare,
  };
}

/** The plugin's build for x86-64 has oneDNN, which has no bfloat16 products for older processors. */
function libraryProducts({ products = 'auto' }: XlaEngineOptions): LibraryProducts {
  if (products === 'compiler') return [];
  if (products === 'onednn') return ['bfloat16', 'float32'];
  if (process.arch !== 'x64') return [];
  return hasFastBfloat16() ? ['bfloat16'] : ['float32'];
}

/** First generation of NVIDIA's GPUs that multiplies in bfloat16 (Ampere); cuDNN's fused attention is for it, too. */
const AMPERE = 8;

/** Of a GPU; taken for granted where the plugin does not tell which it is. */
function hasBfloat16Units({ computeCapability }: Answers['start']): boolean {
  return computeCapability === undefined || Number.parseInt(computeCapability, 10) >= AMPERE;
}

function compiledFile(folder: string, fingerprint: string, text: string): string {
  const key = createHash('sha256').update(fingerprint).update('\0').update(text);
  return join(folder, 'compiled', key.digest('hex'));
}

/** Whatever may change a bit of a result, or make a compiled program unfit to load. */
function traitsOf(
  options: XlaEngineOptions,
  started: Answers['start'],
  { cores, model, features }: Machine,
): HostTraits {
  const { pluginVersion, pluginDigest, threads = cores } = options;
  return {
    plugin: pluginVersion,
    'its sha256': pluginDigest,
    platform: `${started.platformName} ${started.platformVersion}`,
    device: started.deviceKind,
    devices: `${deviceCount(options, started)} of ${started.deviceCount}`,
    'XLA flags': xlaFlags(options),
    ...(started.platformName === 'cpu' && {
      processor: model,
      'instruction sets': features,
      threads: String(threads),
    }),
  };
}

function deviceCount({ devices = 1 }: XlaEngineOptions, started: Answers['start']): number {
  return devices === 'all' ? Math.max(1, started.deviceCount) : devices;
}

function describe(
  options: XlaEngineOptions,
  started: Answers['start'],
  { cores, features }: Machine,
  traits: HostTraits,
): EngineInfo {
  const onCpu = started.platformName === 'cpu';
  const { target } = options;
  const count = deviceCount(options, started);
  const kind = target === undefined ? started.deviceKind : `${target.name}, which is not present`;
  const device = deviceText(count, onCpu ? `${cores} cores` : kind);
  const precision = options.precision ?? 'auto';
  const platform = onCpu ? 'CPU' : started.platformName.toUpperCase();
  return {
    name: options.name,
    description: `XLA ${platform} (${options.pluginVersion}, PJRT ${started.apiVersion}), ${device}`,
    precision:
      precision !== 'auto'
        ? precision
        : (onCpu ? hasFastBfloat16(features) : hasBfloat16Units(started))
          ? 'bf16-mixed'
          : 'float32',
    devices: count,
    ...(options.fewerDevices === true && { fewerDevices: true }),
    pace: onCpu ? CPU_PACE : GPU_PACE,
    ...(onCpu && { processMemory: allocatorMemory(options.allocatorPath) }),
    fingerprint: createHash('sha256').update(JSON.stringify(traits)).digest('hex'),
  };
}

function deviceText(count: number, kind: string): string {
  return count === 1 ? kind : `${count} devices, ${kind}`;
}
