/** A stage: an operator from a stream of artifacts to a stream of artifacts. */
import type { Observable } from 'rxjs';

import type { ExpectedArtifact, Foresight } from './foresight.ts';
import type { Usable } from './usable.ts';

/** A result of a stage, of a named kind, with where it lies and the key that made it. */
export interface Artifact {
  /** `dataset`, `checkpoint`, `evaluation`, … */
  readonly kind: string;
  /** Stage that made it. */
  readonly stage: string;
  /** Content key: hash(stage config, plugin versions, input keys). */
  readonly key: string;
  /** Folder or file; absolute. */
  readonly path: string;
  /** Kind-specific facts and live handles, e.g. the device state behind a checkpoint. */
  readonly value?: unknown;
  /** Tells it from others of its step in folders and reports: `average`. */
  readonly label?: string;
  /**
   * Does work that the emitting stage waits for before it goes on (back-pressure), and whose failure it
   * hears of. One work after another: they may share what the artifact holds on a device.
   */
  waitUntil?<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * What a stage consumes: artifacts of a kind, from the nearest stage before it that provides them, or
 * from the stage that is named.
 */
export type Need = string | { readonly kind: string; readonly stage: string };

/** A result of a stage that is kept in the cache under its key, and what the stage does with it. */
export interface KeptResult {
  /** Content key: hash(stage config, plugin versions, input keys). */
  readonly key: string;
  /** Writes the result into an empty folder; called where the cache has none. */
  readonly make: (folder: string, signal: AbortSignal) => Promise<void>;
  /** Reads the folder: the artifact to hand on, or a further result that is made from this one. */
  readonly read: (path: string) => Promise<Artifact | KeptResult>;
  /** Tells whether the thing that the folder refers to is still there. Absent where the folder holds the result itself. */
  readonly isUsable?: (path: string) => Promise<Usable>;
}

/** A result that a stage keeps by itself, because other stages follow it while it is made; `pipeline why` reads it. */
export interface ReferredResult extends Omit<KeptResult, 'make' | 'read'> {
  readonly read: (path: string) => Promise<Artifact | ReferredResult>;
}

export interface Stage {
  /** The pipeline chains stages by them. */
  readonly needs: readonly Need[];
  readonly provides: readonly string[];
  /**
   * True if it has the run's engine to itself: the engine starts while the stages before it are at
   * work, and the stage when all of them have ended.
   */
  readonly usesEngine?: boolean;
  /**
   * What `run` makes of one input, or of none, without making it. `pipeline why` follows the keys that it
   * names. A stage that keeps nothing in the cache has no such method; `keptStage` gives one both.
   */
  resultOf?(input: Artifact | undefined, signal: AbortSignal): Promise<Artifact | KeptResult>;
  /**
   * Returns the results that `run` would make of all its inputs, without making them. A stage that hands on
   * results while it makes them has this method in place of `resultOf`.
   */
  resultsOf?(inputs: readonly Artifact[]): Promise<readonly ReferredResult[]>;
  /**
   * Says what the stage is going to make of its inputs, and what is wrong with them, from the options alone:
   * nothing runs, is downloaded or written. `validate`, `plan` and the start of a run call it with what
   * earlier stages said; an input is missing where the stage before says nothing.
   */
  foresee?(inputs: readonly ExpectedArtifact[]): Foresight | Promise<Foresight>;
  /**
   * From the streams of what it needs to its own. Unsubscribing cancels the work at the next clean
   * boundary. Cold: nothing happens before subscription.
   */
  run(inputs$: Observable<Artifact>): Observable<Artifact>;
}
