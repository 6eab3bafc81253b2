/** The arrays of batches, used again once nobody reads them. */
import type { HostBatch } from '../contracts/dataset.ts';

type BatchArrays = Pick<HostBatch, 'inputs' | 'labels' | 'puzzleIdentifiers'>;

/**
 * Batches of a training are alike, and a few are on their way at once: those made ahead, those that the
 * engine works on. So many arrays there are, whatever the number of steps.
 */
export class BatchBuffers {
  readonly #free: BatchArrays[] = [];

  /** Arrays of a batch, whatever they hold. */
  take(count: number, seqLen: number): BatchArrays {
    const free = this.#free.pop();
    if (free?.puzzleIdentifiers.length === count && free.inputs.length === count * seqLen) {
      return free;
    }
    return {
      inputs: new Int32Array(count * seqLen),
      labels: new Int32Array(count * seqLen),
      puzzleIdentifiers: new Int32Array(count),
    };
  }

  /** The batch has been read for the last time: its arrays may be those of another. */
  giveBack({ inputs, labels, puzzleIdentifiers }: HostBatch): void {
    this.#free.push({ inputs, labels, puzzleIdentifiers });
  }
}
