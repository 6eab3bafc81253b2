import { definePlugin, type Augmentation } from '@eddy/core';
import { applySymmetry, drawSymmetry, invertSymmetry, type SudokuSymmetry } from '@eddy/puzzles';
import { z } from 'zod';

import { augmentationMode } from '../augmentation-mode.ts';
import { rulesOf } from '../sudoku/sudoku-symmetries.ts';
import { gridOf, PAD_TOKEN, tokensOf } from '../sudoku/tokens.ts';

const config = z.strictObject({
  numVersions: z
    .int()
    .min(0)
    .default(1000)
    .describe('shuffled versions of a puzzle besides the original'),
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
  create: ({ numVersions, mode }): Augmentation => ({
    numVersions,
    mode,
    splits: ['train'],
    apply(example, random, _version, into) {
      const rules = rulesOf(example.input);
      const symmetry = onTokens(drawSymmetry(rules, random));
      return {
        ...example,
        input: applySymmetry(example.input, symmetry, rules, into?.input),
        label: applySymmetry(example.label, symmetry, rules, into?.label),
      };
    },
    invert(answer, random) {
      const rules = rulesOf(answer);
      return tokensOf(invertSymmetry(gridOf(answer), drawSymmetry(rules, random), rules));
    },
  }),
});

/** The same symmetry of grids of tokens: it renames tokens, padding stays. */
function onTokens({ transpose, rows, cols, digits }: SudokuSymmetry): SudokuSymmetry {
  const tokens = [PAD_TOKEN];
  for (let digit = 0; digit < digits.length; digit++) tokens.push(digits[digit]! + 1);
  return { transpose, rows, cols, digits: tokens };
}
