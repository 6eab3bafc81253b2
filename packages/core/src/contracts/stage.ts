/** A stage: an operator from a stream of artifacts to a stream of artifacts. */
import type { Observable } from 'rxjs';

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

export interface Stage {
  /** Kinds of artifact it consumes; the pipeline chains stages by them. */
  readonly needs: readonly string[];
  readonly provides: readonly string[];
  /** Whether it needs the run's engine, which then starts while the stages before it are at work. */
  readonly usesEngine?: boolean;
  /**
   * From the streams of what it needs to its own. Unsubscribing cancels the work at the next clean
   * boundary. Cold: nothing happens before subscription.
   */
  run(inputs$: Observable<Artifact>): Observable<Artifact>;
}
