/**
 * A thread that checks, hashes and writes the files of splits, while this one makes their examples.
 * The memory of a batch is handed over and back. (Copying into memory that both threads see takes three
 * times as long.)
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { InternalError } from '../errors.ts';
import type { EncodedBatch, SplitFile, WrittenBatch } from './split-file.ts';

/** What the thread is told. Each is answered, in this order. */
export type Request =
  | { readonly open: { readonly file: string; readonly vocabSize: number } }
  | { readonly write: EncodedBatch }
  | { readonly finish: true }
  | { readonly close: true };

export type Done = WrittenBatch | string | undefined;

/** What became of it. Of an error, what structured cloning would lose is kept. */
export type Reply =
  | { readonly done: Done }
  | {
      readonly failed: {
        readonly message: string;
        readonly code: string | undefined;
        readonly errno: number | undefined;
        readonly syscall: string | undefined;
        readonly path: string | undefined;
      };
    };

interface Waiting {
  resolve(done: Done): void;
  reject(error: unknown): void;
}

/** Writes one file at a time. Starts with the first. */
export class SplitThread {
  #worker: Worker | undefined;
  readonly #waiting: Waiting[] = [];
  #ended: Error | undefined;

  /** A file that cannot be opened is heard of at its first batch. */
  open(file: string, vocabSize: number): SplitFile {
    this.#ask({ open: { file, vocabSize } }).catch(() => undefined);
    return {
      write: (batch) => this.#ask({ write: batch }, [batch.memory]) as Promise<WrittenBatch>,
      finish: () => this.#ask({ finish: true }) as Promise<string>,
      close: async () => {
        // A thread that has ended has closed its files.
        if (this.#ended === undefined) await this.#ask({ close: true });
      },
    };
  }

  async end(): Promise<void> {
    this.#ended ??= new InternalError('the thread that writes splits was ended');
    await this.#worker?.terminate();
  }

  #ask(request: Request, handedOver: readonly ArrayBuffer[] = []): Promise<Done> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      this.#worker ??= this.#start();
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request, [...handedOver]);
    });
  }

  #start(): Worker {
    // By the package's name for it, so that it is the compiled file even where tests run from the sources.
    const entry = createRequire(import.meta.url).resolve('@eddy/core/split-thread-main');
    const worker = new Worker(entry, { execArgv: [] });
    worker.on('message', (reply: Reply) => {
      const asked = this.#waiting.shift()!;
      if ('done' in reply) asked.resolve(reply.done);
      else asked.reject(Object.assign(new Error(reply.failed.message), reply.failed));
    });
    worker.on('error', (error) => this.#die(error));
    worker.on('exit', (code) =>
      this.#die(new InternalError(`the thread that writes splits ended with ${code}`)),
    );
    return worker;
  }

  #die(reason: Error): void {
    this.#ended ??= reason;
    for (const asked of this.#waiting.splice(0)) asked.reject(this.#ended);
  }
}
