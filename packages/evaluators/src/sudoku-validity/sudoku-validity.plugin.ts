import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { SudokuValidity } from './sudoku-validity.ts';

export default definePlugin({
  kind: 'evaluator',
  name: 'sudoku-validity',
  apiVersion: 1,
  summary: 'share of answers that obey the rules of Sudoku and keep the givens',
  config: z.strictObject({}),
  metrics: {
    valid_completion: {
      label: 'Valid solutions',
      explanation: 'Share of answers that obey the rules of Sudoku and keep the givens.',
      scale: 'share',
      better: 'higher',
    },
    valid_grid: {
      label: 'Valid grids',
      explanation:
        'Share of answers that obey the rules of Sudoku, whether or not they keep the givens.',
      scale: 'share',
      better: 'higher',
    },
    givens_kept: {
      label: 'Givens kept',
      explanation: 'Share of answers that keep every given digit of the puzzle.',
      scale: 'share',
      better: 'higher',
    },
  },
  create: () => new SudokuValidity(),
});
