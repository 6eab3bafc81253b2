/** Grids of ARC as people write them. */
import { drawGrid } from '../arc/sequence.ts';
import { NUM_COLOURS } from '../arc/transform.ts';
import type { Grid } from '../grid/dihedral.ts';
import { isMisreading, type Misreading } from './misreading.ts';

/** Between the colours of a row. */
const SEPARATOR = /[\s,]/;

/** Reads a grid as rows of digits, with or without something between the colours. */
export function readArcRows(text: string): Grid | Misreading {
  const lines = text.split(/\r?\n/);
  const rows: number[][] = [];
  for (const [i, line] of lines.entries()) {
    const row: number[] = [];
    for (const [column, character] of [...line].entries()) {
      if (SEPARATOR.test(character)) continue;
      if (!/[0-9]/.test(character)) {
        const expected = 'a colour from 0 to 9, or a task or a grid as JSON';
        const received = JSON.stringify(character);
        return { line: i + 1, column: column + 1, expected, received };
      }
      row.push(Number(character));
    }
    if (row.length === 0) continue;
    const cols = rows[0]?.length ?? row.length;
    if (row.length !== cols) {
      const expected = `${cols} colours, as in the first row`;
      return { line: i + 1, column: 1, expected, received: String(row.length) };
    }
    rows.push(row);
  }
  if (rows.length === 0) {
    return { line: 1, column: 1, expected: 'rows of colours', received: 'nothing' };
  }
  return { rows: rows.length, cols: rows[0]!.length, cells: Uint8Array.from(rows.flat()) };
}

/**
 * Reads a grid as rows of digits or as JSON, `[[0, 3], [3, 0]]`, or the test inputs of a task,
 * `{ "train": […], "test": […] }`.
 *
 * @param canvas  side of the square that grids are drawn on
 * @returns the tokens of each puzzle, or where the text has none
 */
export function readArcText(text: string, canvas: number): readonly Uint8Array[] | Misreading {
  const grids = gridsOf(text);
  if (isMisreading(grids)) return grids;
  const large = grids.find(({ rows, cols }) => rows > canvas || cols > canvas);
  if (large !== undefined) {
    const expected = `grids of at most ${canvas} × ${canvas}, the canvas of the model`;
    return misread(expected, `${large.rows} × ${large.cols}`);
  }
  return grids.map((grid) => drawGrid(grid, canvas));
}

function gridsOf(text: string): readonly Grid[] | Misreading {
  const [first] = text.trimStart();
  if (first !== '{' && first !== '[') {
    const grid = readArcRows(text);
    return isMisreading(grid) ? grid : [grid];
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return misread('JSON', (error as Error).message);
  }
  const asked = Array.isArray(value) ? [value] : inputsOf(value);
  const grids = asked.map(gridOfRows);
  const isWhole = grids.every((grid) => grid !== undefined);
  if (isWhole && grids.length > 0) return grids;
  return misread('rows of colours from 0 to 9, all of the same length', 'something else');
}

/** The test inputs of a task, as ARC's files have them. */
function inputsOf(task: unknown): readonly unknown[] {
  const { test } = task as { readonly test?: unknown };
  return Array.isArray(test) ? test.map((pair) => (pair as { input?: unknown } | null)?.input) : [];
}

function gridOfRows(value: unknown): Grid | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const rows = value as readonly unknown[];
  const isColour = (cell: unknown) =>
    Number.isInteger(cell) && (cell as number) >= 0 && (cell as number) < NUM_COLOURS;
  const cols = Array.isArray(rows[0]) ? rows[0].length : 0;
  const fits = (row: unknown) => Array.isArray(row) && row.length === cols && row.every(isColour);
  if (cols === 0 || !rows.every(fits)) return undefined;
  return { rows: rows.length, cols, cells: Uint8Array.from((rows as number[][]).flat()) };
}

function misread(expected: string, received: string): Misreading {
  return { line: 1, column: 1, expected, received };
}
