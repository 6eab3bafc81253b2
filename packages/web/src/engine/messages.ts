/** What a page and its worker say to each other. */
import type { Question, WebThought } from '../model/solver.ts';
import type { WebModelHeader } from '../model/web-model.ts';
import type { BackendName } from './backends.ts';

/** From the page. */
export type Request =
  | {
      readonly type: 'open';
      readonly header: WebModelHeader;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly wasm: Uint8Array<ArrayBuffer>;
      /** `auto`: WebGPU where it is there and gives the same answers, else WebAssembly. */
      readonly backend: 'auto' | BackendName;
    }
  | {
      readonly type: 'think';
      /** Of the question; thoughts come back with it. */
      readonly id: number;
      readonly question: Question;
      readonly steps: number;
      /** Stops after the first step whose halt logit is above 0. */
      readonly untilHalt: boolean;
    }
  | { readonly type: 'stop' };

/** From the worker. */
export type Reply =
  | { readonly type: 'opened'; readonly backend: BackendName; readonly note?: string }
  | { readonly type: 'thought'; readonly id: number; readonly thought: WebThought }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'failed'; readonly id?: number; readonly message: string };
