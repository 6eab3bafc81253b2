/**
 * The beat by which ranks know that all are still there: each round every rank says a few numbers to every other.
 * It has a communicator of its own, so that it goes on whatever the ranks are busy with.
 */
import type { Communicator, MpiLibrary, MpiRequest } from '../library.ts';

const BEAT_MS = 500;
/** A pause of this process, suspended with its whole job, is none of the others' silence. */
const LONGEST_PAUSE_MS = 1000;
const FIELDS = 4;

/** What a rank says with each beat. */
interface Said {
  readonly signal: number;
  /** How many signals it was sent. */
  readonly signals: number;
}

export interface PulseOptions {
  readonly rank: number;
  readonly size: number;
  readonly lostMs: number;
  /** Returns the state that this rank sends with each beat. */
  readonly said: () => Said;
  /** Told when another rank was sent a signal. */
  readonly onSignal: (signal: number) => void;
}

export class Pulse {
  readonly #mpi: MpiLibrary;
  readonly #over: Communicator;
  readonly #options: PulseOptions;
  readonly #own = new Int32Array(FIELDS);
  readonly #all: Int32Array;
  readonly #signalsHeard: number[];
  #request: MpiRequest | null = null;
  #last = performance.now();
  /** Until the next beat, or, while one is under way, since it began. */
  #waitedMs = BEAT_MS;
  #wantsToLeave = false;
  #isOver = false;

  constructor(mpi: MpiLibrary, over: Communicator, options: PulseOptions) {
    this.#mpi = mpi;
    this.#over = over;
    this.#options = options;
    this.#all = new Int32Array(FIELDS * options.size);
    this.#signalsHeard = Array.from({ length: options.size }, () => 0);
  }

  /** True once all ranks have announced that they leave, so that none beats any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  leave(): void {
    this.#wantsToLeave = true;
  }

  /** Does what is to be done now. @returns the ranks that have been silent for too long, if any */
  tick(now = performance.now()): readonly number[] | undefined {
    if (this.#isOver) return undefined;
    this.#waitedMs += Math.min(now - this.#last, LONGEST_PAUSE_MS);
    this.#last = now;
    if (this.#request === null) {
      if (this.#waitedMs >= BEAT_MS || this.#wantsToLeave) this.#beat();
      return undefined;
    }
    if (this.#request.isDone()) {
      this.#hear();
      return undefined;
    }
    return this.#waitedMs > this.#options.lostMs ? this.#silent() : undefined;
  }

  #beat(): void {
    const { signal, signals } = this.#options.said();
    const beat = this.#own[0]! + 1;
    this.#own.set([beat, signal, signals, this.#wantsToLeave ? 1 : 0]);
    this.#request = this.#mpi.gatherForAll(this.#over, bytesOf(this.#own), bytesOf(this.#all));
    this.#waitedMs = 0;
  }

  #hear(): void {
    this.#request = null;
    this.#waitedMs = 0;
    for (let rank = 0; rank < this.#options.size; rank++) {
      const [, signal, signals] = this.#saidBy(rank);
      if (signals === this.#signalsHeard[rank]) continue;
      this.#signalsHeard[rank] = signals!;
      if (rank !== this.#options.rank) this.#options.onSignal(signal!);
    }
    this.#isOver = this.#signalsHeard.every((_, rank) => this.#saidBy(rank)[3] === 1);
  }

  /** Returns the ranks that did not take part in a beat that is not complete. */
  #silent(): number[] {
    return this.#signalsHeard.flatMap((_, rank) =>
      rank === this.#options.rank || this.#saidBy(rank)[0] === this.#own[0] ? [] : [rank],
    );
  }

  #saidBy(rank: number): Int32Array {
    return this.#all.subarray(FIELDS * rank, FIELDS * (rank + 1));
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
