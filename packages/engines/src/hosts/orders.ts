/** What rank 0 has all ranks do, itself included. */
import type { LoweredProgram } from '@eddy/compiler';
import type { Exchange } from '@eddy/compiler/engine';
import type { HostTree, Share } from '@eddy/tensor';

import type { Signature } from '../contract/check-run.ts';
import type { NamedSpec } from '../process/protocol.ts';

/** The share of each tensor of a program that a rank holds, for tensors that it does not hold whole. */
export interface RankShares {
  readonly state: Readonly<Record<string, Share>>;
  readonly inputs: Readonly<Record<string, Share>>;
  readonly outputs: Readonly<Record<string, Share>>;
}

/** A program for all ranks: parts, between which they exchange values; one part where it cannot be cut. */
export interface RanksProgram {
  /** The signature over whole tensors. */
  readonly signature: Signature;
  readonly shares: RankShares;
  readonly exchanges: readonly Exchange[];
  readonly parts: readonly LoweredProgram[];
}

export interface RunOrder {
  readonly type: 'run';
  readonly executable: number;
  readonly tree: number;
  /** Whole ones. */
  readonly inputs: HostTree;
  readonly bind: Readonly<Record<string, string>>;
  readonly fetch: readonly string[];
}

/** An order to the engine that all ranks have opened. */
export type EngineOrder =
  | { readonly type: 'compile'; readonly executable: number; readonly program: RanksProgram }
  /** Waits for it. */
  | { readonly type: 'compiled'; readonly executable: number }
  | RunOrder
  | { readonly type: 'unload'; readonly executable: number }
  | {
      readonly type: 'write';
      readonly tree: number;
      readonly tensors: HostTree;
      readonly zeros: readonly NamedSpec[];
      /** Name → name of a tensor that was written with it or just before. */
      readonly copies: Readonly<Record<string, string>>;
    }
  | { readonly type: 'read'; readonly tree: number; readonly names: readonly string[] }
  | { readonly type: 'free'; readonly tree: number; readonly names: readonly string[] | null }
  | { readonly type: 'memory' };

export type Order =
  /** Start an engine. */
  | {
      readonly type: 'open';
      readonly engine: number;
      readonly name: string;
      readonly config: unknown;
    }
  | { readonly type: 'order'; readonly engine: number; readonly order: EngineOrder }
  | { readonly type: 'close'; readonly engine: number }
  /** The command is over. */
  | { readonly type: 'bye'; readonly exitCode: number };
