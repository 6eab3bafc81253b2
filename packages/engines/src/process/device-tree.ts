import type { DeviceTree } from '@eddy/core';
import { InternalError, type HostTree, type SpecTree, type TensorSpec } from '@eddy/tensor';

import { NamedSpecs } from '../contract/named-specs.ts';
import type { EngineProcess } from './engine-process.ts';
import type { HostData, NamedSpec } from './protocol.ts';
import { batches, crossingOf } from './transfer.ts';

/** Tensors in the engine process, by name. What is asked of it takes effect in the order of asking. */
export class HostedDeviceTree implements DeviceTree {
  readonly id: number;
  readonly #process: EngineProcess;
  readonly #specs = new NamedSpecs();

  constructor(process: EngineProcess, id: number) {
    this.#process = process;
    this.id = id;
  }

  get specs(): SpecTree {
    return this.#specs.tree();
  }

  /** @throws STATE_MISSING */
  spec(name: string, program?: string): TensorSpec {
    return this.#specs.need(name, program);
  }

  has(name: string): boolean {
    return this.#specs.has(name);
  }

  /** A tensor that a program leaves there. */
  adopt(name: string, spec: TensorSpec): void {
    this.#specs.set(name, spec);
  }

  belongsTo(process: EngineProcess): boolean {
    return this.#process === process;
  }

  async read(names: readonly string[] = [...this.#specs.keys()]): Promise<HostTree> {
    const specs = new Map(names.map((name) => [name, this.spec(name)]));
    const read = async (batch: readonly string[]) => {
      const at = `reading ${batch.join(', ')}`;
      const { arrays } = await this.#process.call('read', { tree: this.id, names: batch }, { at });
      return batch.map((name, i) => [name, { ...specs.get(name)!, data: arrays[i]! }] as const);
    };
    const parts = await Promise.all(batches(names, (name) => specs.get(name)!).map(read));
    return Object.fromEntries(parts.flat());
  }

  async write(tree: HostTree): Promise<void> {
    const named = (name: string): NamedSpec => {
      const { shape, dtype } = tree[name]!;
      return { name, spec: { shape, dtype } };
    };
    for (const { name, spec } of Object.keys(tree).map(named)) this.#specs.set(name, spec);
    const write = (names: readonly string[], zeroNames: readonly string[]) => {
      const body = { tree: this.id, tensors: names.map(named), zeros: zeroNames.map(named) };
      const arrays: HostData[] = names.map((name) => tree[name]!.data);
      const at = `writing ${[...names, ...zeroNames].join(', ')}`;
      return this.#process.call('write', body, { arrays, at });
    };
    const { sent, zeros, copies } = crossingOf(tree);
    const work: Promise<unknown>[] = batches(sent, (name) => tree[name]!).map((names) =>
      write(names, []),
    );
    if (zeros.length > 0) work.push(write([], zeros));
    if (Object.keys(copies).length > 0) {
      work.push(this.#process.call('copy', { tree: this.id, names: copies }));
    }
    await Promise.all(work);
  }

  async dispose(names?: readonly string[]): Promise<void> {
    for (const name of names ?? this.#specs.keys()) {
      this.spec(name);
      this.#specs.delete(name);
    }
    await this.#process.call('free', { tree: this.id, names: names ?? null });
  }
}

/** The tree as this engine made it. */
export function ownTree(tree: DeviceTree, process: EngineProcess): HostedDeviceTree {
  if (tree instanceof HostedDeviceTree && tree.belongsTo(process)) return tree;
  throw new InternalError('a device tree was given to an engine that did not make it');
}
