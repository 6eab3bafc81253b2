/** Generated puzzles with one solution. */
import { setImmediate } from 'node:timers/promises';

import { randomStream } from '@eddy/core';
import { drawPuzzle, formatSudoku, sudokuRules, type SudokuSize } from '@eddy/puzzles';

import { generatorExhausted } from '../errors.ts';
import { isHeldOut } from './held-out.ts';
import type { SudokuRow, SudokuRows } from './rows.ts';

export interface GeneratorOptions {
  readonly size: SudokuSize;
  /** Puzzles for training. */
  readonly train: number;
  /** Puzzles for testing. */
  readonly test: number;
  readonly minClues: number;
  readonly maxClues: number;
}

/** Part of the symmetry classes that only test puzzles come from. */
const HELD_OUT_PART = 0.25;
/** Candidates in a row without a new puzzle, after which there are none left to find. */
const MAX_REFUSED = 20_000;
/** Candidates between two turns of the event loop. */
const CANDIDATES_A_TURN = 16;

/**
 * Puzzles that are all different. Each symmetry class belongs to one split: no test puzzle is a
 * training puzzle or one of its augmented copies. (The solutions cannot be kept apart at 4×4, where
 * there are only 288 of them, in two classes.)
 */
export function generatorRows(
  options: GeneratorOptions,
  minRating: number,
  seed: number,
): SudokuRows {
  const wanted: Record<string, number> = { train: options.train, test: options.test };
  return {
    splits: Object.keys(wanted).filter((split) => wanted[split]! > 0),
    rows: (split, signal) => generate(options, split, wanted[split]!, minRating, seed, signal),
    fingerprint: () => Promise.resolve('sudoku-generator-1'),
  };
}

async function* generate(
  options: GeneratorOptions,
  split: string,
  wanted: number,
  minRating: number,
  seed: number,
  signal: AbortSignal,
): AsyncGenerator<SudokuRow> {
  const rules = sudokuRules(options.size);
  const seen = new Set<string>();
  let refused = 0;
  for (let candidate = 0; seen.size < wanted; candidate++) {
    if (candidate % CANDIDATES_A_TURN === 0) {
      await setImmediate();
      signal.throwIfAborted();
    }
    const random = randomStream(seed).stream('sudoku', split, candidate);
    const clues = options.minClues + random.integer(options.maxClues - options.minClues + 1);
    const puzzle = drawPuzzle(rules, random, clues);
    const text = formatSudoku(puzzle.givens);
    const fits =
      puzzle.clues <= options.maxClues &&
      puzzle.rating >= minRating &&
      !seen.has(text) &&
      isHeldOut(puzzle.givens, rules, HELD_OUT_PART, seed) === (split === 'test');
    if (!fits) {
      refused += 1;
      if (refused < MAX_REFUSED) continue;
      throw generatorExhausted({ split, found: seen.size, wanted, candidates: refused });
    }
    refused = 0;
    seen.add(text);
    yield puzzle;
  }
}
