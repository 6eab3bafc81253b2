/** The engine process's side of the protocol: owns the device, its programs and its trees. */
import { dirname } from 'node:path';

import { InternalError } from '@eddy/tensor/errors';

import { PjrtApi } from '../binding/api.ts';
import { PjrtClient } from '../binding/client.ts';
import { allDone } from '../binding/event.ts';
import type { PjrtExecutable } from '../binding/executable.ts';
import { PjrtError } from '../binding/pjrt-error.ts';
import { processMemory } from '../../process/process-memory.ts';
import type { HostData, Requests } from '../../process/protocol.ts';
import { mapMemoryFile } from '../../process/shared-memory.ts';
import type { Handlers, Outcome } from '../../process/serve.ts';
import { compiledBytes, stablehloOf } from './compile-request.ts';
import { pruneCompiled, readCompiled, writeCompiled } from './compiled-file.ts';
import {
  copyTensor,
  readTensor,
  newZeros,
  uploadTensor,
  type DeviceTensor,
} from './device-tensor.ts';
import {
  startRun,
  tensorOf,
  type LoadedProgram,
  type SharedMemoryTensors,
  type StartedRun,
  type TensorMap,
} from './run-program.ts';

interface Device {
  readonly api: PjrtApi;
  readonly client: PjrtClient;
}

export class PjrtHost implements Handlers {
  #started: Device | null = null;
  readonly #programs = new Map<number, LoadedProgram>();
  readonly #trees = new Map<number, TensorMap>();
  /** Memory that the supervisor has, too, by its file. */
  readonly #shared = new Map<string, Uint8Array>();
  /** The run that was started last, while it is under way. */
  #latestRun: StartedRun | null = null;

  async start({ libraryPath, options }: Requests['start']): Promise<Outcome<'start'>> {
    const api = new PjrtApi(libraryPath);
    const client = await PjrtClient.create(api, options);
    this.#started = { api, client };
    const { platformName, platformVersion, deviceCount, deviceKind, computeCapability } = client;
    const apiVersion = `${api.majorVersion}.${api.minorVersion}`;
    return {
      value: {
        apiVersion,
        platformName,
        platformVersion,
        deviceCount,
        deviceKind,
        ...(computeCapability !== undefined && { computeCapability }),
      },
    };
  }

