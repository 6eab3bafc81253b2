/** What a grid says of one cell, in marks and in words. */
import { tokenStyle, type GridStyle } from '@eddy/puzzles/style';

/** What is known of the cells of a grid besides their tokens; every array has one entry per cell. */
export interface CellFacts {
  readonly gridStyle: GridStyle;
  readonly cols: number;
  readonly cells: ArrayLike<number>;
  /** Tokens of the puzzle: cells that it gives away are set apart from those that were found. */
  readonly puzzle?: ArrayLike<number> | undefined;
  /** Tokens of the solution; a cell of another token is wrong, unless `wrong` says which are. */
  readonly solution?: ArrayLike<number> | undefined;
  /** Cells that are wrong. */
  readonly wrong?: ReadonlySet<number> | undefined;
  /** Cells that changed since the step before. */
  readonly changed?: ReadonlySet<number> | undefined;
  /** Probability, 0 to 1, that the model gives the token of each cell. */
  readonly probabilities?: ArrayLike<number> | undefined;
}

/** Returns true where the puzzle gives the cell away. */
export function isGiven({ gridStyle, puzzle }: CellFacts, cell: number): boolean {
  return puzzle !== undefined && tokenStyle(gridStyle, puzzle[cell]!).given === true;
}

/** Returns true where the cell is known to be wrong. */
export function isWrong({ wrong }: CellFacts, cell: number): boolean {
  return wrong?.has(cell) === true;
}

/** Returns a cell in words: `row 2, column 5: 7, 93 % sure, changed, wrong (solution 4)`. */
export function spokenCell(
  facts: CellFacts,
  cell: number,
  origin: { readonly row: number; readonly col: number } = { row: 0, col: 0 },
): string {
  const { gridStyle, cols, cells, probabilities, changed, solution } = facts;
  const nameOf = (token: number) => tokenStyle(gridStyle, token).name;
  const [row, col] = [Math.floor(cell / cols) - origin.row, (cell % cols) - origin.col];
  const words = [nameOf(cells[cell]!)];
  if (isGiven(facts, cell)) words.push('given');
  const probability = probabilities?.[cell];
  if (probability !== undefined) words.push(`${percent(probability)} sure`);
  if (changed?.has(cell) === true) words.push('changed');
  if (isWrong(facts, cell)) {
    words.push(solution === undefined ? 'wrong' : `wrong (solution ${nameOf(solution[cell]!)})`);
  }
  return `row ${row + 1}, column ${col + 1}: ${words.join(', ')}`;
}

/** Returns a probability as a whole percentage; 100 % only where nothing is left. */
export function percent(probability: number): string {
  if (probability > 0.99 && probability < 0.9995) return `${(probability * 100).toFixed(1)} %`;
  return `${Math.round(probability * 100)} %`;
}

/** Returns the cells in which two answers differ. */
export function differingCells(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  notScored?: number,
): ReadonlySet<number> {
  const cells = new Set<number>();
  for (let cell = 0; cell < b.length; cell++) {
    if (b[cell] !== notScored && a[cell] !== b[cell]) cells.add(cell);
  }
  return cells;
}
