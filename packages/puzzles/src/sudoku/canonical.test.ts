import { describe, expect, it } from 'vitest';

import { testDraws } from '../testing/test-draws.ts';
import { canonicalSudoku } from './canonical.ts';
import { drawPuzzle, drawSolution } from './generate.ts';
import {
  formatSudoku,
  parseSudoku,
  sudokuRules,
  type SudokuGrid,
  type SudokuSize,
} from './rules.ts';
import { applySymmetry, drawSymmetry, symmetryFingerprint } from './symmetry.ts';

const canonicalText = (grid: SudokuGrid, size: SudokuSize) =>
  canonicalSudoku(grid, sudokuRules(size));

describe.each([4, 6, 9] as SudokuSize[])('canonicalSudoku, size %i', (size) => {
  const rules = sudokuRules(size);
  const grids = Array.from({ length: 8 }, (_, seed) => [
    drawPuzzle(rules, testDraws(seed)).givens,
    drawSolution(rules, testDraws(seed)),
  ]).flat();

  it('is the same for copies, and a copy itself', () => {
    const random = testDraws(3);
    for (const grid of grids) {
      const canonical = canonicalText(grid, size);
      for (let i = 0; i < 5; i++) {
        const copy = applySymmetry(grid, drawSymmetry(rules, random), rules);
        expect(canonicalText(copy, size)).toBe(canonical);
      }
      const asGrid = parseSudoku(canonical, rules) as SudokuGrid;
      expect(canonicalText(asGrid, size)).toBe(canonical);
      expect(symmetryFingerprint(asGrid, rules)).toBe(symmetryFingerprint(grid, rules));
    }
  });

  it('is no greater than any copy', () => {
    const random = testDraws(4);
    for (const grid of grids) {
      const canonical = canonicalText(grid, size);
      for (let i = 0; i < 200; i++) {
        const copy = applySymmetry(grid, drawSymmetry(rules, random), rules);
        expect(formatSudoku(copy).replaceAll('.', '0') >= canonical).toBe(true);
      }
    }
  });
});

it('finds the two classes of 4×4 grids, by brute force the least of each', () => {
  const rules = sudokuRules(4);
  const random = testDraws(0);
  const classes = new Map<string, Set<string>>();
  for (let i = 0; i < 3000; i++) {
    const grid = drawSolution(rules, random);
    const key = canonicalText(grid, 4);
    classes.set(key, (classes.get(key) ?? new Set()).add(formatSudoku(grid)));
  }
  // All 288 grids.
  expect([...classes.values()].map(({ size }) => size).sort((a, b) => a - b)).toEqual([96, 192]);
  for (const [key, members] of classes) expect([...members].sort()[0]).toBe(key);
});

it('takes blank grids, blank bands and single clues', () => {
  const nine = (text: string) => canonicalText(parseSudoku(text, sudokuRules(9)) as SudokuGrid, 9);
  expect(nine('.'.repeat(81))).toBe('0'.repeat(81));
  expect(nine(`${'.'.repeat(40)}7${'.'.repeat(40)}`)).toBe(`${'0'.repeat(80)}1`);
  expect(nine(`7${'.'.repeat(79)}5`)).toBe(
    nine(`${'.'.repeat(10)}1${'.'.repeat(19)}2${'.'.repeat(50)}`),
  );
  expect(nine(`7${'.'.repeat(79)}5`)).not.toBe(nine(`7${'.'.repeat(79)}7`));
});

it('agrees with the known canonical form of a full grid', () => {
  // The most canonical grid begins 123456789 456789123 789123456 and is its own canonical form.
  const text = '123456789456789123789123456231564897564897231897231564312645978645978312978312645';
  const grid = parseSudoku(text, sudokuRules(9)) as SudokuGrid;
  expect(canonicalText(grid, 9)).toBe(text);
});
