/** Tensors that lie on the engines of several hosts. */
import type { DeviceTree } from '@eddy/core';
import {
  InternalError,
  type HostTensor,
  type HostTree,
  type Share,
  type SpecTree,
  type TensorSpec,
} from '@eddy/tensor';

import { NamedSpecs } from '../contract/named-specs.ts';
import { partOf, wholeOf } from '@eddy/compiler/graph';
import type { HostedDeviceTree } from '../process/device-tree.ts';
import { cut, join } from '../process/parts.ts';
import type { SendQueue } from './send-queue.ts';

/** Whole on the first host; whole on each; or what each host has of the whole. */
export type Layout = 'first' | 'each' | Share;

export class HostsTree implements DeviceTree {
  /** One a host. */
  readonly #trees: readonly HostedDeviceTree[];
  readonly #queue: SendQueue;
  /** As everything that was asked for will leave them. */
  readonly #specs = new NamedSpecs();
  /** As everything that was sent leaves them. */
  readonly #layouts = new Map<string, Layout>();

  constructor(trees: readonly HostedDeviceTree[], queue: SendQueue) {
    this.#trees = trees;
    this.#queue = queue;
  }

  get specs(): SpecTree {
    return this.#specs.tree();
  }

  /** @throws STATE_MISSING */
  spec(name: string, program?: string): TensorSpec {
    return this.#specs.need(name, program);
  }

  isOf(queue: SendQueue): boolean {
    return this.#queue === queue;
  }

  ofHost(host: number): HostedDeviceTree {
    return this.#trees[host]!;
  }

  async read(names: readonly string[] = [...this.#specs.keys()]): Promise<HostTree> {
    for (const name of names) this.spec(name);
    return this.#queue.add(() => ({ answer: this.#readNow(names) }));
  }

  /** On the first host, from which a program that several run spreads it when it first needs it. */
  async write(tree: HostTree): Promise<void> {
    for (const [name, { shape, dtype }] of Object.entries(tree)) {
      this.#specs.set(name, { shape, dtype });
    }
    return this.#queue.add(() => {
      const answer = this.#trees[0]!.write(tree);
      for (const name of Object.keys(tree)) this.#onlyOnFirst(name);
      return { answer };
    });
  }

  async dispose(names?: readonly string[]): Promise<void> {
    for (const name of names ?? this.#specs.keys()) {
      this.spec(name);
      this.#specs.delete(name);
    }
    return this.#queue.add(() => {
      const freed = this.#trees.map((tree) =>
        tree.dispose(names?.filter((name) => tree.has(name))),
      );
      for (const name of names ?? [...this.#layouts.keys()]) this.#layouts.delete(name);
      return { answer: allOf(freed) };
    });
  }

  /** Brings tensors where a program wants them. Within a task of the queue. */
  async arrange(wanted: readonly (readonly [name: string, layout: Layout])[]): Promise<void> {
    const moves = wanted.filter(([name, layout]) => {
      const now = this.#layouts.get(name);
      return now !== layout && !(now === 'each' && layout === 'first');
    });
    if (moves.length === 0) return;
    const whole = await this.#readNow(moves.map(([name]) => name));
    const parts = this.#trees.map((): Record<string, HostTensor> => ({}));
    for (const [name, layout] of moves) {
      const tensor = whole[name]!;
      if (layout === 'first') parts[0]![name] = tensor;
      else partsOn(tensor, layout, parts.length).forEach((part, i) => (parts[i]![name] = part));
    }
    await Promise.all(this.#trees.map((tree, host) => tree.write(parts[host]!)));
    for (const [name, layout] of moves) {
      if (layout === 'first') this.#onlyOnFirst(name);
      else this.#layouts.set(name, layout);
    }
  }

  /** A program of the first host alone has changed them. Within a task of the queue. */
  changedOnFirst(names: readonly string[]): void {
    for (const name of names) this.#onlyOnFirst(name);
  }

  #onlyOnFirst(name: string): void {
    this.#layouts.set(name, 'first');
    for (const tree of this.#trees.slice(1)) {
      if (tree.has(name)) tree.dispose([name]).catch(ignoreDeath);
    }
  }

  async #readNow(names: readonly string[]): Promise<HostTree> {
    const shares = new Map<string, Share>();
    for (const name of names) {
      const layout = this.#layouts.get(name)!;
      if (layout !== 'first' && layout !== 'each') shares.set(name, layout);
    }
    const [first, ...parts] = await Promise.all([
      this.#trees[0]!.read(names.filter((name) => !shares.has(name))),
      ...this.#trees.map((tree) => tree.read([...shares.keys()])),
    ]);
    const joined = [...shares].map(([name, share]) => {
      const tensors = parts.map((tree) => tree[name]!);
      return [name, joinParts(tensors, share)] as const;
    });
    const whole: HostTree = { ...first, ...Object.fromEntries(joined) };
    return Object.fromEntries(names.map((name) => [name, whole[name]!]));
  }
}

/** What each host gets of a tensor. */
export function partsOn(tensor: HostTensor, layout: 'each' | Share, hosts: number): HostTensor[] {
  if (layout === 'each') return Array.from({ length: hosts }, () => tensor);
  const spec = partOf(tensor, layout, hosts);
  return cut(tensor.data, tensor.shape, layout, hosts).map((data) => ({ ...spec, data }));
}

/** The tensor of which the hosts have these parts. */
export function joinParts(parts: readonly HostTensor[], share: Share): HostTensor {
  const { shape, dtype } = wholeOf(parts[0]!, share, parts.length);
  const data = join(
    parts.map((part) => part.data),
    shape,
    share,
  );
  return { shape, dtype, data };
}

/** The tree as the engine with this queue made it. */
export function ownHostsTree(tree: DeviceTree, queue: SendQueue): HostsTree {
  if (tree instanceof HostsTree && tree.isOf(queue)) return tree;
  throw new InternalError('a device tree was given to an engine that did not make it');
}

async function allOf(work: readonly Promise<void>[]): Promise<void> {
  await Promise.all(work);
}

/** Whoever waits for something else of the process is told. */
export function ignoreDeath(): void {
  // Nothing is lost with what was to be freed.
}
