/** Rating, puzzle, group and identifier. */
const NUMBERS_OF_EXAMPLE = 16;

/** Returns the bytes of an example on disk: a byte for each token of input and label, and its numbers. */
export function bytesOfExample(seqLen: number): number {
  return 2 * seqLen + NUMBERS_OF_EXAMPLE;
}
