/** The canonical form of a Sudoku: the least of all grids that symmetries map it to. */
import type { SudokuGrid, SudokuRules } from './rules.ts';

/**
 * The least text (blank < 1 < 2 < …, read row by row) among all grids that a symmetry makes of this
 * one: transposition where boxes are square, bands, stacks, the lines in them, digits. Two grids have
 * the same text exactly when a symmetry maps one to the other.
 *
 * Depth first over the rows with the least row at each depth; digits are named in the order in which
 * they appear, so that a row and the rows before it decide the names. Some milliseconds for a puzzle
 * of 9×9.
 *
 * @param grid  givens without a contradiction, or a full grid.
 */
export function canonicalSudoku(grid: SudokuGrid, rules: SudokuRules): string {
  const search = new CanonicalSearch(rules);
  search.explore(grid);
  if (rules.transposable) search.explore(transposed(grid, rules));
  return search.text();
}

function transposed(grid: SudokuGrid, { size }: SudokuRules): SudokuGrid {
  return grid.map((_, cell) => grid[(cell % size) * size + Math.floor(cell / size)]!);
}

class CanonicalSearch {
  readonly #rules: SudokuRules;
  /** The least grid so far; all beyond any digit before the first. */
  readonly #best: Uint8Array;
  #grid: SudokuGrid = new Uint8Array();
  #columns: readonly number[] = [];
  /** `#names[d]` is the new name of digit d, 0 while it has none. */
  readonly #names: Uint8Array;

  constructor(rules: SudokuRules) {
    this.#rules = rules;
    this.#best = new Uint8Array(rules.numCells).fill(rules.size + 1);
    this.#names = new Uint8Array(rules.size + 1);
  }

  text(): string {
    return this.#best.join('');
  }

  explore(grid: SudokuGrid): void {
    this.#grid = grid;
    for (let row = 0; row < this.#rules.size; row++) {
      for (const columns of this.#leastColumnOrders(row)) {
        this.#columns = columns;
        this.#place(0, row, 0, 0);
      }
    }
  }

  /**
   * Column orders that make this row least as the first one: in each stack blanks come before clues,
   * and stacks come in the order of their clues. What ties is what is left to search.
   */
  #leastColumnOrders(row: number): number[][] {
    const { size, boxCols, numStacks } = this.#rules;
    const stacks = Array.from({ length: numStacks }, (_, stack) => {
      const columns = Array.from({ length: boxCols }, (_, i) => stack * boxCols + i);
      const isClue = (column: number) => this.#grid[row * size + column]! !== 0;
      const blanks = columns.filter((column) => !isClue(column));
      const clues = columns.filter(isClue);
      const orders = permutations(blanks).flatMap((first) =>
        permutations(clues).map((last) => [...first, ...last]),
      );
      return { clues: clues.length, orders };
    });
    if (!this.#canBeFirst(stacks.map(({ clues }) => clues).sort((a, b) => a - b))) return [];
    const ascending = permutations(stacks).filter((order) =>
      order.every((stack, i) => i === 0 || order[i - 1]!.clues <= stack.clues),
    );
    return ascending.flatMap((order) =>
      order.reduce<number[][]>(
        (heads, { orders }) => heads.flatMap((head) => orders.map((tail) => [...head, ...tail])),
        [[]],
      ),
    );
  }

  /** Whether a row with so many clues in its stacks is no greater than the best first row. */
  #canBeFirst(clues: readonly number[]): boolean {
    const { boxCols } = this.#rules;
    let name = 0;
    let at = 0;
    for (const count of clues) {
      for (let i = 0; i < boxCols; i++, at++) {
        const value = i < boxCols - count ? 0 : ++name;
        if (value !== this.#best[at]) return value < this.#best[at]!;
      }
    }
    return true;
  }

  /**
   * Puts `row` at `depth` if it is no greater there than the best grid's, then goes on with the least
   * of the rows that may follow.
   *
   * @param used  rows placed so far, a bit each.
   */
  #place(depth: number, row: number, named: number, used: number): void {
    const added: number[] = [];
    if (this.#compareRow(depth, row, named, added) && depth + 1 < this.#rules.size) {
      const after = used | (1 << row);
      const candidates = this.#followers(depth + 1, row, after);
      const names = named + added.length;
      // Each is compared before any is followed: only the least need be.
      for (const candidate of candidates) {
        const tried: number[] = [];
        this.#compareRow(depth + 1, candidate, names, tried);
        this.#forget(tried);
      }
      for (const candidate of candidates) this.#place(depth + 1, candidate, names, after);
    }
    this.#forget(added);
  }

  #forget(digits: readonly number[]): void {
    for (const digit of digits) this.#names[digit] = 0;
  }

  /** Rows that may stand at `depth`: of the band begun, or of any band that is left. */
  #followers(depth: number, last: number, used: number): number[] {
    const { size, boxRows } = this.#rules;
    const bandOf = (row: number) => Math.floor(row / boxRows);
    const bandUsed = (row: number) =>
      ((used >> (bandOf(row) * boxRows)) & (2 ** boxRows - 1)) !== 0;
    const startsBand = depth % boxRows === 0;
    const rows: number[] = [];
    const blankBands = new Set<number>();
    for (let row = 0; row < size; row++) {
      if (used & (1 << row)) continue;
      if (startsBand ? bandUsed(row) : bandOf(row) !== bandOf(last)) continue;
      if (this.#isBlank(row)) {
        // Blank rows of a band are all alike.
        if (blankBands.has(bandOf(row))) continue;
        blankBands.add(bandOf(row));
      }
      rows.push(row);
    }
    return rows;
  }

  /**
   * Compares with the best grid's row at this depth, which it replaces when it is less: then all
   * below is open again.
   *
   * @param added  digits that this row gave a name.
   * @returns false when the row is greater.
   */
  #compareRow(depth: number, row: number, named: number, added: number[]): boolean {
    const { size } = this.#rules;
    const from = row * size;
    const to = depth * size;
    let less = false;
    for (let i = 0; i < size; i++) {
      const digit = this.#grid[from + this.#columns[i]!]!;
      let value = 0;
      if (digit !== 0) {
        value = this.#names[digit]!;
        if (value === 0) {
          added.push(digit);
          value = named + added.length;
          this.#names[digit] = value;
        }
      }
      const best = this.#best[to + i]!;
      if (!less && value > best) return false;
      if (!less && value < best) {
        less = true;
        this.#best.fill(size + 1, to + i + 1);
      }
      if (less) this.#best[to + i] = value;
    }
    return true;
  }

  #isBlank(row: number): boolean {
    const { size } = this.#rules;
    for (let i = row * size; i < (row + 1) * size; i++) if (this.#grid[i] !== 0) return false;
    return true;
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
