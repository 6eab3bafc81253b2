/**
 * What the supervisor and the engine process say to each other. Requests are handled in the order
 * they were sent, but for `ping` and `memory`, which are answered at once; each gets one answer.
 * Arrays travel beside the messages (see `channel.ts`).
 */
import type { MemoryStats } from '@eddy/core';
import type { TensorSpec } from '@eddy/tensor';

import type { GraphArgument, GraphResult } from '@eddy/compiler/graph';
import type { Block } from '@eddy/compiler/tensorflow';

export type HostData = Float32Array | Int32Array | Uint8Array;

/** A program in the form that an engine's process takes. */
export type ProgramCode =
  /** @see LoweredProgram.takesTrue */
  | {
      readonly kind: 'stablehlo';
      readonly text: string;
      readonly takesTrue: boolean;
      readonly devices: number;
    }
  | { readonly kind: 'instructions'; readonly block: Block };

/** A tensor whose values are the array of the same index beside the message. */
export interface NamedSpec {
  readonly name: string;
  readonly spec: TensorSpec;
}

/** Tensors that do not travel with a message: they lie in memory that both processes have, at these offsets. */
export interface SharedTensors {
  /** A file; see `shared-memory.ts`. */
  readonly memory: string;
  readonly bytes: number;
  readonly inputs: Readonly<Record<string, number>>;
  /** Written there, whether they are fetched or not. */
  readonly outputs: Readonly<Record<string, number>>;
}

export interface Requests {
  start: {
    readonly libraryPath: string;
    /** Options of the library, by its own names; a whole number is a bigint. */
    readonly options?: Readonly<Record<string, string | boolean | bigint | number>>;
  };
  compile: {
    /** Chosen by the supervisor. */
    readonly executable: number;
    readonly code: ProgramCode;
    readonly arguments: readonly GraphArgument[];
    readonly results: readonly GraphResult[];
    /** Where the compiled program is kept between runs; null where there is nothing to keep. */
    readonly cacheFile: string | null;
  };
  /** The arrays are the inputs in the order of the program's input arguments, without those that are shared. */
  run: {
    readonly executable: number;
    readonly tree: number;
    readonly bind: Readonly<Record<string, string>>;
    readonly fetch: readonly string[];
    readonly shared?: SharedTensors;
  };
  unload: { readonly executable: number };
  write: {
    readonly tree: number;
    readonly tensors: readonly NamedSpec[];
    /** Tensors without an array. */
    readonly zeros: readonly NamedSpec[];
  };
  read: { readonly tree: number; readonly names: readonly string[] };
  copy: { readonly tree: number; readonly names: Readonly<Record<string, string>> };
  /** All names: the tree itself goes. */
  free: { readonly tree: number; readonly names: readonly string[] | null };
  memory: Record<never, never>;
  ping: Record<never, never>;
}

export type RequestType = keyof Requests;

export interface Answers {
  start: {
    /** Of the library's interface. */
    readonly apiVersion: string;
    readonly platformName: string;
    readonly platformVersion: string;
    readonly deviceCount: number;
    readonly deviceKind: string;
    /** Of an NVIDIA GPU, where the library tells: `9.0`. */
    readonly computeCapability?: string;
  };
  compile: {
    readonly compileMs: number;
    readonly cached: boolean;
    readonly argumentBytes?: number;
    readonly outputBytes?: number;
    readonly temporaryBytes?: number;
  };
  /** The arrays are the fetched outputs, in the order of `fetch`. */
  run: Record<never, never>;
  unload: Record<never, never>;
  write: Record<never, never>;
  /** The arrays are the tensors, in the order of `names`. */
  read: Record<never, never>;
  copy: Record<never, never>;
  free: Record<never, never>;
  memory: MemoryStats;
  ping: Record<never, never>;
}

export type Request = {
  [T in RequestType]: { readonly id: number; readonly type: T } & Requests[T];
}[RequestType];

/** An error on its way to the supervisor. */
export type Failure =
  /** Of the native library: `code` is its own, `call` the function or operation that failed. */
  | {
      readonly kind: 'library';
      readonly code: string;
      readonly call: string;
      readonly message: string;
    }
  /** Of the engine process itself: a defect of Eddy. */
  | { readonly kind: 'internal'; readonly message: string };

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: Answers[RequestType] }
  | { readonly id: number; readonly ok: false; readonly failure: Failure };
