import { gridStyle } from '@eddy/puzzles/style';
import { expect, it } from 'vitest';

import { playerArea, signed, spokenStep, stepViews } from './player-step.ts';

const sudoku = gridStyle('sudoku', 2, 2);

it('knows what changed, what is wrong and how sure the model is', () => {
  const views = stepViews(
    [
      { cells: [2, 2, 3, 3], probabilities: [1, 0.5, 0.5, 0], halt: -2 },
      { cells: [2, 3, 3, 2], probabilities: [1, 1, 1, 1], halt: 1.26 },
    ],
    { solution: [2, 3, 3, 0], notScored: 0, gridStyle: sudoku },
  );
  expect(views.map(({ changed }) => [...changed])).toEqual([[], [1, 3]]);
  expect(views.map(({ wrong }) => [...wrong!])).toEqual([[1], []]);
  expect(views.map(({ meanProbability }) => meanProbability)).toEqual([0.5, 1]);
  expect(spokenStep(views[0]!, 0, 2)).toBe('Step 1 of 2: 1 wrong, halt logit −2.0');
  expect(spokenStep(views[1]!, 1, 2)).toBe(
    'Step 2 of 2: 2 cells changed, all right, halt logit +1.3',
  );
  expect(signed(-0.04)).toBe('−0.0');
});

it('says nothing of what is not known', () => {
  const [view] = stepViews([{ cells: [2, 2, 3, 3] }], { gridStyle: sudoku });
  expect(view).toMatchObject({ wrong: undefined, meanProbability: undefined });
  expect(spokenStep(view!, 0, 1)).toBe('Step 1 of 1');
});

it('shows the same part of a canvas at every step', () => {
  const grid = { gridStyle: gridStyle('arc', 4, 4), rows: 4, cols: 4 };
  const canvas = (rows: number, cols: number) =>
    Array.from({ length: 16 }, (_, cell) =>
      Math.floor(cell / 4) < rows && cell % 4 < cols ? 3 : 0,
    );
  const steps = (...cells: number[][]) => cells.map((one) => ({ cells: one }));
  const area = { row: 0, col: 0 };
  expect(playerArea(steps(canvas(4, 4), canvas(2, 3)), canvas(3, 2), grid)).toEqual({
    ...area,
    rows: 3,
    cols: 3,
  });
  expect(playerArea(steps(canvas(2, 3)), undefined, grid)).toEqual({ ...area, rows: 2, cols: 3 });
  expect(playerArea(steps(canvas(0, 0)), undefined, grid)).toEqual({ ...area, rows: 4, cols: 4 });
  expect(playerArea(steps(canvas(0, 0)), canvas(1, 1), grid)).toEqual({
    ...area,
    rows: 1,
    cols: 1,
  });
});
