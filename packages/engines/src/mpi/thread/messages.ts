/** The messages between a process and its thread for MPI. */

export interface ThreadOrder {
  /** Paths or names of libraries, the likeliest first. */
  readonly libraries: readonly string[];
  /** See `WAKE`. */
  readonly shared: Int32Array<SharedArrayBuffer>;
  /** Without a beat of all ranks for this long, one of them counts as lost. */
  readonly lostMs: number;
}

/** Cells of `ThreadOrder.shared`. */
export const CELLS = {
  /** Requests so far; the thread sleeps on it. */
  requests: 0,
  /** The number of the last signal that this process was sent, and how many there were. */
  signal: 1,
  signals: 2,
} as const;

/** The type of the elements that are added. */
export type Addend = 'float32' | 'int32';

export type Request =
  /** From rank 0, which alone gives bytes, to all. Answered with them on the others. */
  | { readonly type: 'broadcast'; readonly bytes: Uint8Array | null }
  /** What each rank says, in their order. */
  | { readonly type: 'tell'; readonly bytes: Uint8Array }
  /** As much from each rank, in their order, on rank 0. */
  | { readonly type: 'gather'; readonly bytes: Uint8Array }
  /** A file that an engine's process has in its memory, too. */
  | { readonly type: 'map'; readonly path: string; readonly bytes: number }
  /** Replaces a part of that memory on all ranks by the sum of theirs. */
  | {
      readonly type: 'sum';
      readonly memory: string;
      readonly of: Addend;
      readonly offset: number;
      readonly bytes: number;
    }
  /** Puts what the ranks have there one after the other. */
  | {
      readonly type: 'join';
      readonly memory: string;
      readonly offset: number;
      readonly bytes: number;
      readonly target: number;
    }
  | { readonly type: 'leave' }
  | { readonly type: 'abort'; readonly exitCode: number };

export type Numbered = Request & { readonly id: number };

export type FromThread =
  | { readonly type: 'joined'; readonly rank: number; readonly size: number }
  | { readonly type: 'not-joined'; readonly tried: readonly string[] }
  | {
      readonly type: 'answer';
      readonly id: number;
      readonly value: Uint8Array | readonly Uint8Array[] | null;
    }
  /** Another rank was sent a signal. */
  | { readonly type: 'signal'; readonly signal: number }
  /** Ranks that may be the one that is lost, as far as it is known. */
  | { readonly type: 'lost'; readonly ranks: readonly number[]; readonly reason: string };
