/** The answers of one trajectory over a batch, kept at the steps that settings ask for. */

import type { PlannedTrajectory } from './sweep.ts';

/** What a trajectory says of one puzzle under one setting. */
export interface Candidate {
  readonly answer: Uint8Array;
  readonly qHalt: number;
  /** Supervision steps that it took. */
  readonly steps: number;
}

interface Recorded {
  readonly answers: readonly Uint8Array[];
  readonly qHalts: Float32Array;
}

export class Recording {
  readonly #count: number;
  readonly #read: (preds: Uint8Array, row: number) => Uint8Array;
  readonly #steps: ReadonlySet<number>;
  readonly #halts: boolean;
  readonly #recorded = new Map<number, Recorded>();
  /** Per row: where q_halt first was above 0. */
  readonly #halted: (Candidate | undefined)[];
  #numHalted = 0;

  /**
   * @param count  real rows
   * @param wanted  supervision steps to record, and whether to record where rows halt
   * @param read  turns an answer to the version of a puzzle into one to the puzzle itself
   */
  constructor(
    count: number,
    wanted: Pick<PlannedTrajectory, 'steps' | 'halts'>,
    read: (preds: Uint8Array, row: number) => Uint8Array,
  ) {
    this.#count = count;
    this.#steps = new Set(wanted.steps);
    this.#halts = wanted.halts;
    this.#read = read;
    this.#halted = Array.from({ length: count }, () => undefined);
  }

  /** Every row has said once that it would halt; only known where that is recorded. */
  get allHalted(): boolean {
    return this.#numHalted === this.#count;
  }

  /**
   * @param step  counted from 1
   * @param preds  [rows × seqLen], padding included
   * @param qHalts  [rows]
   */
  take(step: number, preds: ArrayLike<number>, qHalts: ArrayLike<number>): void {
    const seqLen = preds.length / qHalts.length;
    const answerOf = (row: number) => {
      const tokens = Uint8Array.from({ length: seqLen }, (_, i) => preds[row * seqLen + i]!);
      return this.#read(tokens, row);
    };
    for (let row = 0; this.#halts && row < this.#count; row++) {
      const qHalt = qHalts[row]!;
      if (!(qHalt > 0) || this.#halted[row] !== undefined) continue;
      this.#halted[row] = { answer: answerOf(row), qHalt, steps: step };
      this.#numHalted += 1;
    }
    if (!this.#steps.has(step)) return;
    const rows = Array.from({ length: this.#count }, (_, row) => row);
    this.#recorded.set(step, {
      answers: rows.map(answerOf),
      qHalts: Float32Array.from(rows, (row) => qHalts[row]!),
    });
  }

  /** A row's answer after `steps`, or where it halted before, when it may. */
  candidate(row: number, steps: number, halt: boolean): Candidate {
    const halted = this.#halted[row];
    if (halt && halted !== undefined && halted.steps <= steps) return halted;
    const { answers, qHalts } = this.#recorded.get(steps)!;
    return { answer: answers[row]!, qHalt: qHalts[row]!, steps };
  }
}
