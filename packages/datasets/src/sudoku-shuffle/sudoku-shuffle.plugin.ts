import { definePlugin, type Augmentation, type RandomStream } from '@eddy/core';
import {
  applySymmetry,
  type DrawnSymmetry,
  drawSymmetry,
  invertSymmetry,
  SUDOKU_PAD_TOKEN,
  SUDOKU_SIZES,
  sudokuGridOf,
  type SudokuRules,
  type SudokuSymmetry,
  sudokuTokensOf,
} from '@eddy/puzzles';
import { z } from 'zod';

import { augmentationMode } from '../augmentation/augmentation-mode.ts';
import { notASudoku } from '../sudoku/errors.ts';
import { rulesOf } from '../sudoku/sudoku-symmetries.ts';

const config = z.strictObject({
  numVersions: z
    .int()
    .min(0)
    .default(1000)
    .describe('number of shuffled versions of a puzzle besides the original'),
  mode: augmentationMode,
});

/**
 * Transposes (where boxes are square), moves bands, stacks and the lines in them, renames digits; the
 * same on question and answer.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_sudoku_dataset.py
 * `shuffle_sudoku`; not seeded there.
 */
export default definePlugin({
  kind: 'augmentation',
  name: 'sudoku-shuffle',
  apiVersion: 1,
  summary: 'symmetries of Sudoku: transposition, bands, stacks, lines and digits',
  config,
  needs: ['datasetShape'],
  // A maze of 81 cells would be shuffled without a word.
  check: (_config, { datasetShape }) => {
    if (datasetShape !== undefined && datasetShape.task !== 'sudoku') {
      throw notASudoku(`task ${datasetShape.task}`);
    }
    return [];
  },
  create: ({ numVersions, mode }): Augmentation => {
    // Each version's is drawn over the one before.
    let latest: { rules: SudokuRules; drawn: DrawnSymmetry } | undefined;
    const draw = (rules: SudokuRules, random: RandomStream): SudokuSymmetry => {
      const over = latest?.rules === rules ? latest.drawn : undefined;
      const drawn = drawSymmetry(rules, random, over);
      latest = over === undefined ? { rules, drawn } : latest;
      return drawn;
    };
    return {
      numVersions,
      mode,
      splits: ['train'],
      apply(example, random, _version, into) {
        const rules = rulesOf(example.input);
        const symmetry = onTokens(draw(rules, random));
        return {
          ...example,
          input: applySymmetry(example.input, symmetry, rules, into?.input),
          label: applySymmetry(example.label, symmetry, rules, into?.label),
        };
      },
      invert(answer, random) {
        const rules = rulesOf(answer);
        return sudokuTokensOf(
          invertSymmetry(sudokuGridOf(answer), drawSymmetry(rules, random), rules),
        );
      },
    };
  },
});

/** The same symmetry of grids of tokens: it renames tokens, padding stays. Holds until the next one is asked for. */
function onTokens({ transpose, rows, cols, digits }: SudokuSymmetry): SudokuSymmetry {
  tokens[0] = SUDOKU_PAD_TOKEN;
  for (let digit = 0; digit < digits.length; digit++) tokens[1 + digit] = digits[digit]! + 1;
  return { transpose, rows, cols, digits: tokens };
}

/** New token of each old one. */
const tokens = new Uint8Array(2 + Math.max(...SUDOKU_SIZES));
