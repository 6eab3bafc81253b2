/** The smallest engine: runs a program op by op on the current TF.js backend. For tests. */
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';

import type { DeviceTree, Engine, Executable, RunOptions } from '../contracts/engine.ts';
import type { Program, TensorTree } from '@eddy/tensor';
import { InternalError } from '@eddy/tensor/errors';
import type { HostTensor, HostTree, SpecTree } from '@eddy/tensor/spec';

/** Import a backend and `@eddy/tfjs`, and set the backend, before using it. */
export function eagerEngine(): Engine {
  return {
    info: {
      name: 'eager',
      description: 'TF.js, op by op',
      precision: 'float32',
      devices: 1,
      fingerprint: 'eager',
    },
    compile: (program) => Promise.resolve(new EagerExecutable(program)),
    upload: async (tree) => {
      const state = new EagerTree();
      await state.write(tree);
      return state;
    },
    memory: () => Promise.resolve({}),
    dispose: () => Promise.resolve(),
  };
}

class EagerTree implements DeviceTree {
  readonly tensors = new Map<string, Tensor>();

  get specs(): SpecTree {
    return Object.fromEntries(
      [...this.tensors].map(([name, { shape, dtype }]) => [
        name,
        { shape, dtype } as SpecTree[string],
      ]),
    );
  }

  read(names: readonly string[] = [...this.tensors.keys()]): Promise<HostTree> {
    return Promise.resolve(Object.fromEntries(names.map((n) => [n, toHost(this.get(n))])));
  }

  write(tree: HostTree): Promise<void> {
    for (const [name, value] of Object.entries(tree)) this.set(name, toTensor(value));
    return Promise.resolve();
  }

  dispose(names: readonly string[] = [...this.tensors.keys()]): Promise<void> {
    for (const name of names) {
      this.get(name).dispose();
      this.tensors.delete(name);
    }
    return Promise.resolve();
  }

  get(name: string): Tensor {
    const found = this.tensors.get(name);
    if (found === undefined) throw new InternalError(`no tensor ${name} on the device`);
    return found;
  }

  set(name: string, value: Tensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, value);
  }
}

class EagerExecutable implements Executable {
  readonly name: string;
  readonly outputs = {};
  readonly stats = { compileMs: 0, cached: false };
  readonly #program: Program;

  constructor(program: Program) {
    this.name = program.name;
    this.#program = program;
  }

  run(tree: DeviceTree, inputs: HostTree, options: RunOptions = {}): Promise<HostTree> {
    const device = tree as EagerTree;
    const boundName = (name: string): string => options.bind?.[name] ?? name;
    const fetched: Record<string, HostTensor> = {};
    const updated = tidy(() => {
      const state: TensorTree = {};
      for (const name of Object.keys(this.#program.state))
        state[name] = device.get(boundName(name));
      const values = Object.fromEntries(
        Object.keys(this.#program.inputs).map((name) => [name, toTensor(inputs[name]!)]),
      );
      const result = this.#program.run(state, values);
      for (const name of options.fetch ?? []) fetched[name] = toHost(result.outputs[name]!);
      // Clones: what is returned may be a tensor of the old state.
      return Object.fromEntries(
        Object.entries(result.state).map(([name, value]) => [boundName(name), value.clone()]),
      );
    });
    for (const [name, value] of Object.entries(updated)) device.set(name, value);
    return Promise.resolve(fetched);
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

function toTensor({ data, shape, dtype }: HostTensor): Tensor {
  return tensor(data.slice(), [...shape], dtype);
}

function toHost(value: Tensor): HostTensor {
  const data = value.dataSync().slice() as HostTensor['data'];
  return { shape: value.shape, dtype: value.dtype as HostTensor['dtype'], data };
}
