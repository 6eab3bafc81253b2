import { getBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { DeviceTree } from '@eddy/core';
import {
  InternalError,
  type HostTensor,
  type HostTree,
  type SpecTree,
  type TensorSpec,
} from '@eddy/tensor';

import { NamedSpecs } from '../contract/named-specs.ts';

/** Runs a task after all earlier ones, with the engine's backend as TF.js's current one. */
export type OnBackend = <T>(task: () => T | Promise<T>) => Promise<T>;

/** Tensors kept on a TF.js backend, by name. What is asked of it takes effect in the order of asking. */
export class EagerDeviceTree implements DeviceTree {
  /** Those that exist now; `specs` is ahead of it by what is queued. */
  readonly tensors = new Map<string, Tensor>();
  readonly #specs = new NamedSpecs();
  readonly #onBackend: OnBackend;
  readonly #live: Set<EagerDeviceTree>;

  /** @param live  trees that hold tensors; this one is in it as long as it does. */
  constructor(onBackend: OnBackend, live: Set<EagerDeviceTree>) {
    this.#onBackend = onBackend;
    this.#live = live;
  }

  get specs(): SpecTree {
    return this.#specs.tree();
  }

  /** @throws STATE_MISSING */
  spec(name: string, program?: string): TensorSpec {
    return this.#specs.need(name, program);
  }

  belongsTo(onBackend: OnBackend): boolean {
    return this.#onBackend === onBackend;
  }

  async read(names: readonly string[] = [...this.#specs.keys()]): Promise<HostTree> {
    for (const name of names) this.spec(name);
    return this.#onBackend(async () => {
      const read = async (name: string) => [name, await toHost(this.tensors.get(name)!)] as const;
      return Object.fromEntries(await Promise.all(names.map(read)));
    });
  }

  async write(tree: HostTree): Promise<void> {
    for (const [name, { shape, dtype }] of Object.entries(tree)) {
      this.#specs.set(name, { shape, dtype });
    }
    await this.#onBackend(() => {
      for (const [name, value] of Object.entries(tree)) this.replace(name, fromHost(value));
    });
  }

  async dispose(names: readonly string[] = [...this.#specs.keys()]): Promise<void> {
    for (const name of names) {
      this.spec(name);
      this.#specs.delete(name);
    }
    await this.#onBackend(() => {
      for (const name of names) {
        this.tensors.get(name)!.dispose();
        this.tensors.delete(name);
      }
      if (this.tensors.size === 0) this.#live.delete(this);
    });
  }

  /** Call it on the backend. */
  replace(name: string, value: Tensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, value);
    this.#live.add(this);
  }
}

/** The tree as this engine made it. */
export function ownTree(tree: DeviceTree, onBackend: OnBackend): EagerDeviceTree {
  if (tree instanceof EagerDeviceTree && tree.belongsTo(onBackend)) return tree;
  throw new InternalError('a device tree was given to an engine that did not make it');
}

/** Call it on the backend. */
export function fromHost(value: HostTensor): Tensor {
  return tensor(unshared(value.data), [...value.shape], value.dtype);
}

/** Call it on the backend. */
export async function toHost(value: Tensor): Promise<HostTensor> {
  const data = unshared(await value.data<'float32' | 'int32' | 'bool'>());
  return { shape: [...value.shape], dtype: value.dtype as HostTensor['dtype'], data };
}

/** The cpu backend computes with the very arrays that it is given and gives out; wasm copies both ways. */
function unshared<A extends HostTensor['data']>(data: A): A {
  return getBackend() === 'cpu' ? (data.slice() as A) : data;
}
