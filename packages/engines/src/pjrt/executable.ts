import {
  sizeOf,
  type DeviceTree,
  type Executable,
  type ExecutableStats,
  type HostTree,
  type RunOptions,
  type SpecTree,
  type TensorSpec,
} from '@eddy/core';

import type { LoweredProgram } from '../stablehlo/lowered-program.ts';
import { ownTree, type XlaDeviceTree } from './device-tree.ts';
import type { EngineProcess } from './engine-process.ts';
import { bindConflict, inputMismatch } from './errors.ts';

export class XlaExecutable implements Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  readonly #process: EngineProcess;
  readonly #id: number;
  readonly #state: readonly [name: string, spec: TensorSpec][];
  readonly #inputs: readonly [name: string, spec: TensorSpec][];

  constructor(process: EngineProcess, id: number, program: LoweredProgram, stats: ExecutableStats) {
    this.#process = process;
    this.#id = id;
    this.name = program.name;
    this.stats = stats;
    const ofKind = (kind: 'state' | 'input') =>
      program.arguments
        .filter((argument) => argument.kind === kind)
        .map(({ name, spec }): [string, TensorSpec] => [name, spec]);
    this.#state = ofKind('state');
    this.#inputs = ofKind('input');
    this.outputs = Object.fromEntries(
      program.results
        .filter((result) => result.kind === 'output')
        .map(({ name, spec }) => [name, spec]),
    );
  }

  /**
   * Sends one step to the device.
   *
   * @param inputs  their arrays must not be written to until this resolves.
   * @throws STATE_MISSING, INPUT_MISMATCH, BIND_CONFLICT before anything is sent; then what
   *   `EngineProcess.call` throws.
   */
  async run(state: DeviceTree, inputs: HostTree, options: RunOptions = {}): Promise<HostTree> {
    const { fetch = [], bind = {} } = options;
    const tree = ownTree(state, this.#process);
    this.#checkState(tree, bind);
    const arrays = this.#inputs.map(([name, spec]) => {
      const input = inputs[name];
      if (input !== undefined && equal(input, spec) && input.data.length === sizeOf(spec.shape)) {
        return input.data;
      }
      const received = input === undefined ? 'nothing' : format(input);
      throw inputMismatch({ program: this.name, input: name, expected: format(spec), received });
    });
    for (const name of fetch) {
      if (Object.hasOwn(this.outputs, name)) continue;
      const expected = `one of ${Object.keys(this.outputs).join(', ')}`;
      throw inputMismatch({ program: this.name, input: 'fetch', expected, received: name });
    }
    const request = { executable: this.#id, tree: tree.id, bind, fetch };
    const answer = await this.#process.call('run', request, { arrays, at: this.name });
    return Object.fromEntries(
      fetch.map((name, i) => [name, { ...this.outputs[name]!, data: answer.arrays[i]! }]),
    );
  }

  async dispose(): Promise<void> {
    await this.#process.call('unload', { executable: this.#id });
  }

  #checkState(tree: XlaDeviceTree, bind: Readonly<Record<string, string>>): void {
    const boundTo = new Map<string, string>();
    for (const [name, spec] of this.#state) {
      const target = bind[name] ?? name;
      const other = boundTo.get(target);
      if (other !== undefined) {
        throw bindConflict({ program: this.name, target, names: [other, name] });
      }
      boundTo.set(target, name);
      const received = tree.spec(target, this.name);
      if (!equal(received, spec)) {
        throw inputMismatch({
          program: this.name,
          input: target,
          expected: format(spec),
          received: format(received),
        });
      }
    }
  }
}

function equal(a: TensorSpec, b: TensorSpec): boolean {
  return (
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((dim, axis) => dim === b.shape[axis])
  );
}

function format(spec: TensorSpec): string {
  return `${spec.dtype}[${spec.shape.join(', ')}]`;
}
