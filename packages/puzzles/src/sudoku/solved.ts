/** Reading puzzles with their solutions from files that have millions of them. */
import { DIGITS, SUDOKU_SIZES, type SudokuGrid, type SudokuRules } from './rules.ts';

/**
 * Reads a question and its answer, a character a cell as `parseSudoku` takes them, and checks the answer as
 * `isCompletion` does: all in one pass over the cells.
 *
 * @param question  where in `bytes` its cells begin, as `answer`.
 * @returns false where one of the two is no grid or the answer does not solve the question; what was written
 *   is of no use then.
 */
export function readSolved(
  bytes: Uint8Array,
  question: number,
  answer: number,
  { size, boxRows, boxCols, numStacks }: SudokuRules,
  givens: SudokuGrid,
  solution: SudokuGrid,
): boolean {
  // A bit a digit: a unit has them all only if each is there once. What is no digit is another bit.
  const all = 2 ** (size + 1) - 2;
  cols.fill(0);
  boxes.fill(0);
  let wrong = 0;
  for (let row = 0, cell = 0; row < size; row++) {
    const firstBox = Math.floor(row / boxRows) * numStacks;
    let inRow = 0;
    for (let stack = 0, col = 0; stack < numStacks; stack++) {
      let inBox = 0;
      for (let i = 0; i < boxCols; i++, col++, cell++) {
        const given = DIGITS[bytes[question + cell]!]!;
        const digit = DIGITS[bytes[answer + cell]!]!;
        givens[cell] = given;
        solution[cell] = digit;
        wrong |= given * (given ^ digit); // 0 where it is blank or the digit
        const bit = 1 << digit;
        inBox |= bit;
        cols[col]! |= bit;
      }
      inRow |= inBox;
      boxes[firstBox + stack]! |= inBox;
    }
    wrong |= inRow ^ all;
  }
  for (let unit = 0; unit < size; unit++) wrong |= (cols[unit]! ^ all) | (boxes[unit]! ^ all);
  return wrong === 0;
}

/** Digits of each column and box of the grid that is looked at. */
const cols = new Int32Array(Math.max(...SUDOKU_SIZES));
const boxes = new Int32Array(Math.max(...SUDOKU_SIZES));
