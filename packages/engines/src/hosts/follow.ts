/** Another rank than 0: does what that orders until the command is over. */
import { SIGNALS, type HostGroup } from '../mpi/group.ts';
import type { XlaEngineOptions } from '../pjrt/xla-engine.ts';
import type { EngineOrder, Order } from './orders.ts';
import { Rank } from './rank.ts';
import { ignoreDeath } from './rank-tree.ts';

/** An engine's options on this rank. */
export type OptionsFor = (name: string, config: unknown) => Promise<XlaEngineOptions>;

/** @returns the exit code of the command; does not return where a rank is lost, or fails alone. */
export async function followRank(group: HostGroup, optionsFor: OptionsFor): Promise<number> {
  try {
    return await follow(group, optionsFor);
  } catch (error) {
    group.breakUp(error as Error);
    return new Promise(() => undefined);
  }
}

async function follow(group: HostGroup, optionsFor: OptionsFor): Promise<number> {
  // What to do about a signal is rank 0's decision: it saves first, and needs this one for it.
  const onSignal = (signal: NodeJS.Signals) => {
    group.tellSignal(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const rank = new Rank(group);
  try {
    for (;;) {
      const order = (await group.broadcast()) as Order;
      if (order.type === 'bye') {
        await rank.closeAll();
        await group.leave(order.exitCode);
        return order.exitCode;
      }
      await obey(rank, order, optionsFor);
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

async function obey(
  rank: Rank,
  order: Exclude<Order, { type: 'bye' }>,
  optionsFor: OptionsFor,
): Promise<void> {
  const { group } = rank;
  try {
    if (order.type === 'open') {
      const { engine, name, config } = order;
      await rank.open(engine, () => optionsFor(name, config));
    } else if (order.type === 'close') {
      await rank.close(order.engine);
    } else {
      await take(rank, order.engine, order.order);
    }
  } catch (error) {
    // What all ranks have agreed on is rank 0's to tell.
    if (!group.isAgreed(error)) throw error;
  }
}

async function take(rank: Rank, engine: number, order: EngineOrder): Promise<void> {
  const { answer } = await rank.take(engine, order);
  answer.catch(ignoreDeath); // the ranks hear of it when they next agree
}
