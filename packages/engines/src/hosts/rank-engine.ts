/** The engine of one rank: does what rank 0 orders, as all others do. */
import type { ExecutableStats, MemoryStats } from '@eddy/core';

import type { HostGroup } from '../mpi/group.ts';
import type { XlaHost } from '../pjrt/xla-engine.ts';
import type { HostedDeviceTree } from '../process/device-tree.ts';
import type { HostedExecutable } from '../process/executable.ts';
import type { EngineOrder, RanksProgram } from './orders.ts';
import { RankExecutable } from './rank-executable.ts';
import { ignoreDeath, RankTree } from './rank-tree.ts';
import type { Sent } from './send-queue.ts';

interface Compiling {
  readonly program: RanksProgram;
  readonly parts: Promise<readonly HostedExecutable[]>;
}

export class RankEngine {
  readonly host: XlaHost;
  readonly #group: HostGroup;
  readonly #compiling = new Map<number, Compiling>();
  readonly #executables = new Map<number, RankExecutable>();
  readonly #trees = new Map<number, RankTree>();
  /** The failure of work that nobody awaited: rank 0 is told when the ranks next agree. */
  #failure: unknown;

  constructor(group: HostGroup, host: XlaHost) {
    this.#group = group;
    this.host = host;
  }

  /**
   * Does what all ranks do together, and has the rest under way when it returns.
   *
   * @throws HOST_LOST, and the error on which all ranks have agreed
   */
  async take(order: EngineOrder): Promise<Sent<unknown>> {
    switch (order.type) {
      case 'compile':
        await this.#compile(order.executable, order.program);
        return nothing();
      case 'compiled':
        return done(await this.#finishCompiling(order.executable));
      case 'run': {
        const executable = this.#executables.get(order.executable)!;
        return this.#unheard(await executable.run(await this.#tree(order.tree), order));
      }
      case 'unload': {
        const executable = this.#executables.get(order.executable);
        this.#executables.delete(order.executable);
        return this.#unheard({ answer: executable?.dispose() ?? Promise.resolve() });
      }
      case 'write':
        (await this.#tree(order.tree)).write(order.tensors, order.zeros, order.copies);
        return nothing();
      case 'read':
        return done(await (await this.#tree(order.tree)).read(order.names));
      case 'free': {
        (await this.#tree(order.tree)).free(order.names);
        if (order.names === null) this.#trees.delete(order.tree);
        return nothing();
      }
      case 'memory':
        return done(await this.#leastRoom());
    }
  }

  /** Returns true if all ranks must take part in reading these tensors. */
  isCut(tree: number, names: readonly string[]): boolean {
    const own = this.#trees.get(tree);
    return own !== undefined && names.some((name) => own.isCut(name));
  }

  dispose(): Promise<void> {
    return this.host.engine.dispose();
  }

  async #compile(executable: number, program: RanksProgram): Promise<void> {
    const sent = program.parts.map((part) =>
      this.host.engine.sendPrepared(this.host.prepare(part)),
    );
    const parts = Promise.all(sent.map(({ compiled }) => compiled));
    parts.catch(ignoreDeath); // heard of when it is waited for
    this.#compiling.set(executable, { program, parts });
    await Promise.all(sent.map(({ left }) => left));
  }

  async #finishCompiling(id: number): Promise<ExecutableStats[]> {
    const { program, parts } = this.#compiling.get(id)!;
    this.#compiling.delete(id);
    const compiled = await this.#agree(parts);
    const agree = <T>(work: Promise<T>) => this.#agree(work);
    this.#executables.set(id, new RankExecutable(this.#group, program, compiled, agree));
    return compiled.map(({ stats }) => stats);
  }

  /** Returns the memory figures of the rank with the least room, because all ranks hold the same amount. */
  async #leastRoom(): Promise<MemoryStats> {
    const own = await this.#agree(this.host.engine.memory());
    const room = ({ usableBytes = Infinity, bytesInUse = 0 }: MemoryStats) =>
      usableBytes - bytesInUse;
    const all = await this.#group.tell(own);
    return all.reduce((least, stats) => (room(stats) < room(least) ? stats : least));
  }

  async #tree(id: number): Promise<RankTree> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    // An empty one: nothing is sent to the engine's process.
    const own: HostedDeviceTree = await this.host.engine.upload({});
    const tree = new RankTree(this.#group, own);
    this.#trees.set(id, tree);
    return tree;
  }

  async #agree<T>(work: Promise<T>): Promise<T> {
    const failure = this.#failure;
    this.#failure = undefined;
    return this.#group.agree(
      failure === undefined
        ? work
        : work.catch(ignoreDeath).then(() => Promise.reject(failure as Error)),
    );
  }

  /** Keeps a failure on ranks other than 0, where no caller awaits the answer. */
  #unheard<T>(sent: Sent<T>): Sent<T> {
    if (this.#group.rank > 0) sent.answer.catch((error: unknown) => (this.#failure ??= error));
    return sent;
  }
}

function nothing(): Sent<undefined> {
  return { answer: Promise.resolve(undefined) };
}

function done<T>(value: T): Sent<T> {
  return { answer: Promise.resolve(value) };
}
