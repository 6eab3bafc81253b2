/**
 * Touches a lock file for as long as its holder lives, from a thread of its own: a holder's event loop may be
 * busy for minutes.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** What the thread is told. */
export interface HeartbeatOrder {
  /** Of the lock; the file is one of its numbers. */
  readonly path: string;
  readonly file: string;
  readonly token: string;
  readonly heartbeatMs: number;
  /** [0] becomes 1 when the lock is another's. */
  readonly lost: Int32Array<SharedArrayBuffer>;
}

export interface Heartbeat {
  /** Another process has taken the lock over, or the thread died so that one may. */
  readonly lost: boolean;
  end(): void;
}

export function startHeartbeat(order: Omit<HeartbeatOrder, 'lost'>): Heartbeat {
  const lost = new Int32Array(new SharedArrayBuffer(4));
  // By the package's name for it: the compiled file, even where tests run from the sources.
  const entry = createRequire(import.meta.url).resolve('@eddy/core/lock-heartbeat-main');
  const { path, file, token, heartbeatMs } = order;
  const workerData: HeartbeatOrder = { path, file, token, heartbeatMs, lost };
  const worker = new Worker(entry, { workerData, execArgv: [] });
  worker.unref();
  worker.on('error', () => Atomics.store(lost, 0, 1));
  return {
    get lost() {
      return Atomics.load(lost, 0) !== 0;
    },
    end: () => void worker.terminate(),
  };
}
