/** What a player shows of each supervision step, made of the model's answers alone. */
import {
  around,
  boundsOf,
  gridFrom,
  tokenStyle,
  type Area,
  type GridStyle,
} from '@eddy/puzzles/style';

import { differingCells } from '../grid/cell-state.ts';

/** One supervision step; every array has one entry per cell. */
export interface PlayerStep {
  /** Tokens of the model's whole answer after this step. */
  readonly cells: ArrayLike<number>;
  /** Probability, 0 to 1, that the model gives each of them. */
  readonly probabilities?: ArrayLike<number> | undefined;
  /** Logit of halting: above 0 the model judges its answer correct. */
  readonly halt?: number | undefined;
}

export interface StepView extends PlayerStep {
  /** Cells that differ from the step before; none at the first step. */
  readonly changed: ReadonlySet<number>;
  /** Cells that differ from the solution; undefined where it is not known. */
  readonly wrong: ReadonlySet<number> | undefined;
  /** Mean probability over all cells that are shown; undefined where no probabilities are known. */
  readonly meanProbability: number | undefined;
}

/** Returns what there is to show of each step. */
export function stepViews(
  steps: readonly PlayerStep[],
  {
    solution,
    notScored,
    gridStyle,
  }: {
    readonly solution?: ArrayLike<number> | undefined;
    readonly notScored?: number | undefined;
    readonly gridStyle: GridStyle;
  },
): readonly StepView[] {
  const isShown = (cell: number, step: PlayerStep) =>
    tokenStyle(gridStyle, step.cells[cell]!).outside !== true;
  return steps.map((step, index) => {
    const before = steps[index - 1];
    const changed = before === undefined ? [] : differingCells(before.cells, step.cells);
    return {
      ...step,
      changed: new Set(
        [...changed].filter((cell) => isShown(cell, step) || isShown(cell, before!)),
      ),
      wrong: solution && differingCells(step.cells, solution, notScored),
      meanProbability: mean(
        Array.from(step.probabilities ?? []).filter((_, cell) => isShown(cell, step)),
      ),
    };
  });
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, x) => sum + x, 0) / values.length;
}

/**
 * Returns the part of the canvas that holds the solution and the last answer, the same at every step so that
 * nothing moves. What an early step writes elsewhere is no answer.
 */
export function playerArea(
  steps: readonly PlayerStep[],
  solution: ArrayLike<number> | undefined,
  grid: { readonly gridStyle: GridStyle; readonly rows: number; readonly cols: number },
): Area {
  const whole = { row: 0, col: 0, rows: grid.rows, cols: grid.cols };
  const solved = solution && boundsOf(grid.gridStyle, solution, grid);
  const last = steps.at(-1)?.cells;
  if (last === undefined) return solved ?? whole;
  const answer = gridFrom(grid.gridStyle, last, grid, solved);
  const isEmpty = answer.rows * answer.cols === 0;
  if (solved === undefined) return isEmpty ? whole : answer;
  return isEmpty ? solved : around(solved, answer);
}

/** Returns a step in words: `Step 3 of 16: 4 cells changed, 2 wrong, halt logit −1.2`. */
export function spokenStep(view: StepView, index: number, count: number): string {
  const parts = [];
  if (index > 0) parts.push(`${counted(view.changed.size)} changed`);
  if (view.wrong !== undefined)
    parts.push(view.wrong.size === 0 ? 'all right' : `${view.wrong.size} wrong`);
  if (view.halt !== undefined) parts.push(`halt logit ${signed(view.halt)}`);
  return `Step ${index + 1} of ${count}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

const counted = (cells: number) => (cells === 1 ? '1 cell' : `${cells} cells`);

/** Returns a logit with its sign and one digit: `+3.1`, `−0.4`. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
