/** The part of a random stream that puzzles draw from. */
export interface Draws {
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
}

/** 0..n−1 in random order (Fisher–Yates). */
export function permutation(n: number, random: Draws): number[] {
  const order: number[] = [];
  for (let i = 0; i < n; i++) order.push(i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}
