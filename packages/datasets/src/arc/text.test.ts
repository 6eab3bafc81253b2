import { describe, expect, it } from 'vitest';

import { drawGrid } from '@eddy/puzzles';
import { arcText } from './text.ts';

const CANVAS = 5;
const { parse, format } = arcText(CANVAS);
const grid = (...rows: readonly number[][]) =>
  drawGrid(
    { rows: rows.length, cols: rows[0]!.length, cells: Uint8Array.from(rows.flat()) },
    CANVAS,
  );

describe('a grid as text', () => {
  it.each(['012\n300\n', '0 1 2\r\n3 0 0', '0,1,2\n\n3,0,0', ' [[0, 1, 2], [3, 0, 0]]'])(
    'reads %j',
    (text) => {
      expect(parse(text)).toEqual({ puzzles: [{ input: grid([0, 1, 2], [3, 0, 0]) }] });
    },
  );

  it.each([
    ['01\n0x', 'PUZZLE_INVALID', '2:2', '"x"'],
    ['01\n\n012', 'PUZZLE_INVALID', '3:1', '3'],
    ['', 'PUZZLE_INVALID', '1:1', 'nothing'],
    ['000000', 'PUZZLE_INVALID', '1:1', '1 × 6'],
    ['[[1,2],[3]]', 'ARC_TASK_INVALID', '[1]', '1'],
    ['[[1,2],[3,10]]', 'ARC_TASK_INVALID', '[1][1]', '10'],
    ['{"train": []}', 'ARC_TASK_INVALID', '.train', 'a list of 0'],
    ['{"train"', 'ARC_TASK_INVALID', '', expect.stringContaining('JSON') as string],
  ])('refuses %j', (text, code, at, received) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code,
        facts: expect.objectContaining({ at, received }) as object,
      }) as Error,
    );
  });
});

describe('a task as text', () => {
  const pair = { input: [[1, 2]], output: [[2], [1]] };
  const task = { train: [pair, pair], test: [pair, { input: [[5]], output: [[6]] }] };

  it('asks each test input, with its solution where the task has it', () => {
    const { puzzles, notes } = parse(JSON.stringify(task));
    expect(puzzles).toEqual([
      { input: grid([1, 2]), label: grid([2], [1]) },
      { input: grid([5]), label: grid([6]) },
    ]);
    expect(notes).toEqual([
      '2 demonstrations not shown to the model: it knows a task by its identifier alone',
    ]);
    const open = { ...task, test: [pair, { input: [[5]] }] };
    expect(parse(JSON.stringify(open)).puzzles).toEqual([
      { input: grid([1, 2]) },
      { input: grid([5]) },
    ]);
  });

  it('refuses a grid that the canvas is too small for', () => {
    const large = { input: [[1, 2, 3, 4, 5, 6]], output: [[1]] };
    expect(() => parse(JSON.stringify({ ...task, test: [large] }))).toThrow('PUZZLE_INVALID');
  });
});

it('writes the grid that a model answered, whatever lies around it', () => {
  const answer = grid([0, 1, 2], [3, 0, 0]);
  expect(format(answer)).toBe('012\n300');
  answer[4] = 9;
  answer[24] = 5;
  expect(format(answer)).toBe('012\n300');
  expect(format(new Uint8Array(CANVAS * CANVAS))).toBe('');
});
