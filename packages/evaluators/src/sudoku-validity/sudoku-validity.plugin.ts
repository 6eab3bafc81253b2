import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { SudokuValidity } from './sudoku-validity.ts';

export default definePlugin({
  kind: 'evaluator',
  name: 'sudoku-validity',
  apiVersion: 1,
  summary: 'answers that obey the rules of Sudoku and keep the givens',
  config: z.strictObject({}),
  create: () => new SudokuValidity(),
});
