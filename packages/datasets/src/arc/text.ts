/** Single ARC tasks and grids as people write them. */
import type { ParsedPuzzles } from '@eddy/core';
import { cropGrid, drawGrid, readArcRows, type Grid } from '@eddy/puzzles';

import { puzzleInvalid, readOrThrow } from '../text/errors.ts';
import type { PuzzleText } from '../text/puzzle-text.ts';
import { exampleOf } from './pairs.ts';
import { gridAt, parseJson, rowsOfGrid, taskOf } from './tasks.ts';

/** @param canvas  side of the square that grids are drawn on. */
export const arcText = (canvas: number): PuzzleText => ({
  parse: (text) => parseArc(text, canvas),
  format: (tokens) => formatGrid(cropGrid(tokens, canvas)),
});

/**
 * Reads a task, `{ "train": […], "test": […] }`, whose test inputs are asked; a grid as JSON, `[[0, 3],
 * [3, 0]]`; or a grid as rows of digits.
 *
 * @throws PUZZLE_INVALID, ARC_TASK_INVALID with the place inside the JSON
 */
function parseArc(text: string, canvas: number): ParsedPuzzles {
  const [first] = text.trimStart();
  if (first === '{') return askedTask(text, canvas);
  const grid =
    first === '['
      ? gridAt(parseJson(text, ''), { file: '', path: '' })
      : readOrThrow(readArcRows(text));
  return { puzzles: [{ input: onCanvas(grid, canvas) }] };
}

function askedTask(text: string, canvas: number): ParsedPuzzles {
  const { train, test, hasOutputs } = taskOf('task', parseJson(text, ''), { file: '', path: '' });
  const puzzles = test.map((pair) => {
    const { input, label } = exampleOf(
      { input: fitting(pair.input, canvas), output: fitting(pair.output, canvas) },
      canvas,
    );
    return hasOutputs ? { input, label } : { input };
  });
  const demonstrations =
    train.length === 1 ? 'the demonstration' : `${train.length} demonstrations`;
  return {
    puzzles,
    notes: [`${demonstrations} not shown to the model: it knows a task by its identifier alone`],
  };
}

const onCanvas = (grid: Grid, canvas: number) => drawGrid(fitting(grid, canvas), canvas);

function fitting(grid: Grid, canvas: number): Grid {
  if (grid.rows <= canvas && grid.cols <= canvas) return grid;
  throw puzzleInvalid({
    line: 1,
    column: 1,
    expected: `grids of at most ${canvas} × ${canvas}, the canvas of the dataset`,
    received: `${grid.rows} × ${grid.cols}`,
  });
}

/** A digit a cell, a line a row; nothing for a grid without cells. */
function formatGrid(grid: Grid): string {
  return rowsOfGrid(grid)
    .map((row) => row.join(''))
    .join('\n');
}