  async compile(request: Requests['compile']): Promise<Outcome<'compile'>> {
    const start = performance.now();
    const code = stablehloOf(request.code);
    const stored = await this.#loadCompiled(request.cacheFile);
    const executable = stored ?? (await this.#device.client.compile(code.text, code.devices));
    const compileMs = performance.now() - start;
    if (stored === null && request.cacheFile !== null) {
      await storeCompiled(request.cacheFile, executable);
    }
    const bytes = compiledBytes(executable.compiled);
    this.#programs.set(request.executable, {
      executable,
      devices: code.devices,
      arguments: request.arguments,
      takesTrue: code.takesTrue,
      results: request.results,
      allocatedBytes: code.devices * ((bytes.temporaryBytes ?? 0) + (bytes.outputBytes ?? 0)),
    });
    return { value: { compileMs, cached: stored !== null, ...bytes } };
  }

  async run(request: Requests['run'], inputs: readonly HostData[]): Promise<Outcome<'run'>> {
    const { api, client } = this.#device;
    const program = this.#program(request.executable);
    const tree = this.#tree(request.tree);
    requireMemory(client, program);
    const shared = this.#sharedTensors(request);
    const run = await startRun(api, client, program, tree, request, inputs, shared);
    this.#latestRun = run;
    const done = async () => {
      try {
        await run.done();
      } finally {
        if (this.#latestRun === run) this.#latestRun = null;
      }
    };
    return { value: {}, arrays: run.arrays, done };
  }

  unload({ executable }: Requests['unload']): Outcome<'unload'> {
    this.#program(executable).executable.destroy();
    this.#programs.delete(executable);
    return { value: {} };
  }

  write(
    { tree, tensors, zeros }: Requests['write'],
    arrays: readonly HostData[],
  ): Outcome<'write'> {
    const target = this.#tree(tree);
    for (const [index, { name, spec }] of tensors.entries()) {
      this.#replace(
        target,
        name,
        // A program that runs on several devices spreads it when it first needs it there.
        uploadTensor(this.#device.client, arrays[index]!, spec, 'each', 1),
      );
    }
    for (const { name, spec } of zeros) this.#replace(target, name, newZeros(spec));
    return { value: {} };
  }

  read({ tree, names }: Requests['read']): Outcome<'read'> {
    const source = this.#tree(tree);
    const reads = names.map((name) => readTensor(tensorOf(source, name)));
    return {
      value: {},
      arrays: () => reads.map((read) => read.data()),
      done: () => allDone(reads.flatMap((read) => read.copied)),
    };
  }

  copy({ tree, names }: Requests['copy']): Outcome<'copy'> {
    const tensors = this.#tree(tree);
    const copies = Object.entries(names).map(
      ([target, source]) =>
        [target, copyTensor(this.#device.client, tensorOf(tensors, source))] as const,
    );
    for (const [target, tensor] of copies) this.#replace(tensors, target, tensor);
    return { value: {} };
  }

  free({ tree, names }: Requests['free']): Outcome<'free'> {
    const tensors = this.#tree(tree);
    for (const name of names ?? [...tensors.keys()]) {
      this.#retire(tensorOf(tensors, name));
      tensors.delete(name);
    }
    if (names === null) this.#trees.delete(tree);
    return { value: {} };
  }

  memory(): Outcome<'memory'> {
    return { value: this.#device.client.memory() ?? processMemory() };
  }

  ping(): Outcome<'ping'> {
    return { value: {} };
  }

  async #loadCompiled(cacheFile: string | null): Promise<PjrtExecutable | null> {
    const serialized = cacheFile === null ? null : await readCompiled(cacheFile);
    if (serialized === null) return null;
    try {
      return await this.#device.client.load(serialized);
    } catch (error) {
      // Whole but not to this plugin's liking: compile again, which replaces it.
      if (error instanceof PjrtError) return null;
      throw error;
    }
  }

  #replace(tree: TensorMap, name: string, tensor: DeviceTensor): void {
    const previous = tree.get(name);
    tree.set(name, tensor);
    if (previous !== undefined) this.#retire(previous);
  }

  /** Runs end in the order they started, so after the latest nothing uses the tensor any more. */
  #retire({ buffers }: DeviceTensor): void {
    if (this.#latestRun !== null) this.#latestRun.retired.push(...buffers);
    else for (const buffer of buffers) buffer.destroy();
  }

  get #device(): Device {
    if (this.#started === null) throw new InternalError('the engine process has not been started');
    return this.#started;
  }

  #program(id: number): LoadedProgram {
    const program = this.#programs.get(id);
    if (program === undefined) throw new InternalError(`no executable ${id} in the engine process`);
    return program;
  }

  /** The memory is mapped at its first mention. */
  #sharedTensors({ shared }: Requests['run']): SharedMemoryTensors | undefined {
    if (shared === undefined) return undefined;
    const { memory: path, bytes, inputs, outputs } = shared;
    const memory = this.#shared.get(path) ?? mapMemoryFile(path, bytes);
    this.#shared.set(path, memory);
    return { memory, inputs, outputs };
  }

  /** A tree exists from its first mention on. */
  #tree(id: number): TensorMap {
    const tree: TensorMap = this.#trees.get(id) ?? new Map<string, DeviceTensor>();
    this.#trees.set(id, tree);
    return tree;
  }
}

/**
 * A CPU's plugin has what the kernel promises, and an allocator that reserves is promised anything: the
 * process would be killed when it wrote there.
 */
function requireMemory(client: PjrtClient, { allocatedBytes }: LoadedProgram): void {
  if (client.memory() !== undefined) return;
  const { limitBytes = Number.POSITIVE_INFINITY } = processMemory();
  if (allocatedBytes <= limitBytes) return;
  const message = `it allocates ${allocatedBytes} bytes, and the machine has ${limitBytes}`;
  throw new PjrtError('PJRT_LoadedExecutable_Execute', 'RESOURCE_EXHAUSTED', message);
}

/** The cache saves time only: a full disk, or a plugin that can't serialize, must not stop a run. */
async function storeCompiled(path: string, executable: PjrtExecutable): Promise<void> {
  try {
    await writeCompiled(path, executable.compiled.serialize());
    await pruneCompiled(dirname(path));
  } catch (error) {
    process.stderr.write(`compiled program not stored: ${String(error)}\n`);
  }
}
