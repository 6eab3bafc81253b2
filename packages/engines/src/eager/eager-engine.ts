/** Engines that run a program's TF.js code op by op: for debugging, as a fallback, as the oracle. */
import {
  dispose as disposeTensors,
  memory as tensorMemory,
  setBackend,
} from '@tensorflow/tfjs-core';
import type { DeviceTree, Engine, EngineInfo, MemoryStats } from '@eddy/core';
import { zeros, type HostTree, type Program, type SpecTree, type TensorTree } from '@eddy/tensor';

import { flopsOf, trace } from '@eddy/compiler';
import { backendVersion, startBackend, type EagerBackend } from './backends.ts';
import { EagerDeviceTree, fromHost, type OnBackend } from './eager-device-tree.ts';
import { EagerExecutable } from './eager-executable.ts';
import { eagerStep, specOf } from './eager-step.ts';
import { SerialQueue } from './serial-queue.ts';

export interface EagerEngineOptions {
  readonly backend: EagerBackend;
}

/** Starts a TF.js backend in this process. */
export async function createEagerEngine({ backend }: EagerEngineOptions): Promise<Engine> {
  await startBackend(backend);
  return new EagerEngine(backend);
}

class EagerEngine implements Engine {
  readonly info: EngineInfo;
  readonly #queue = new SerialQueue();
  /** Trees that hold tensors. */
  readonly #live = new Set<EagerDeviceTree>();

  constructor(backend: EagerBackend) {
    this.info = {
      name: backend,
      description: `${backendVersion()} ${backend}, op by op`,
      precision: 'float32',
      devices: 1,
      fingerprint: `${backendVersion()} ${backend} ${process.arch}`,
    };
  }

  async compile(program: Program): Promise<EagerExecutable> {
    const start = performance.now();
    const { outputs, ...cost } = await this.#onBackend(() => this.#examine(program));
    const stats = { compileMs: performance.now() - start, cached: false, ...cost };
    return new EagerExecutable(this.info.name, program, outputs, stats, this.#onBackend);
  }

  async upload(values: HostTree): Promise<DeviceTree> {
    const tree = new EagerDeviceTree(this.#onBackend, this.#live);
    await tree.write(values);
    return tree;
  }

  memory(): Promise<MemoryStats> {
    return Promise.resolve({ bytesInUse: tensorMemory().numBytes });
  }

  /** Frees what its trees still hold. TF.js's backend stays: others may be using it. */
  async dispose(): Promise<void> {
    await this.#onBackend(() => undefined); // what is queued may yet fill a tree
    for (const tree of [...this.#live]) await tree.dispose();
  }

  /** Other engines and tracing share TF.js's one global backend, so each task sets it first. */
  readonly #onBackend: OnBackend = (task) =>
    this.#queue.add(() => {
      // Started already, so that it is set when the call returns.
      void setBackend(this.info.name);
      return task();
    });

  /**
   * Finds the outputs and counts the FLOPs by tracing, which computes nothing. A program that can't be traced may
   * still run here: its outputs are found by one run on zeros.
   */
  #examine(program: Program): { readonly outputs: SpecTree; readonly flops?: number } {
    try {
      const { graph, results } = trace(program);
      const outputs = results.filter((result) => result.kind === 'output');
      return {
        outputs: Object.fromEntries(outputs.map(({ name, spec }) => [name, spec])),
        flops: flopsOf(graph),
      };
    } catch {
      return { outputs: this.#outputSpecsOfRun(program) };
    }
  }

  #outputSpecsOfRun(program: Program): SpecTree {
    const zeroTensors = (specs: SpecTree): TensorTree =>
      mapTree(specs, (spec) => fromHost(zeros(spec)));
    const state = zeroTensors(program.state);
    try {
      const inputs = () => zeroTensors(program.inputs);
      const step = eagerStep(this.info.name, program, state, inputs, 'all');
      disposeTensors(step.state);
      disposeTensors(step.outputs);
      return mapTree(step.outputs, specOf);
    } finally {
      disposeTensors(state);
    }
  }
}

function mapTree<A, B>(tree: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, f(value)]));
}
