/** Rank 0: it runs the command, and has all ranks do what the engine is asked for. */
import { constants } from 'node:os';

import type { HostTree } from '@eddy/tensor';

import { SIGNALS, type HostGroup } from '../mpi/group.ts';
import type { XlaEngineOptions, XlaHost } from '../pjrt/xla-engine.ts';
import type { Orders } from './hosts-engine.ts';
import type { EngineOrder, Order } from './orders.ts';
import { Rank } from './rank.ts';
import { ignoreDeath } from './rank-tree.ts';
import { SendQueue, type Sent } from './send-queue.ts';

/** A launcher sends a signal to all ranks as a rule: this one has heard of it itself then. */
const SAME_SIGNAL_MS = 10_000;
const OWN_FIRST_MS = 1000;

let leading: LeadingRank | null = null;

/** This process as rank 0 of several; null where it is alone. */
export function leadingRank(): LeadingRank | null {
  return leading;
}

export class LeadingRank {
  readonly group: HostGroup;
  readonly #rank: Rank;
  readonly #queue = new SendQueue();
  readonly #signalled = new Map<NodeJS.Signals, number>();
  #engines = 0;

  private constructor(group: HostGroup) {
    this.group = group;
    this.#rank = new Rank(group);
    for (const signal of SIGNALS) process.on(signal, this.#onOwn);
    group.onSignal = (signal) => {
      setTimeout(() => {
        this.#onOthers(signal);
      }, OWN_FIRST_MS).unref();
    };
  }

  /** Takes the part of rank 0: engines that are made from here on are of all ranks. */
  static lead(group: HostGroup): LeadingRank {
    leading = new LeadingRank(group);
    return leading;
  }

  /** @throws HOSTS_DIFFER, HOST_LOST, and what starting the engine throws on any rank */
  async open(
    name: string,
    config: unknown,
    options: () => Promise<XlaEngineOptions>,
  ): Promise<{ readonly host: XlaHost; readonly orders: Orders }> {
    const engine = this.#engines++;
    const host = await this.#queue.add(async () => {
      this.#tell({ type: 'open', engine, name, config });
      return { answer: Promise.resolve(await this.#together(this.#rank.open(engine, options))) };
    });
    return { host, orders: this.#ordersOf(engine, host.engine.pid) };
  }

  /** Lets the others go, with the command's exit code. */
  async close(exitCode: number): Promise<void> {
    leading = null;
    for (const signal of SIGNALS) process.off(signal, this.#onOwn);
    await this.#queue.add(() => {
      this.#tell({ type: 'bye', exitCode });
      return { answer: this.#rank.closeAll() };
    });
    await this.group.leave(exitCode);
  }

  #ordersOf(engine: number, pid: number | undefined): Orders {
    return {
      size: this.group.size,
      pid,
      give: (order) =>
        this.#queue.add(async () => {
          let sent: Sent<unknown> = { answer: Promise.resolve() };
          for (const each of typeof order === 'function' ? order() : [order]) {
            sent = await this.#give(engine, each);
          }
          return sent;
        }),
      read: (tree, names) =>
        this.#queue.add(async () => {
          const order = { type: 'read', tree, names } as const;
          const own = this.#rank.engine(engine);
          if (own.isCut(tree, names)) {
            return (await this.#give(engine, order)) as Sent<HostTree>;
          }
          return (await own.take(order)) as Sent<HostTree>;
        }),
      close: () =>
        this.#queue.add(() => {
          this.#tell({ type: 'close', engine });
          return { answer: this.#rank.close(engine) };
        }),
    };
  }

  #give(engine: number, order: EngineOrder): Promise<Sent<unknown>> {
    this.#tell({ type: 'order', engine, order });
    return this.#together(this.#rank.take(engine, order));
  }

  /** Whether it was sent is for what comes next to find out. */
  #tell(order: Order): void {
    this.group.broadcast(order).catch(ignoreDeath);
  }

  /** Where the ranks have not failed together, they are not at the same place any more. */
  async #together<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!this.group.isAgreed(error)) this.group.breakUp(error as Error);
      throw error;
    }
  }

  readonly #onOwn = (signal: NodeJS.Signals): void => {
    this.#signalled.set(signal, performance.now());
    // With nobody else to heed it, it does what it does by default.
    if (process.listenerCount(signal) > 1) return;
    process.off(signal, this.#onOwn);
    process.kill(process.pid, constants.signals[signal]);
  };

  #onOthers(signal: NodeJS.Signals): void {
    const last = this.#signalled.get(signal) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - last > SAME_SIGNAL_MS) process.kill(process.pid, signal);
  }
}
