/** How sure a model is of each cell. */

/**
 * Returns the softmax probability of each cell's answer.
 *
 * @param logits  [cells × vocabulary]
 */
export function probabilitiesOf(logits: Float32Array, answer: ArrayLike<number>): Float32Array {
  const width = logits.length / answer.length;
  return Float32Array.from({ length: answer.length }, (_, cell) => {
    const row = logits.subarray(cell * width, (cell + 1) * width);
    const greatest = Math.max(...row);
    const total = row.reduce((sum, x) => sum + Math.exp(x - greatest), 0);
    return Math.exp(row[answer[cell]!]! - greatest) / total;
  });
}
