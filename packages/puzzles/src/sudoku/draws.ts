/** The part of a random stream that puzzles draw from. */
export interface Draws {
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
}

/** 0..n−1 in random order. */
export function permutation(n: number, random: Draws): number[] {
  const order: number[] = [];
  for (let i = 0; i < n; i++) order.push(i);
  shuffle(order, 0, n, random);
  return order;
}

/** Puts the elements from `start` to before `end` in random order (Fisher–Yates). */
export function shuffle(
  order: number[] | Uint8Array,
  start: number,
  end: number,
  random: Draws,
): void {
  for (let i = end - 1; i > start; i--) {
    const j = start + random.integer(i - start + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
}
