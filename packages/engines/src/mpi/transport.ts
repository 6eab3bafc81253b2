/** The way to the other ranks. */
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { hostLost, mpiMismatch, mpiNotFound } from './errors.ts';
import { libraryCandidates } from './find-library.ts';
import type { Launch } from './launcher.ts';
import { CELLS, type FromThread, type Request, type ThreadOrder } from './thread/messages.ts';

/** A rank that is not heard of for so long is lost. All have ended within 30 s then. */
const LOST_MS = 20_000;
/** So much later does each next rank notice, so that one of them says it. */
const LATER_MS = 2000;
/** Launchers drop the output that they have not passed on when a rank aborts: the error of this rank among it. */
const OUTPUT_MS = 500;
/** For the launcher to end this process. */
const ABORT_MS = 3000;

export type Answer = Uint8Array | readonly Uint8Array[] | null;

export interface TransportListener {
  /** Another rank was sent a signal. */
  onSignal(signal: NodeJS.Signals): void;
  /** One of these ranks is lost; nobody knows which where there are none. */
  onLost(ranks: readonly number[], reason: string): void;
}

export interface Transport {
  readonly rank: number;
  readonly size: number;
  listen(listener: TransportListener): void;
  /** Requests are carried out in the order of the calls; those of a lost group never are. */
  ask(request: Request): Promise<Answer>;
  /** Tells the others of a signal. */
  tellSignal(signal: NodeJS.Signals): void;
  /** Ends the processes of all ranks. */
  abort(exitCode: number): Promise<never>;
}

/** MPI, by way of a thread that makes all calls. */
export class MpiTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #worker: Worker;
  readonly #shared: Int32Array<SharedArrayBuffer>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #requests = 0;
  #listener: TransportListener | undefined;

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
    worker.on('error', (error) => this.#listener?.onLost([rank], error.message));
    worker.unref();
  }

  /**
   * Joins the group that the launcher started.
   *
   * @throws MPI_NOT_FOUND, MPI_MISMATCH, HOST_LOST
   */
  static async join(launch: Launch): Promise<MpiTransport> {
    teachManners(process.env);
    const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(CELLS).length));
    const workerData: ThreadOrder = {
      libraries: libraryCandidates(process.env),
      shared,
      lostMs: LOST_MS + LATER_MS * Math.min(launch.rank, 4),
    };
    // By the package's name for it: the compiled file, even where tests run from the sources.
    const entry = createRequire(import.meta.url).resolve('@eddy/engines/mpi-thread');
    const worker = new Worker(entry, { workerData, execArgv: [] });
    const joined = await joining(worker);
    const { size } = launch;
    if (joined.size !== size) {
      void worker.terminate();
      throw mpiMismatch({ variable: launch.variables.size, launched: size, joined: joined.size });
    }
    return new MpiTransport(worker, shared, joined);
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve) => {
      this.#worker.ref();
      this.#waiting.set(this.#post(request), resolve);
    });
  }

  tellSignal(signal: NodeJS.Signals): void {
    Atomics.store(this.#shared, CELLS.signal, constants.signals[signal]);
    Atomics.add(this.#shared, CELLS.signals, 1);
  }

  async abort(exitCode: number): Promise<never> {
    await delay(OUTPUT_MS);
    this.#post({ type: 'abort', exitCode });
    await delay(ABORT_MS);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  }

  #post(request: Request): number {
    const id = this.#requests++;
    this.#worker.postMessage({ id, ...request });
    Atomics.add(this.#shared, CELLS.requests, 1);
    Atomics.notify(this.#shared, CELLS.requests);
    return id;
  }

  #receive(message: FromThread): void {
    if (message.type === 'answer') {
      const resolve = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (this.#waiting.size === 0) this.#worker.unref();
      resolve?.(message.value);
    } else if (message.type === 'signal') {
      this.#listener?.onSignal(nameOf(message.signal));
    } else if (message.type === 'lost') {
      this.#listener?.onLost(message.ranks, message.reason);
    }
  }
}

async function joining(worker: Worker): Promise<Extract<FromThread, { type: 'joined' }>> {
  const first = await new Promise<FromThread>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (cause) => {
      reject(hostLost({ place: 'this rank', received: cause.message, cause }));
    });
  });
  if (first.type === 'joined') return first;
  throw mpiNotFound({ tried: first.type === 'not-joined' ? first.tried : [] });
}

function nameOf(signal: number): NodeJS.Signals {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === signal)!;
  return name as NodeJS.Signals;
}

/**
 * What MPI libraries do to a process unless they are told not to, and a process with V8 in it cannot take. Whoever
 * sets one of these variables has the last word.
 */
const MANNERS = {
  // Handlers for faults would take the place of V8's, which needs its own for WebAssembly.
  OMPI_MCA_opal_signal: '',
  UCX_ERROR_SIGNALS: '',
  // They rewrite brk, mmap and munmap in memory, to know when a buffer goes, while other threads are in them: one
  // start in ten ended in malloc.
  UCX_MEM_EVENTS: 'n',
  OMPI_MCA_memory: '^patcher',
  FI_MR_CACHE_MONITOR: 'disabled',
} as const;

function teachManners(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(MANNERS)) environment[name] ??= value;
}
