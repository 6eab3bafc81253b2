/** The ranks of a run, as one of them sees them. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { availableParallelism, constants, hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';

import { EddyError, type ErrorFacts } from '@eddy/tensor/errors';

import { hostLost, hostsDiffer, mpiMismatch, mpiNotFound } from './errors.ts';
import { libraryCandidates } from './find-library.ts';
import type { Launch } from './launcher.ts';
import { CELLS, type Addend, type FromThread, type Request, type ThreadOrder } from './thread/messages.ts';

/** A rank that is not heard of for so long is lost. All have ended within 30 s then. */
const LOST_MS = 20_000;
/** So much later does each next rank notice, so that one of them says it. */
const LATER_MS = 2000;
/** For the launcher to end this process. */
const ABORT_MS = 3000;

/** Bits of one version mean nothing to another. */
const VERSION = (
  createRequire(import.meta.url)('@eddy/engines/package.json') as { version: string }
).version;

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

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export class HostGroup {
  readonly rank: number;
  readonly size: number;
  readonly #worker: Worker;
  readonly #shared: Int32Array<SharedArrayBuffer>;
  readonly #waiting = new Map<number, Waiting>();
  #members: readonly Member[] = [];
  #requests = 0;
  #lost: Error | undefined;
  readonly #agreed = new WeakSet<Error>();
  /** Told when another rank was sent a signal. */
  onSignal: (signal: NodeJS.Signals) => void = () => undefined;
  /** Told when a rank is lost, at once. */
  onLost: (error: Error) => void = () => undefined;

  private constructor(
    worker: Worker,
    shared: Int32Array<SharedArrayBuffer>,
    { rank, size }: { readonly rank: number; readonly size: number },
  ) {
    this.#worker = worker;
    this.#shared = shared;
    this.rank = rank;
    this.size = size;
    worker.on('message', (message: FromThread) => {
      this.#receive(message);
    });
    worker.on('error', (error) => {
      this.#lose(hostLost({ place: this.placeOf(rank), received: error.message, cause: error }));
    });
    worker.unref();
  }

  /**
   * Joins the group that the launcher started.
   *
   * @throws MPI_NOT_FOUND, MPI_MISMATCH, HOSTS_DIFFER
   */
  static async join(launch: Launch): Promise<HostGroup> {
    quietSignalHandlers();
    const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(CELLS).length));
    const libraries = libraryCandidates(process.env);
    const workerData: ThreadOrder = {
      libraries,
      shared,
      lostMs: LOST_MS + LATER_MS * Math.min(launch.rank, 4),
    };
    // By the package's name for it: the compiled file, even where tests run from the sources.
    const entry = createRequire(import.meta.url).resolve('@eddy/engines/mpi-thread');
    const worker = new Worker(entry, { workerData, execArgv: [] });
    const first = await new Promise<FromThread>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (first.type === 'not-joined') throw mpiNotFound({ tried: first.tried });
    const joined = first as Extract<FromThread, { type: 'joined' }>;
    const group = new HostGroup(worker, shared, joined);
    if (joined.size !== launch.size) {
      throw mpiMismatch({ variable: launch.variables.size, launched: launch.size, joined: joined.size });
    }
    await group.#meet();
    return group;
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

  /** Marks an error that all ranks have come to. */
  agreed<E extends Error>(error: E): E {
    this.#agreed.add(error);
    return error;
  }

  /** Whether all ranks have this error at the same place, so that they can go on together. */
  isAgreed(error: unknown): boolean {
    return this.#agreed.has(error as Error);
  }

  /** What a rank does alone, the others wait for in vain: they all end. */
  breakUp(error: Error): void {
    this.#lose(error);
  }

  /** Rank 0's value for all. @throws HOST_LOST */
  async broadcast(value?: unknown): Promise<unknown> {
    const bytes = this.rank === 0 ? serialize(value) : null;
    const received = await this.#ask<Uint8Array>({ type: 'broadcast', bytes });
    return this.rank === 0 ? value : deserialize(received);
  }

  /** What each rank has to say, in their order. @throws HOST_LOST */
  async tell<T>(value: T): Promise<T[]> {
    const all = await this.tellBytes(serialize(value));
    return all.map((bytes) => deserialize(bytes) as T);
  }

  tellBytes(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#ask({ type: 'tell', bytes });
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
    const said = 'error' in own ? Buffer.from(JSON.stringify(factsOf(own.error))) : new Uint8Array(0);
    const all = await this.tellBytes(said);
    if ('error' in own) throw this.agreed(own.error as Error);
    const rank = all.findIndex((bytes) => bytes.length > 0);
    if (rank < 0) return own.value;
    const facts = JSON.parse(Buffer.from(all[rank]!).toString()) as ErrorFacts;
    const at = [this.placeOf(rank), facts.at].filter((part) => part !== undefined).join(', ');
    throw this.agreed(new EddyError({ ...facts, at }));
  }

  /** As many bytes of each rank, on rank 0; nothing on the others. @throws HOST_LOST */
  gather(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#ask({ type: 'gather', bytes });
  }

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

  /** Tells the others of a signal. */
  tellSignal(signal: NodeJS.Signals): void {
    Atomics.store(this.#shared, CELLS.signal, constants.signals[signal]);
    Atomics.add(this.#shared, CELLS.signals, 1);
  }

  /** Leaves the group when all do; where a rank is lost, ends the whole of it. */
  async leave(exitCode: number): Promise<void> {
    if (this.#lost === undefined) {
      try {
        await this.#ask({ type: 'leave' });
        return;
      } catch {
        // Lost in the last moment.
      }
    }
    await this.abort(exitCode === 0 ? 1 : exitCode);
  }

  /** Ends the processes of all ranks; does not return. */
  async abort(exitCode: number): Promise<never> {
    this.#post({ type: 'abort', exitCode });
    await delay(ABORT_MS);
    process.kill(process.pid, 'SIGKILL');
    throw new Error('unreachable');
  }

  async #meet(): Promise<void> {
    const members = await this.tell<Member>({
      version: VERSION,
      host: hostname(),
      processors: ownProcessors(),
    });
    this.#members = members;
    const rank = members.findIndex(({ version }) => version !== members[0]!.version);
    if (rank < 0) return;
    const [expected, received] = [members[0]!, members[rank]!].map(({ version }) => `Eddy ${version}`);
    throw hostsDiffer({ place: this.placeOf(rank), expected: expected!, received: received! });
  }

  #ask<T extends Uint8Array | readonly Uint8Array[] | null>(request: Request): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise<T>((resolve, reject) => {
      this.#worker.ref();
      const id = this.#post(request);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #post(request: Request): number {
    const id = this.#requests++;
    this.#worker.postMessage({ id, ...request });
    Atomics.add(this.#shared, CELLS.requests, 1);
    Atomics.notify(this.#shared, CELLS.requests);
    return id;
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case 'answer': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (this.#waiting.size === 0) this.#worker.unref();
        waiting?.resolve(message.value as never);
        break;
      }
      case 'signal':
        this.onSignal(nameOf(message.signal));
        break;
      case 'lost': {
        const places = message.ranks.map((rank) => this.placeOf(rank));
        const place = places.length === 0 ? 'one of the other ranks' : places.join(' or ');
        this.#lose(hostLost({ place, received: message.reason }));
        break;
      }
    }
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#worker.ref();
    this.onLost(error);
  }
}

/** Signals that rank 0 has to hear of: it saves first, and needs the others for it. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;

function nameOf(signal: number): NodeJS.Signals {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal)!;
  return name as NodeJS.Signals;
}

/** Handlers of Open MPI and UCX for faults would take V8's place, which needs its own for WebAssembly. */
function quietSignalHandlers(): void {
  process.env['OMPI_MCA_opal_signal'] ??= '';
  process.env['UCX_ERROR_SIGNALS'] ??= '';
}

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
