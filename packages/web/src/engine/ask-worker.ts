/** A model in a worker, as the page asks it. */
import { questionProblem } from '../model/question-problem.ts';
import type { Question, WebThought } from '../model/solver.ts';
import type { WebModel } from '../model/web-model.ts';
import type { BackendName } from './backends.ts';
import type { Reply, Request } from './messages.ts';

/** What the page asks with besides the question. */
export interface ThinkOptions {
  readonly steps: number;
  readonly untilHalt?: boolean;
  readonly onThought?: (thought: WebThought) => void;
}

/** Runs the worker's script, and what it needs. */
export interface WorkerFiles {
  /** Address of the script: a `blob:` address in a file. */
  readonly script: string;
  readonly wasm: Uint8Array<ArrayBuffer>;
}

interface Waiting {
  readonly thoughts: WebThought[];
  readonly onThought: ((thought: WebThought) => void) | undefined;
  readonly resolve: (thoughts: readonly WebThought[]) => void;
  readonly reject: (error: Error) => void;
}

/** A model that runs in a worker. */
export class AskedModel {
  readonly model: WebModel;
  readonly backend: BackendName;
  /** Why WebGPU is not used, where it was tried. */
  readonly note: string | undefined;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  /** Why the worker answers no more. */
  #ended: Error | undefined;
  #count = 0;

  private constructor(model: WebModel, worker: Worker, opened: Extract<Reply, { type: 'opened' }>) {
    this.model = model;
    this.backend = opened.backend;
    this.note = opened.note;
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
    worker.onerror = ({ message }) => this.#fail(new Error(message || 'the worker ended'));
  }

  /** Starts a worker and loads the model into it. Rejects with words for the reader of the page. */
  static open(
    model: WebModel,
    files: WorkerFiles,
    backend: 'auto' | BackendName = 'auto',
  ): Promise<AskedModel> {
    const worker = new Worker(files.script);
    return new Promise((resolve, reject) => {
      const fail = (message: string) => {
        worker.terminate();
        reject(new Error(message));
      };
      worker.onerror = ({ message }) => fail(message || 'the browser could not start a worker');
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if (data.type === 'opened') resolve(new AskedModel(model, worker, data));
        else if (data.type === 'failed') fail(data.message);
      };
      const { header, bytes } = model;
      const request: Request = { type: 'open', header, bytes, wasm: files.wasm, backend };
      worker.postMessage(request);
    });
  }

  /**
   * Asks a question; the thoughts also come one by one. Questions wait for each other: `stop` ends those before.
   * Rejects a question that the model cannot be asked, with words for the reader of the page.
   */
  think(
    question: Question,
    { steps, untilHalt = false, onThought }: ThinkOptions,
  ): Promise<readonly WebThought[]> {
    const problem = questionProblem(question, steps, this.model.header.about);
    if (problem !== undefined) return Promise.reject(new Error(problem));
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { thoughts: [], onThought, resolve, reject });
      const input = Uint8Array.from(Array.from(question.input));
      const asked = { input, identifier: question.identifier };
      this.#send({ type: 'think', id, question: asked, steps, untilHalt });
    });
  }

  /** Ends what is being thought; its promise resolves with the thoughts so far. */
  stop(): void {
    this.#send({ type: 'stop' });
  }

  /** Ends the worker. */
  close(): void {
    this.#worker.terminate();
    this.#fail(new Error('the model was closed'));
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #take(reply: Reply): void {
    if (reply.type === 'opened') return;
    if (reply.type === 'failed' && reply.id === undefined) {
      this.#fail(new Error(reply.message));
      return;
    }
    const waiting = this.#waiting.get(reply.id!);
    if (waiting === undefined) return;
    if (reply.type === 'thought') {
      waiting.thoughts.push(reply.thought);
      waiting.onThought?.(reply.thought);
      return;
    }
    this.#waiting.delete(reply.id!);
    if (reply.type === 'failed') waiting.reject(new Error(reply.message));
    else waiting.resolve(waiting.thoughts);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
