/**
 * A thread that checks, hashes and writes the files of splits, while this one makes their examples.
 *
 * Batches are copied into memory that both threads see, a tenth of a millisecond each. (Memory that is handed over
 * and back costs more: once a buffer was detached, V8 looks at each access to a typed array whether its own is. And
 * single rows are copied into shared memory three times as slowly as into other.)
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { InternalError } from '@eddy/tensor/errors';
import type { EncodedBatch, SplitFile, StrayToken } from './split-file.ts';

/** What the thread is told. Each is answered, in this order. */
export type Request =
  | { readonly open: { readonly file: string; readonly vocabSize: number } }
  | { readonly write: EncodedBatch }
  | { readonly finish: true }
  | { readonly close: true };

export type Done = StrayToken | string | undefined;

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
  readonly #entry: () => string;
  #worker: Worker | undefined;
  readonly #waiting: Waiting[] = [];
  /** For each buffer of tokens, one of the same size that both threads see. */
  readonly #twins = new WeakMap<ArrayBufferLike, SharedArrayBuffer>();
  #ended: Error | undefined;

  /** @param entry  path of what runs in the thread. */
  constructor(entry = splitThreadMain) {
    this.#entry = entry;
  }

  /** A file that cannot be opened is heard of at its first batch. */
  open(file: string, vocabSize: number): SplitFile {
    this.#ask({ open: { file, vocabSize } }).catch(() => undefined);
    return {
      write: (batch) =>
        this.#ask({ write: this.#shared(batch) }) as Promise<StrayToken | undefined>,
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

  /** The batch with copies of its columns; what else there is to write is little, and cloned. */
  #shared({ chunks, tokens }: EncodedBatch): EncodedBatch {
    const own = tokens[0]?.buffer;
    if (own === undefined) return { chunks, tokens };
    const twin = this.#twins.get(own) ?? new SharedArrayBuffer(own.byteLength);
    this.#twins.set(own, twin);
    const shared = (bytes: Uint8Array) =>
      bytes.buffer === own ? new Uint8Array(twin, bytes.byteOffset, bytes.length) : bytes;
    const sharedChunks = chunks.map(shared);
    for (const [i, chunk] of chunks.entries()) {
      if (chunk.buffer === own) sharedChunks[i]!.set(chunk);
    }
    return { chunks: sharedChunks, tokens: tokens.map(shared) };
  }

  #ask(request: Request): Promise<Done> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      this.#worker ??= this.#start();
      // First: of what cannot be posted no answer comes.
      this.#worker.postMessage(request);
      this.#waiting.push({ resolve, reject });
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#entry(), { execArgv: [] });
    worker.on('message', (reply: Reply) => {
      // Nobody, where its last words come after the error that it died of.
      const asked = this.#waiting.shift();
      if ('done' in reply) asked?.resolve(reply.done);
      else asked?.reject(Object.assign(new Error(reply.failed.message), reply.failed));
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

/** By the package's name for it, so that it is the compiled file even where tests run from the sources. */
function splitThreadMain(): string {
  return createRequire(import.meta.url).resolve('@eddy/core/split-thread-main');
}
