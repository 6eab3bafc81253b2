import { dispose as disposeTensors } from '@tensorflow/tfjs-core';
import type { DeviceTree, Executable, ExecutableStats, RunOptions } from '@eddy/core';
import type { HostTensor, HostTree, Program, SpecTree } from '@eddy/tensor';

import { checkRun } from '../contract/check-run.ts';
import {
  fromHost,
  ownTree,
  toHost,
  type EagerDeviceTree,
  type OnBackend,
} from './eager-device-tree.ts';
import { eagerStep } from './eager-step.ts';

/** Runs the program's own code at every step. */
export class EagerExecutable implements Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  readonly #engine: string;
  readonly #program: Program;
  readonly #onBackend: OnBackend;

  constructor(
    engine: string,
    program: Program,
    outputs: SpecTree,
    stats: ExecutableStats,
    onBackend: OnBackend,
  ) {
    this.name = program.name;
    this.outputs = outputs;
    this.stats = stats;
    this.#engine = engine;
    this.#program = program;
    this.#onBackend = onBackend;
  }

  /** @throws STATE_MISSING, INPUT_MISMATCH, BIND_CONFLICT, KERNEL_MISSING, STATE_CHANGED */
  async run(state: DeviceTree, inputs: HostTree, options: RunOptions = {}): Promise<HostTree> {
    const tree = ownTree(state, this.#onBackend);
    const signature = {
      name: this.name,
      state: this.#program.state,
      inputs: this.#program.inputs,
      outputs: this.outputs,
    };
    checkRun(signature, (name) => tree.spec(name, this.name), inputs, options);
    return this.#onBackend(() => this.#step(tree, inputs, options));
  }

  /** Nothing is kept. */
  dispose(): Promise<void> {
    return Promise.resolve();
  }

  async #step(
    tree: EagerDeviceTree,
    inputs: HostTree,
    { fetch = [], bind = {} }: RunOptions,
  ): Promise<HostTree> {
    const boundName = (name: string) => bind[name] ?? name;
    const state = Object.fromEntries(
      Object.keys(this.#program.state).map((name) => [name, tree.tensors.get(boundName(name))!]),
    );
    const makeInputs = () =>
      Object.fromEntries(
        Object.keys(this.#program.inputs).map((name) => [name, fromHost(inputs[name]!)]),
      );
    const step = eagerStep(this.#engine, this.#program, state, makeInputs, fetch);
    try {
      const fetched: [string, HostTensor][] = [];
      for (const [name, value] of Object.entries(step.outputs)) {
        fetched.push([name, await toHost(value)]);
      }
      for (const [name, value] of Object.entries(step.state)) tree.replace(boundName(name), value);
      return Object.fromEntries(fetched);
    } catch (error) {
      disposeTensors(step.state);
      throw error;
    } finally {
      disposeTensors(step.outputs);
    }
  }
}
