/** One engine out of those of all ranks, on rank 0: each has its rows of every batch. */
import type {
  CompileOptions,
  DeviceTree,
  Engine,
  EngineInfo,
  Executable,
  ExecutableStats,
  MemoryStats,
  RunOptions,
} from '@eddy/core';
import { partsOf } from '@eddy/compiler/graph';
import {
  InternalError,
  type HostTree,
  type Program,
  type SpecTree,
  type TensorSpec,
} from '@eddy/tensor';
import { bytesOf } from '@eddy/tensor/spec';

import { checkRun } from '../contract/check-run.ts';
import { NamedSpecs } from '../contract/named-specs.ts';
import { batches, crossingOf } from '../process/transfer.ts';
import type { EngineOrder, RanksProgram } from './orders.ts';

/** Gives the orders of rank 0 to all ranks. */
export interface Orders {
  /** The number of ranks. */
  readonly size: number;
  /** The process of rank 0's engine, for tests and tools. */
  readonly pid: number | undefined;
  /** Resolves with rank 0's answer; orders are carried out in the order of the calls. */
  give(order: EngineOrder | (() => readonly EngineOrder[])): Promise<unknown>;
  /** Reads without the others where they have nothing that rank 0 lacks. */
  read(tree: number, names: readonly string[]): Promise<HostTree>;
  close(): Promise<void>;
}

export class HostsEngine implements Engine {
  readonly info: EngineInfo;
  readonly #orders: Orders;
  readonly #lower: (program: Program) => RanksProgram;
  #executables = 0;
  #trees = 0;

  /** @param lower  cuts a program; one part, the same on each rank, where it cannot be cut */
  constructor(orders: Orders, info: EngineInfo, lower: (program: Program) => RanksProgram) {
    this.#orders = orders;
    this.info = info;
    this.#lower = lower;
  }

  get pid(): number | undefined {
    return this.#orders.pid;
  }

  async compile(program: Program, { meanwhile }: CompileOptions = {}): Promise<Executable> {
    const executable = this.#executables++;
    const lowered = this.#lower(program);
    await this.#orders.give({ type: 'compile', executable, program: lowered });
    meanwhile?.();
    const parts = (await this.#orders.give({ type: 'compiled', executable })) as ExecutableStats[];
    return new HostsExecutable(
      this.#orders,
      executable,
      lowered,
      statsOf(parts, lowered, this.#orders.size),
    );
  }

  async upload(tree: HostTree): Promise<DeviceTree> {
    const uploaded = new HostsTree(this.#orders, this.#trees++);
    await uploaded.write(tree);
    return uploaded;
  }

  async memory(): Promise<MemoryStats> {
    return (await this.#orders.give({ type: 'memory' })) as MemoryStats;
  }

  dispose(): Promise<void> {
    return this.#orders.close();
  }
}

class HostsExecutable implements Executable {
  readonly name: string;
  readonly outputs: SpecTree;
  readonly stats: ExecutableStats;
  readonly #orders: Orders;
  readonly #id: number;
  readonly #program: RanksProgram;

  constructor(orders: Orders, id: number, program: RanksProgram, stats: ExecutableStats) {
    this.#orders = orders;
    this.#id = id;
    this.#program = program;
    this.name = program.signature.name;
    this.outputs = program.signature.outputs;
    this.stats = stats;
  }

  /** @throws what the engines of the ranks do, and HOST_LOST */
  async run(state: DeviceTree, inputs: HostTree, options: RunOptions = {}): Promise<HostTree> {
    const tree = ownTree(state, this.#orders);
    checkRun(this.#program.signature, (name) => tree.spec(name, this.name), inputs, options);
    const { bind = {}, fetch = [] } = options;
    const order = {
      type: 'run',
      executable: this.#id,
      tree: tree.id,
      inputs,
      bind,
      fetch,
    } as const;
    const fetched = (await this.#orders.give(order)) as HostTree;
    return Object.fromEntries(fetch.map((name) => [name, fetched[name]!]));
  }

  async dispose(): Promise<void> {
    await this.#orders.give({ type: 'unload', executable: this.#id });
  }
}

class HostsTree implements DeviceTree {
  readonly id: number;
  readonly #orders: Orders;
  /** As everything that was asked for will leave them. */
  readonly #specs = new NamedSpecs();

  constructor(orders: Orders, id: number) {
    this.#orders = orders;
    this.id = id;
  }

  get specs(): SpecTree {
    return this.#specs.tree();
  }

  /** @throws STATE_MISSING */
  spec(name: string, program?: string): TensorSpec {
    return this.#specs.need(name, program);
  }

  isOf(orders: Orders): boolean {
    return this.#orders === orders;
  }

  async read(names: readonly string[] = [...this.#specs.keys()]): Promise<HostTree> {
    for (const name of names) this.spec(name);
    return this.#orders.read(this.id, names);
  }

  async write(tree: HostTree): Promise<void> {
    const named = (name: string) => {
      const { shape, dtype } = tree[name]!;
      return { name, spec: { shape, dtype } };
    };
    for (const { name, spec } of Object.keys(tree).map(named)) this.#specs.set(name, spec);
    await this.#orders.give(() => {
      const { sent, zeros, copies } = crossingOf(tree);
      const order = { type: 'write', tree: this.id } as const;
      const parts = batches(sent, (name) => tree[name]!).map((names) => ({
        ...order,
        tensors: Object.fromEntries(names.map((name) => [name, tree[name]!])),
        zeros: [],
        copies: {},
      }));
      return [...parts, { ...order, tensors: {}, zeros: zeros.map(named), copies }];
    });
  }

  async dispose(names?: readonly string[]): Promise<void> {
    for (const name of names ?? this.#specs.keys()) {
      this.spec(name);
      this.#specs.delete(name);
    }
    await this.#orders.give({ type: 'free', tree: this.id, names: names ?? null });
  }
}

/** The tree as the engine with these orders made it. */
function ownTree(tree: DeviceTree, orders: Orders): HostsTree {
  if (tree instanceof HostsTree && tree.isOf(orders)) return tree;
  throw new InternalError('a device tree was given to an engine that did not make it');
}

/** On one rank: parts run one after the other, and the largest scratch counts. */
function statsOf(
  parts: readonly ExecutableStats[],
  { signature, shares }: RanksProgram,
  ranks: number,
): ExecutableStats {
  const scratch = ({ outputBytes = 0, temporaryBytes = 0 }: ExecutableStats) =>
    outputBytes + temporaryBytes;
  const largest = parts.reduce((most, stats) => (scratch(stats) > scratch(most) ? stats : most));
  const { outputBytes, temporaryBytes } = largest;
  return {
    compileMs: parts.reduce((sum, { compileMs }) => sum + compileMs, 0),
    cached: parts.every(({ cached }) => cached),
    argumentBytes:
      bytesOf(partsOf(signature.state, shares.state, ranks)) +
      bytesOf(partsOf(signature.inputs, shares.inputs, ranks)),
    ...(outputBytes !== undefined && { outputBytes }),
    ...(temporaryBytes !== undefined && { temporaryBytes }),
    flops: parts.reduce((sum, { flops = 0 }) => sum + flops, 0),
  };
}
