import { describe, expect, it } from 'vitest';

import { testDraws } from '../testing/test-draws.ts';
import { clueProfile } from './clue-profile.ts';
import { drawPuzzle, ratePuzzle } from './generate.ts';
import { formatSudoku, isSolution, sudokuRules, type SudokuSize } from './rules.ts';
import { solveSudoku } from './solver.ts';
import { applySymmetry, drawSymmetry, symmetryFingerprint } from './symmetry.ts';

describe.each([4, 6, 9] as SudokuSize[])('size %i', (size) => {
  const rules = sudokuRules(size);
  const puzzles = Array.from({ length: 20 }, (_, i) => drawPuzzle(rules, testDraws(i), 0));

  it('draws minimal puzzles with one solution', () => {
    for (const { givens, solution, clues, rating } of puzzles) {
      expect(isSolution(solution, rules)).toBe(true);
      expect(solveSudoku(givens, rules).count).toBe(1);
      expect(ratePuzzle(givens, rules)).toEqual({ givens, solution, clues, rating });
      for (let cell = 0; cell < rules.numCells; cell++) {
        if (givens[cell] === 0) continue;
        const fewer = givens.slice();
        fewer[cell] = 0;
        expect(ratePuzzle(fewer, rules)).toBeNull();
      }
    }
    expect(new Set(puzzles.map((p) => formatSudoku(p.givens))).size).toBe(puzzles.length);
  });

  it('stops at the clues asked for', () => {
    for (let i = 0; i < 20; i++) {
      const minClues = Math.floor(rules.numCells * 0.7);
      expect(drawPuzzle(rules, testDraws(i), minClues).clues).toBe(minClues);
    }
  });

  it('symmetries keep puzzles, solutions and fingerprints', () => {
    const random = testDraws(7);
    puzzles.forEach(({ givens, solution }) => {
      const symmetry = drawSymmetry(rules, random);
      const moved = applySymmetry(givens, symmetry, rules);
      const movedSolution = applySymmetry(solution, symmetry, rules);
      expect(isSolution(movedSolution, rules)).toBe(true);
      const { count, solution: found } = solveSudoku(moved, rules);
      expect(count).toBe(1);
      expect(found).toEqual(movedSolution);
      expect(symmetryFingerprint(moved, rules)).toBe(symmetryFingerprint(givens, rules));
      expect(clueProfile(moved, rules)).toBe(clueProfile(givens, rules));
    });
  });

  it('draws every symmetry of the reference, and transposes only square boxes', () => {
    const random = testDraws(1);
    const drawn = Array.from({ length: 400 }, () => drawSymmetry(rules, random));
    const transposed = drawn.filter((symmetry) => symmetry.transpose).length;
    if (rules.transposable) expect(Math.abs(transposed - 200)).toBeLessThan(50);
    else expect(transposed).toBe(0);
    const kinds = (values: readonly Uint8Array[]) => new Set(values.map(String)).size;
    const bandRows = drawn.map((s) => s.rows.slice(0, rules.boxRows));
    expect(new Set(bandRows.map((rows) => Math.floor(rows[0]! / rules.boxRows))).size).toBe(
      rules.numBands,
    );
    expect(kinds(bandRows)).toBe(rules.numBands * [1, 1, 2, 6][rules.boxRows]!);
    expect(drawn.every((s) => s.digits[0] === 0)).toBe(true);
  });
});

it('fingerprints tell nearly all 6×6 puzzles apart', () => {
  const rules = sudokuRules(6);
  const fingerprints = Array.from({ length: 300 }, (_, i) =>
    symmetryFingerprint(drawPuzzle(rules, testDraws(i), 0).givens, rules),
  );
  expect(new Set(fingerprints).size).toBeGreaterThan(290);
});
