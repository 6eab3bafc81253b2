/**
 * The thread that makes all calls of MPI: started by `HostGroup`, never imported. It waits in short sleeps instead
 * of MPI's own loops, which keep a core busy, and beats whatever the process's other thread is doing.
 */
import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';

import { mapMemoryFile } from '../../process/shared-memory.ts';
import { MpiLibrary } from '../library.ts';
import { CELLS, type FromThread, type Numbered, type ThreadOrder } from './messages.ts';
import {
  broadcast,
  gather,
  join,
  sum,
  tell,
  type Awaited,
  type Operation,
  type Ranks,
} from './operations.ts';
import { Pulse } from './pulse.ts';

/** Between two looks at what takes no longer than its bytes do. */
const SHORT_MS = 0.05;
/** At most, at what waits for another rank's work. */
const LONG_MS = 1;
const GROWTH = 1.05;
/** Where there is nothing but the beat; a request ends it. */
const IDLE_MS = 20;

/** What ranks do together. */
type Together = Exclude<Numbered, { type: 'map' | 'leave' | 'abort' }>;
type Value = Uint8Array | readonly Uint8Array[] | null;

class MpiThread {
  readonly #port: MessagePort;
  readonly #order: ThreadOrder;
  readonly #mpi: MpiLibrary;
  readonly #ranks: Ranks;
  readonly #pulse: Pulse;
  readonly #memory = new Map<string, Uint8Array>();
  readonly #waiting: Exclude<Numbered, { type: 'abort' }>[] = [];
  #current: { readonly id: number; readonly operation: Operation<Value>; awaited: Awaited } | null =
    null;
  #pauseMs = SHORT_MS;
  #leave: number | null = null;
  #isOver = false;

  constructor(port: MessagePort, order: ThreadOrder, mpi: MpiLibrary) {
    this.#port = port;
    this.#order = order;
    this.#mpi = mpi;
    const over = mpi.init();
    const [rank, size] = [mpi.rank(over), mpi.size(over)];
    this.#ranks = { mpi, over, rank, size };
    const { shared, lostMs } = order;
    this.#pulse = new Pulse(mpi, mpi.duplicate(over), {
      rank,
      size,
      lostMs,
      said: () => ({
        signal: Atomics.load(shared, CELLS.signal),
        signals: Atomics.load(shared, CELLS.signals),
      }),
      onSignal: (signal) => {
        this.#say({ type: 'signal', signal });
      },
    });
    this.#say({ type: 'joined', rank, size });
  }

  run(): void {
    while (!this.#isOver) {
      const seen = Atomics.load(this.#order.shared, CELLS.requests);
      try {
        this.#takeRequests();
        if (this.#advance()) continue;
        const silent = this.#pulse.tick();
        if (silent !== undefined) this.#lose(silent, 'no sign of life');
        else if (this.#leave !== null && this.#pulse.isOver) this.#end();
      } catch (error) {
        this.#lose([], (error as Error).message);
      }
      Atomics.wait(this.#order.shared, CELLS.requests, seen, this.#nextPause());
    }
  }

  #takeRequests(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      const request = received.message as Numbered;
      // It does not wait for what will never come.
      if (request.type === 'abort') this.#mpi.abort(request.exitCode);
      else this.#waiting.push(request);
    }
  }

  /** @returns whether there may be more to do at once */
  #advance(): boolean {
    if (this.#current === null) {
      const request = this.#waiting.shift();
      if (request === undefined) return false;
      this.#begin(request);
      return true;
    }
    const { id, operation, awaited } = this.#current;
    if (!awaited.request.isDone()) return false;
    this.#pauseMs = SHORT_MS;
    this.#continue(id, operation);
    return true;
  }

  #begin(request: Exclude<Numbered, { type: 'abort' }>): void {
    if (request.type === 'map') {
      this.#memory.set(request.path, mapMemoryFile(request.path, request.bytes));
      this.#answer(request.id, null);
    } else if (request.type === 'leave') {
      this.#leave = request.id;
      this.#pulse.leave();
    } else {
      this.#continue(request.id, this.#operation(request));
    }
  }

  #operation(request: Together): Operation<Value> {
    const ranks = this.#ranks;
    switch (request.type) {
      case 'broadcast':
        return broadcast(ranks, request.bytes);
      case 'tell':
        return tell(ranks, request.bytes);
      case 'gather':
        return gather(ranks, request.bytes);
      case 'sum': {
        const { offset, bytes } = request;
        const memory = this.#memory.get(request.memory)!;
        return sum(ranks, memory.subarray(offset, offset + bytes), request.of);
      }
      case 'join': {
        const { offset, bytes, target } = request;
        const memory = this.#memory.get(request.memory)!;
        const all = memory.subarray(target, target + ranks.size * bytes);
        return join(ranks, memory.subarray(offset, offset + bytes), all);
      }
    }
  }

  #continue(id: number, operation: Operation<Value>): void {
    const { done, value } = operation.next();
    this.#current = done === true ? null : { id, operation, awaited: value };
    if (done === true) this.#answer(id, value);
  }

  #nextPause(): number {
    if (this.#current === null) return this.#leave === null ? IDLE_MS : SHORT_MS;
    if (this.#current.awaited.isSoon) return SHORT_MS;
    const pause = this.#pauseMs;
    this.#pauseMs = Math.min(pause * GROWTH, LONG_MS);
    return pause;
  }

  /** Said once; from then on the thread waits for the order to abort. */
  #lose(ranks: readonly number[], reason: string): void {
    this.#say({ type: 'lost', ranks, reason });
    this.#current = null;
    for (;;) {
      const seen = Atomics.load(this.#order.shared, CELLS.requests);
      this.#takeRequests();
      Atomics.wait(this.#order.shared, CELLS.requests, seen);
    }
  }

  #end(): void {
    this.#mpi.finalize();
    this.#answer(this.#leave!, null);
    this.#isOver = true;
  }

  #answer(id: number, value: Value): void {
    this.#say({ type: 'answer', id, value });
  }

  #say(message: FromThread): void {
    this.#port.postMessage(message);
  }
}

function load(libraries: readonly string[]): MpiLibrary | readonly string[] {
  const tried: string[] = [];
  for (const path of libraries) {
    try {
      return new MpiLibrary(path);
    } catch (error) {
      tried.push(`${path}: ${(error as Error).message}`);
    }
  }
  return tried;
}

const order = workerData as ThreadOrder;
const library = load(order.libraries);
if (library instanceof MpiLibrary) new MpiThread(parentPort!, order, library).run();
else
  parentPort!.postMessage({
    type: 'not-joined',
    tried: library,
  } satisfies FromThread);
