/** Another rank than 0: does what that orders until the command is over. */
import type { Services } from '@eddy/core';

import { SIGNALS, type HostGroup } from '../mpi/group.ts';
import type { EngineOrder, Order } from './orders.ts';
import { Rank } from './rank.ts';
import { ignoreDeath } from './rank-tree.ts';
import { xlaOptionsFor, type XlaServices } from './xla-options-for.ts';

export type FollowServices = Pick<Services, 'cacheFolder' | 'offline' | 'notify'>;

/** @returns the exit code of the command; does not return where a rank is lost, or fails alone. */
export async function followRank(group: HostGroup, services: FollowServices): Promise<number> {
  try {
    return await follow(group, services);
  } catch (error) {
    group.breakUp(error as Error);
    return new Promise(() => undefined);
  }
}

async function follow(group: HostGroup, services: FollowServices): Promise<number> {
  for (const signal of SIGNALS) {
    // What to do about it is rank 0's decision: it saves first, and needs this one for it.
    process.on(signal, () => {
      group.tellSignal(signal);
    });
  }
  const rank = new Rank(group);
  const own: XlaServices = { ...services, signal: new AbortController().signal };
  for (;;) {
    const order = (await group.broadcast()) as Order;
    if (order.type === 'bye') {
      await rank.closeAll();
      await group.leave(order.exitCode);
      return order.exitCode;
    }
    await obey(rank, order, own);
  }
}

async function obey(
  rank: Rank,
  order: Exclude<Order, { type: 'bye' }>,
  services: XlaServices,
): Promise<void> {
  const { group } = rank;
  try {
    if (order.type === 'open') {
      const { engine, name, config } = order;
      await rank.open(engine, () => xlaOptionsFor(name, config, services, group));
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
