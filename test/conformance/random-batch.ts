import type { HostBatch, RandomStream } from '@eddy/core';

export interface BatchShape {
  readonly vocabSize: number;
  readonly seqLen: number;
  readonly numPuzzleIdentifiers: number;
}

/** A full batch of random tokens, labels and identifiers. */
export function randomBatch(random: RandomStream, shape: BatchShape, rows: number): HostBatch {
  const { vocabSize, seqLen, numPuzzleIdentifiers } = shape;
  const integers = (name: string, length: number, bound: number) => {
    const stream = random.stream(name);
    return Int32Array.from({ length }, () => stream.integer(bound));
  };
  return {
    inputs: integers('inputs', rows * seqLen, vocabSize),
    labels: integers('labels', rows * seqLen, vocabSize),
    puzzleIdentifiers: integers('ids', rows, numPuzzleIdentifiers),
    count: rows,
  };
}
