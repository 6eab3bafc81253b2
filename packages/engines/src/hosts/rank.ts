/** A rank of a run: its engines, and what it does of what rank 0 orders. */
import type { HostGroup } from '../mpi/group.ts';
import { hostsDiffer } from '../mpi/errors.ts';
import { traitDifference } from '../pjrt/host-traits.ts';
import { forkXla, startXla, type XlaEngineOptions, type XlaHost } from '../pjrt/xla-engine.ts';
import type { EngineOrder } from './orders.ts';
import { RankEngine } from './rank-engine.ts';
import { ignoreDeath } from './rank-tree.ts';
import type { Sent } from './send-queue.ts';

export class Rank {
  readonly group: HostGroup;
  readonly #engines = new Map<number, RankEngine>();

  constructor(group: HostGroup) {
    this.group = group;
  }

  /**
   * Starts an engine, as all ranks do.
   *
   * @throws HOSTS_DIFFER, and what starting it throws on any of them
   */
  async open(engine: number, options: () => Promise<XlaEngineOptions>): Promise<XlaHost> {
    const starting = options().then((own) => startXla(forkXla(own), own));
    try {
      const host = await this.group.agree(starting);
      this.#requireEqual(await this.group.tell(host.traits));
      this.#engines.set(engine, new RankEngine(this.group, host));
      return host;
    } catch (error) {
      starting.then((host) => host.engine.dispose()).catch(ignoreDeath);
      throw error;
    }
  }

  take(engine: number, order: EngineOrder): Promise<Sent<unknown>> {
    return this.#engines.get(engine)!.take(order);
  }

  engine(engine: number): RankEngine {
    return this.#engines.get(engine)!;
  }

  async close(engine: number): Promise<void> {
    const own = this.#engines.get(engine);
    this.#engines.delete(engine);
    await own?.dispose();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#engines.keys()].map((engine) => this.close(engine)));
  }

  #requireEqual(all: readonly XlaHost['traits'][]): void {
    for (const [rank, traits] of all.entries()) {
      const difference = traitDifference(all[0]!, traits);
      if (difference === undefined) continue;
      throw this.group.agreed(hostsDiffer({ place: this.group.placeOf(rank), ...difference }));
    }
  }
}
