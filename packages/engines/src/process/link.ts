import type { Port } from './channel.ts';

/** The way to an engine's process: a child of this one, or of a process on another host. */
export interface EngineLink extends Port {
  /** Of a child. */
  readonly pid: number | undefined;
  /** Told once, when the process or the way to it is gone. */
  onGone(listener: (error: Error) => void): void;
  /** The error of a process that shows no sign of life any more; it is ended. */
  giveUp(reason: string): Error;
  /** Hundredths of a second of a processor that it has used; undefined where that cannot be known. */
  processorTicks?(): number | undefined;
  /** Ends the process. */
  end(): Promise<void>;
  /** Whether this process must stay for it. */
  holdOpen(hold: boolean): void;
}
