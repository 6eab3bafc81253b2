/** Symmetries of Sudoku: they map puzzles with one solution to puzzles with one solution. */
import { shuffle, type Draws } from './draws.ts';
import { SUDOKU_SIZES, type SudokuGrid, type SudokuRules } from './rules.ts';

/** First transpose (where legal), then move rows and columns, then rename digits. */
export interface SudokuSymmetry {
  readonly transpose: boolean;
  /** New row i is old row `rows[i]`; bands stay together. */
  readonly rows: Uint8Array;
  /** New column j is old column `cols[j]`; stacks stay together. */
  readonly cols: Uint8Array;
  /** Digit d becomes `digits[d]`; blank stays blank. */
  readonly digits: Uint8Array;
}

/** A symmetry that another may be drawn over: a million of them are drawn, each used once. */
export type DrawnSymmetry = { -readonly [Part in keyof SudokuSymmetry]: SudokuSymmetry[Part] };

/**
 * A uniformly drawn symmetry.
 *
 * @param drawn  one of the same size to write over.
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_sudoku_dataset.py
 * `shuffle_sudoku`, here for any size and with a seeded stream.
 */
export function drawSymmetry(
  rules: SudokuRules,
  random: Draws,
  drawn: DrawnSymmetry = undrawnSymmetry(rules),
): DrawnSymmetry {
  const { digits, rows, cols } = drawn;
  for (let digit = 0; digit < digits.length; digit++) digits[digit] = digit;
  shuffle(digits, 1, digits.length, random);
  drawn.transpose = rules.transposable && random.integer(2) === 0;
  drawLinesInBlocks(rules.numBands, rules.boxRows, rows, random);
  drawLinesInBlocks(rules.numStacks, rules.boxCols, cols, random);
  return drawn;
}

function undrawnSymmetry({ size }: SudokuRules): DrawnSymmetry {
  const [rows, cols] = [new Uint8Array(size), new Uint8Array(size)];
  return { transpose: false, rows, cols, digits: new Uint8Array(1 + size) };
}

/** Blocks in random order, the lines inside each in random order. */
function drawLinesInBlocks(
  numBlocks: number,
  linesPerBlock: number,
  lines: Uint8Array,
  random: Draws,
): void {
  for (let i = 0; i < numBlocks; i++) blocks[i] = i;
  shuffle(blocks, 0, numBlocks, random);
  for (let i = 0, start = 0; i < numBlocks; i++, start += linesPerBlock) {
    const first = blocks[i]! * linesPerBlock;
    for (let j = 0; j < linesPerBlock; j++) lines[start + j] = first + j;
    shuffle(lines, start, start + linesPerBlock, random);
  }
}

/** The order of the blocks that are drawn. */
const blocks = new Uint8Array(Math.max(...SUDOKU_SIZES));

/** @param moved  where to write the grid. */
export function applySymmetry(
  grid: SudokuGrid,
  symmetry: SudokuSymmetry,
  rules: SudokuRules,
  moved: SudokuGrid = new Uint8Array(rules.numCells),
): SudokuGrid {
  const { size } = rules;
  const { transpose, rows, cols, digits } = symmetry;
  const [down, right] = transpose ? [1, size] : [size, 1];
  for (let col = 0; col < size; col++) steps[col] = cols[col]! * right;
  let to = 0;
  for (let row = 0; row < size; row++) {
    const start = rows[row]! * down;
    for (let col = 0; col < size; col++) {
      // As 32 bits: the checks for more take as long as the look-ups.
      moved[to] = digits[grid[(start + steps[col]!) | 0]!]!;
      to = (to + 1) | 0;
    }
  }
  return moved;
}

/** From the beginning of a line to each of its cells, of the symmetry that is applied. */
const steps = new Uint8Array(Math.max(...SUDOKU_SIZES));

/** Undoes `applySymmetry`. A cell that holds no digit of this size becomes blank. */
export function invertSymmetry(
  grid: SudokuGrid,
  symmetry: SudokuSymmetry,
  rules: SudokuRules,
): SudokuGrid {
  const { size } = rules;
  const { transpose, rows, cols } = symmetry;
  const digits = new Uint8Array(size + 1);
  symmetry.digits.forEach((renamed, digit) => (digits[renamed] = digit));
  const original = new Uint8Array(rules.numCells);
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < size; col++) {
      const from = transpose ? cols[col]! * size + rows[row]! : rows[row]! * size + cols[col]!;
      original[from] = digits[grid[row * size + col]!] ?? 0;
    }
  }
  return original;
}

/**
 * A fingerprint that is the same for all puzzles that symmetries map to one another (so two puzzles
 * of different fingerprints are certainly not copies of each other; the same fingerprint proves
 * nothing).
 *
 * Colour refinement on the clues: a clue's colour is hashed with the multiset of (relation, colour)
 * of all other clues, where the relation of two clues says whether they share digit, row, band,
 * column and stack.
 */
export function symmetryFingerprint(grid: SudokuGrid, rules: SudokuRules): string {
  const upright = refinedHash(grid, rules, false);
  if (!rules.transposable) return hex(upright);
  const lying = refinedHash(grid, rules, true);
  return upright < lying ? hex(upright) + hex(lying) : hex(lying) + hex(upright);
}

const REFINEMENT_ROUNDS = 3;

function refinedHash(grid: SudokuGrid, rules: SudokuRules, transposed: boolean): number {
  const { size, boxRows, boxCols } = rules;
  const clues = [...grid.keys()].filter((cell) => grid[cell] !== 0);
  const relation = (a: number, b: number): number => {
    const rows = nearness(Math.floor(a / size), Math.floor(b / size), boxRows);
    const cols = nearness(a % size, b % size, boxCols);
    const lines = transposed ? cols * 3 + rows : rows * 3 + cols;
    return lines * 2 + (grid[a] === grid[b] ? 1 : 0);
  };
  let colours = clues.map(() => 1);
  for (let round = 0; round < REFINEMENT_ROUNDS; round++) {
    colours = clues.map((a, i) => {
      let neighbours = 0;
      clues.forEach((b, j) => {
        // A sum does not depend on the order of the clues.
        if (i !== j) neighbours = (neighbours + mix(colours[j]!, relation(a, b))) >>> 0;
      });
      return mix(colours[i]!, neighbours);
    });
  }
  return mix(
    clues.length,
    colours.reduce((sum, colour) => (sum + mix(colour, 0)) >>> 0, 0),
  );
}

/** 0 the same line, 1 the same block, 2 neither. */
function nearness(a: number, b: number, linesPerBlock: number): number {
  if (a === b) return 0;
  return Math.floor(a / linesPerBlock) === Math.floor(b / linesPerBlock) ? 1 : 2;
}

/** Mixes two words into one (the finaliser of MurmurHash3 on a combination). */
function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
