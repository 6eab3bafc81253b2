/** The ranks of a run, as one of them sees them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, hostname } from 'node:os';
import { deserialize, serialize } from 'node:v8';

import { EddyError, type ErrorFacts } from '@eddy/tensor/errors';

import { hostLost, hostsDiffer } from './errors.ts';
import type { Addend, Request } from './thread/messages.ts';
import type { Answer, Transport } from './transport.ts';

/** Bits of one version mean nothing to another. */
const VERSION = (
  createRequire(import.meta.url)('@eddy/engines/package.json') as { version: string }
).version;

/** Signals that rank 0 has to hear of: it saves first, and needs the others for it. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;

/** What each rank says of itself when they meet. */
interface Member {
  readonly version: string;
  readonly host: string;
  /** The processors that it may run on. */
  readonly processors: string;
}

/** Memory that the engine's process and MPI have in common. */
export interface SharedPart {
  readonly memory: string;
  readonly offset: number;
  readonly bytes: number;
}

export class HostGroup {
  /** Told when another rank was sent a signal. */
  onSignal: (signal: NodeJS.Signals) => void = () => undefined;
  /** Told once, when a rank is lost or the ranks have come apart. */
  onLost: (error: Error) => void = () => undefined;
  readonly #transport: Transport;
  readonly #agreed = new WeakSet<Error>();
  readonly #rejects = new Set<(error: Error) => void>();
  #members: readonly Member[] = [];
  #lost: Error | undefined;

  private constructor(transport: Transport) {
    this.#transport = transport;
    transport.listen({
      onSignal: (signal) => {
        this.onSignal(signal);
      },
      onLost: (ranks, received) => {
        const places = ranks.map((rank) => this.placeOf(rank));
        const place = places.length === 0 ? 'one of the other ranks' : places.join(' or ');
        this.breakUp(hostLost({ place, received }));
      },
    });
  }

  /** @throws HOSTS_DIFFER where the ranks are of different versions of Eddy */
  static async meet(transport: Transport): Promise<HostGroup> {
    const group = new HostGroup(transport);
    const own: Member = { version: VERSION, host: hostname(), processors: ownProcessors() };
    const members = await group.tell(own);
    group.#members = members;
    const rank = members.findIndex(({ version }) => version !== members[0]!.version);
    if (rank < 0) return group;
    const versions = [members[0]!, members[rank]!].map(({ version }) => `Eddy ${version}`);
    const [expected, received] = versions as [string, string];
    throw hostsDiffer({ place: group.placeOf(rank), expected, received });
  }

  get rank(): number {
    return this.#transport.rank;
  }

  get size(): number {
    return this.#transport.size;
  }

  /** The name of a rank for messages: `rank 1 (gpu04)`. */
  placeOf(rank: number): string {
    const host = this.#members[rank]?.host;
    return host === undefined ? `rank ${rank}` : `rank ${rank} (${host})`;
  }

  /** This rank's part of the cores that it shares with others; undefined where it shares none. */
  get ownCores(): number | undefined {
    const own = this.#members[this.rank]!;
    const sharing = this.#members.filter(
      ({ host, processors }) => host === own.host && processors === own.processors,
    ).length;
    return sharing === 1 ? undefined : Math.max(1, Math.floor(availableParallelism() / sharing));
  }

  /** The number of lower ranks on this rank's host. */
  get indexHere(): number {
    const { host } = this.#members[this.rank]!;
    return this.#members.slice(0, this.rank).filter((member) => member.host === host).length;
  }

  /** Rank 0's value for all. @throws HOST_LOST */
  async broadcast(value?: unknown): Promise<unknown> {
    const bytes = this.rank === 0 ? serialize(value) : null;
    const received = await this.#ask({ type: 'broadcast', bytes });
    return this.rank === 0 ? value : deserialize(received as Uint8Array);
  }

  /** Returns the values of all ranks, in rank order. @throws HOST_LOST */
  async tell<T>(value: T): Promise<T[]> {
    const all = await this.tellBytes(serialize(value));
    return all.map((bytes) => deserialize(bytes) as T);
  }

  /** @throws HOST_LOST */
  async tellBytes(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return (await this.#ask({ type: 'tell', bytes })) as readonly Uint8Array[];
  }

  /**
   * Waits for work of this rank and for all others to have come as far.
   *
   * @throws what the work does, HOST_LOST, and the error of another rank whose work has failed
   */
  async agree<T>(work: Promise<T>): Promise<T> {
    const own = await work.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const said = 'error' in own ? Buffer.from(JSON.stringify(factsOf(own.error))) : NOTHING;
    const all = await this.tellBytes(said);
    if ('error' in own) throw this.agreed(own.error as Error);
    const rank = all.findIndex((bytes) => bytes.length > 0);
    if (rank < 0) return own.value;
    const facts = JSON.parse(Buffer.from(all[rank]!).toString()) as ErrorFacts;
    const at = [this.placeOf(rank), facts.at].filter((part) => part !== undefined).join(', ');
    throw this.agreed(new EddyError({ ...facts, at }));
  }

  /** Marks an error that all ranks have come to. */
  agreed<E extends Error>(error: E): E {
    this.#agreed.add(error);
    return error;
  }

  /** Returns true if all ranks have this error at the same place, so that they can continue together. */
  isAgreed(error: unknown): boolean {
    return this.#agreed.has(error as Error);
  }

  /** Returns the bytes of each rank, all of one length, on rank 0; nothing on the others. @throws HOST_LOST */
  async gather(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return (await this.#ask({ type: 'gather', bytes })) as readonly Uint8Array[];
  }

  /** Takes a file of memory as that of later exchanges. */
  async map(path: string, bytes: number): Promise<void> {
    await this.#ask({ type: 'map', path, bytes });
  }

  /** Adds up in place. @throws HOST_LOST */
  async sum(part: SharedPart, of: Addend): Promise<void> {
    await this.#ask({ type: 'sum', ...part, of });
  }

  /** Puts what each rank has there at `target`, one after the other. @throws HOST_LOST */
  async join(part: SharedPart, target: number): Promise<void> {
    await this.#ask({ type: 'join', ...part, target });
  }

  tellSignal(signal: NodeJS.Signals): void {
    this.#transport.tellSignal(signal);
  }

  /** Ends the group with an error, because the other ranks would wait for this one for ever. */
  breakUp(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
    this.onLost(error);
  }

  /** Leaves the group when all do; where a rank is lost, ends the whole of it. */
  async leave(exitCode: number): Promise<void> {
    try {
      await this.#ask({ type: 'leave' });
    } catch {
      await this.abort(exitCode === 0 ? 1 : exitCode);
    }
  }

  /** Ends the processes of all ranks; does not return. */
  abort(exitCode: number): Promise<never> {
    return this.#transport.abort(exitCode);
  }

  #ask(request: Request): Promise<Answer> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      void this.#transport.ask(request).then((answer) => {
        this.#rejects.delete(reject);
        resolve(answer);
      });
    });
  }
}

const NOTHING = new Uint8Array(0);

/** As the kernel lists them: `0-3`; empty off Linux, where no launcher binds. */
function ownProcessors(): string {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '';
  } catch {
    return '';
  }
}

/** An error as it crosses to other ranks. */
function factsOf(error: unknown): Omit<ErrorFacts, 'cause'> {
  if (error instanceof EddyError) {
    const { cause: _cause, ...facts } = error.facts;
    return facts;
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'INTERNAL', message, fix: 'report it with this message' };
}
