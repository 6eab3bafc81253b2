import type { DeviceTree, Executable, ExecutableStats, RunOptions } from '@eddy/core';
import type { HostTree, SpecTree } from '@eddy/tensor';

import { checkRun, type Signature } from '../contract/check-run.ts';
import type { GraphArgument, GraphResult } from '@eddy/compiler/graph';
import { wholeOf } from '@eddy/compiler/graph';
import { ownTree } from './device-tree.ts';
import type { EngineProcess } from './engine-process.ts';
import type { SharedTensors } from './protocol.ts';

/** What an executable needs to know of its program. */
export interface HostedProgram {
  readonly name: string;
  /** That run it together. */
  readonly devices: number;
  readonly arguments: readonly GraphArgument[];
  readonly results: readonly GraphResult[];
}

/** A program that the engine process has prepared. */
export class HostedExecutable implements Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  readonly signature: Signature;
  /** State that the program returns: new values, and what it leaves beside the tensors it was given. */
  readonly returned: SpecTree;
  readonly #process: EngineProcess;
  readonly #id: number;
  /** In the order in which the program takes them, which the keys of an object need not keep. */
  readonly #inputs: readonly string[];

  constructor(process: EngineProcess, id: number, program: HostedProgram, stats: ExecutableStats) {
    this.#process = process;
    this.#id = id;
    this.#inputs = program.arguments.flatMap(({ kind, name }) => (kind === 'input' ? [name] : []));
    this.name = program.name;
    this.stats = stats;
    this.outputs = specsOf(program.results, 'output', program.devices);
    this.returned = specsOf(program.results, 'state', program.devices);
    this.signature = {
      name: program.name,
      state: specsOf(program.arguments, 'state', program.devices),
      inputs: specsOf(program.arguments, 'input', program.devices),
      outputs: this.outputs,
    };
  }

  /**
   * Sends one step to the device; resolves when the device has done it.
   *
   * @param inputs  their arrays must not be written to until this resolves.
   * @param shared  inputs and outputs that lie in memory that the process has, too.
   * @throws STATE_MISSING, INPUT_MISMATCH, BIND_CONFLICT before anything is sent; ENGINE_DIED,
   *   OUT_OF_MEMORY, PLUGIN_FAILED
   */
  async run(
    state: DeviceTree,
    inputs: HostTree,
    options: RunOptions = {},
    shared?: SharedTensors,
  ): Promise<HostTree> {
    const { fetch = [], bind = {} } = options;
    const tree = ownTree(state, this.#process);
    const isSent = (name: string) => shared === undefined || !Object.hasOwn(shared.inputs, name);
    const sent = Object.entries(this.signature.inputs).filter(([name]) => isSent(name));
    const signature = { ...this.signature, inputs: Object.fromEntries(sent) };
    checkRun(signature, (name) => tree.spec(name, this.name), inputs, options);
    for (const [name, spec] of Object.entries(this.returned)) {
      if (!Object.hasOwn(this.signature.state, name)) tree.adopt(bind[name] ?? name, spec);
    }
    const answer = await this.#process.call(
      'run',
      {
        executable: this.#id,
        tree: tree.id,
        bind,
        fetch,
        ...(shared !== undefined && { shared }),
      },
      { arrays: this.#inputs.filter(isSent).map((name) => inputs[name]!.data), at: this.name },
    );
    return Object.fromEntries(
      fetch.map((name, i) => [name, { ...this.outputs[name]!, data: answer.arrays[i]! }]),
    );
  }

  async dispose(): Promise<void> {
    await this.#process.call('unload', { executable: this.#id });
  }
}

/** Of the whole tensors. */
export function specsOf(
  tensors: readonly (GraphArgument | GraphResult)[],
  kind: (GraphArgument | GraphResult)['kind'],
  devices: number,
): SpecTree {
  return Object.fromEntries(
    tensors
      .filter((tensor) => tensor.kind === kind)
      .map(({ name, spec, share }) => [name, wholeOf(spec, share, devices)]),
  );
}
