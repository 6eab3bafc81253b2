/** ARC tasks as JSON says them, checked: `{ train: [{ input, output }], test: [{ input, output }] }`. */
import { ARC_MAX_SIDE, NUM_COLOURS, type ArcPair, type Grid } from '@eddy/puzzles';

import { arcTaskInvalid } from './errors.ts';

export interface ArcTask {
  readonly name: string;
  /** Demonstrations. */
  readonly train: readonly ArcPair[];
  /** Pairs to be solved; an output that nobody gave is one black cell. */
  readonly test: readonly ArcPair[];
  readonly hasOutputs: boolean;
}

/** What the reference puts where a solution is not known. */
const UNKNOWN_OUTPUT: Grid = { rows: 1, cols: 1, cells: new Uint8Array(1) };

/** More than ARC has: such a task is left out and counted, as one that is larger than the canvas. */
const MAX_SIDE = 1024;

/** Where a value is: a file and a path inside, for errors. */
interface Place {
  readonly file: string;
  readonly path: string;
}

/**
 * A task of a parsed file.
 *
 * @param solutions  outputs of the test pairs from a file of their own, with that file.
 * @throws ARC_TASK_INVALID
 */
export function taskOf(
  name: string,
  value: unknown,
  at: Place,
  solutions?: { readonly value: unknown; readonly at: Place },
): ArcTask {
  if (name.includes('|||') || name === '') {
    invalid(at, 'a name of a task, without "|||"', name);
  }
  const { train, test } = objectAt(value, at);
  const outputs =
    solutions === undefined ? undefined : listAt(solutions.value, solutions.at, 'solutions');
  const demonstrations = listAt(train, within(at, '.train'), 'pairs').map((pair, i) => {
    const place = within(at, `.train[${i}]`);
    const { input, output } = objectAt(pair, place);
    return {
      input: gridAt(input, within(place, '.input'), MAX_SIDE),
      output: gridAt(output, within(place, '.output'), MAX_SIDE),
    };
  });
  const pairs = listAt(test, within(at, '.test'), 'pairs');
  if (outputs !== undefined && outputs.length !== pairs.length) {
    invalid(solutions!.at, `${pairs.length} solutions, as many as test pairs`, outputs.length);
  }
  let hasOutputs = true;
  const asked = pairs.map((pair, i) => {
    const place = within(at, `.test[${i}]`);
    const { input, output } = objectAt(pair, place);
    const solution =
      outputs === undefined
        ? { value: output, at: within(place, '.output') }
        : { value: outputs[i], at: within(solutions!.at, `[${i}]`) };
    if (solution.value === undefined) hasOutputs = false;
    return {
      input: gridAt(input, within(place, '.input'), MAX_SIDE),
      output:
        solution.value === undefined
          ? UNKNOWN_OUTPUT
          : gridAt(solution.value, solution.at, MAX_SIDE),
    };
  });
  return { name, train: demonstrations, test: asked, hasOutputs };
}

/** The entries of a file of tasks, or of solutions. @throws ARC_TASK_INVALID */
export function entriesOf(value: unknown, file: string): [string, unknown][] {
  return Object.entries(objectAt(value, { file, path: '' }));
}

/** @throws ARC_TASK_INVALID */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return invalid({ file, path: '' }, 'JSON', (error as Error).message);
  }
}

/**
 * A grid as rows of colours.
 *
 * @param maxSide  rows and columns at most.
 * @throws ARC_TASK_INVALID
 */
export function gridAt(value: unknown, at: Place, maxSide = ARC_MAX_SIDE): Grid {
  const lines = listAt(value, at, 'rows');
  const rows = lines.length;
  if (rows > maxSide) invalid(at, `at most ${maxSide} rows`, rows);
  const cols = listAt(lines[0], within(at, '[0]'), 'colours').length;
  if (cols > maxSide) invalid(at, `at most ${maxSide} columns`, cols);
  const cells = new Uint8Array(rows * cols);
  // Places are put into words only where something is wrong.
  for (let row = 0; row < rows; row++) {
    const line = lines[row];
    const colours = isList(line) ? line : listAt(line, within(at, `[${row}]`), 'colours');
    if (colours.length !== cols) {
      invalid(within(at, `[${row}]`), `${cols} colours, as in the first row`, colours.length);
    }
    for (let col = 0; col < cols; col++) {
      const colour = colours[col];
      if (!isColour(colour)) {
        invalid(within(at, `[${row}][${col}]`), 'a colour from 0 to 9', colour);
      }
      cells[row * cols + col] = colour;
    }
  }
  return { rows, cols, cells };
}

/** The way back. */
export function rowsOfGrid({ rows, cols, cells }: Grid): number[][] {
  return Array.from({ length: rows }, (_, row) => [
    ...cells.subarray(row * cols, (row + 1) * cols),
  ]);
}

function listAt(value: unknown, at: Place, what: string): readonly unknown[] {
  return isList(value) ? value : invalid(at, `a list of ${what}, not empty`, value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function isColour(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < NUM_COLOURS;
}

function objectAt(value: unknown, at: Place): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return invalid(at, 'an object', value);
}

function within(at: Place, step: string): Place {
  return { file: at.file, path: at.path + step };
}

function invalid({ file, path }: Place, expected: string, received: unknown): never {
  throw arcTaskInvalid({ file, path, expected, received: shortly(received) });
}

/** A value in a line, whatever it is. */
function shortly(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
