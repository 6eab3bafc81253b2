/** Solving by naked and hidden singles, and by guessing where they end. */
import { permutation, type Draws } from './draws.ts';
import type { SudokuGrid, SudokuRules } from './rules.ts';

export interface SolveResult {
  /** Solutions found, at most the limit asked for. */
  readonly count: number;
  /** The first one found. */
  readonly solution: SudokuGrid | null;
  /**
   * Values tried at branch points of the search; 0 where singles alone decide. A measure of
   * difficulty like the `rating` of Sudoku-Extreme.
   */
  readonly guesses: number;
}

/**
 * Searches for solutions: cell with the fewest candidates first.
 *
 * @param limit  stop after so many solutions; 2 tells whether a puzzle has exactly one.
 * @param random  order in which values are tried; ascending without it.
 */
export function solveSudoku(
  givens: SudokuGrid,
  rules: SudokuRules,
  limit = 2,
  random?: Draws,
): SolveResult {
  const search = new Search(rules, limit, random);
  return search.run(givens);
}

class Search {
  readonly #rules: SudokuRules;
  readonly #limit: number;
  readonly #random: Draws | undefined;
  readonly #all: number;
  /** Candidates per cell, a bit a digit; one array a depth of the search. */
  readonly #levels: Uint16Array[] = [];
  /** Cells whose one digit is yet to be taken from their peers. */
  readonly #queue: number[] = [];
  #count = 0;
  #guesses = 0;
  #solution: SudokuGrid | null = null;

  constructor(rules: SudokuRules, limit: number, random: Draws | undefined) {
    this.#rules = rules;
    this.#limit = limit;
    this.#random = random;
    this.#all = 2 ** rules.size - 1;
  }

  run(givens: SudokuGrid): SolveResult {
    const candidates = this.#level(0).fill(this.#all);
    this.#queue.length = 0;
    const consistent = givens.every(
      (digit, cell) => digit === 0 || this.#narrow(candidates, cell, 1 << (digit - 1)),
    );
    if (consistent) this.#explore(0);
    return { count: this.#count, solution: this.#solution, guesses: this.#guesses };
  }

  #level(depth: number): Uint16Array {
    return (this.#levels[depth] ??= new Uint16Array(this.#rules.numCells));
  }

  #explore(depth: number): void {
    const candidates = this.#level(depth);
    if (!this.#propagate(candidates)) return;
    const cell = this.#narrowestCell(candidates);
    if (cell === -1) {
      this.#count += 1;
      this.#solution ??= Uint8Array.from(candidates, (bits) => Math.log2(bits) + 1);
      return;
    }
    for (const bit of this.#bitsOf(candidates[cell]!)) {
      this.#guesses += 1;
      const next = this.#level(depth + 1);
      next.set(candidates);
      this.#queue.length = 0;
      if (this.#narrow(next, cell, bit)) this.#explore(depth + 1);
      if (this.#count >= this.#limit) return;
    }
  }

  /** Leaves only `bits` in a cell; false when nothing is left. */
  #narrow(candidates: Uint16Array, cell: number, bits: number): boolean {
    const before = candidates[cell]!;
    const after = before & bits;
    if (after === before) return true;
    if (after === 0) return false;
    candidates[cell] = after;
    if (isSingle(after)) this.#queue.push(cell);
    return true;
  }

  /** Naked and hidden singles until nothing changes; false at a contradiction. */
  #propagate(candidates: Uint16Array): boolean {
    do {
      while (this.#queue.length > 0) {
        const cell = this.#queue.pop()!;
        const others = this.#all & ~candidates[cell]!;
        for (const peer of this.#rules.peers[cell]!) {
          if (!this.#narrow(candidates, peer, others)) return false;
        }
      }
      if (!this.#findHiddenSingles(candidates)) return false;
    } while (this.#queue.length > 0);
    return true;
  }

  #findHiddenSingles(candidates: Uint16Array): boolean {
    for (const unit of this.#rules.units) {
      let once = 0;
      let twice = 0;
      for (const cell of unit) {
        const bits = candidates[cell]!;
        twice |= once & bits;
        once |= bits;
      }
      if (once !== this.#all) return false;
      const single = once & ~twice;
      if (single === 0) continue;
      for (const cell of unit) {
        const bits = candidates[cell]! & single;
        if (bits === 0) continue;
        // Two digits that fit nowhere else cannot share a cell.
        if (!isSingle(bits) || !this.#narrow(candidates, cell, bits)) return false;
      }
    }
    return true;
  }

  /** −1 when every cell is decided. */
  #narrowestCell(candidates: Uint16Array): number {
    let narrowest = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < candidates.length; cell++) {
      const bits = candidates[cell]!;
      if (isSingle(bits)) continue;
      const count = countBits(bits);
      if (count < fewest) {
        narrowest = cell;
        fewest = count;
        if (count === 2) break;
      }
    }
    return narrowest;
  }

  #bitsOf(bits: number): number[] {
    const single: number[] = [];
    for (let rest = bits; rest !== 0; rest &= rest - 1) single.push(rest & -rest);
    if (this.#random === undefined) return single;
    return permutation(single.length, this.#random).map((i) => single[i]!);
  }
}

function isSingle(bits: number): boolean {
  return (bits & (bits - 1)) === 0;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
