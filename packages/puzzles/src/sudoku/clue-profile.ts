import type { SudokuGrid, SudokuRules } from './rules.ts';

/**
 * How many clues there are of each digit and in each row, column and box, regardless of order: the same
 * for all puzzles that symmetries map to one another, and a hundred times cheaper than a canonical
 * form.
 */
export function clueProfile(grid: SudokuGrid, rules: SudokuRules): string {
  const { size, boxRows, boxCols } = rules;
  const digits = new Uint8Array(size);
  const rows = new Uint8Array(size);
  const cols = new Uint8Array(size);
  const boxes = new Uint8Array(size);
  for (let cell = 0; cell < grid.length; cell++) {
    const digit = grid[cell]!;
    if (digit === 0) continue;
    const [row, col] = [Math.floor(cell / size), cell % size];
    digits[digit - 1]! += 1;
    rows[row]! += 1;
    cols[col]! += 1;
    boxes[Math.floor(row / boxRows) * boxRows + Math.floor(col / boxCols)]! += 1;
  }
  const lines = [inBlocks(rows, boxRows), inBlocks(cols, boxCols)];
  if (rules.transposable) lines.sort();
  return [digits.sort().join(''), ...lines, boxes.sort().join('')].join(' ');
}

/** Counts of lines, sorted in each block, the blocks sorted. */
function inBlocks(counts: Uint8Array, linesPerBlock: number): string {
  const blocks: string[] = [];
  for (let first = 0; first < counts.length; first += linesPerBlock) {
    blocks.push(
      counts
        .slice(first, first + linesPerBlock)
        .sort()
        .join(''),
    );
  }
  return blocks.sort().join('|');
}
