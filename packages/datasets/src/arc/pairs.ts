/** Examples of ARC as pairs of grids, and back. */
import type { Example } from '@eddy/core';
import { cropGrid, drawGrid, type ArcPair } from '@eddy/puzzles';

/** The grids of an example that lies in the corner of its canvas. */
export function pairOf(example: Example): ArcPair {
  const canvas = canvasOf(example);
  return { input: cropGrid(example.input, canvas), output: cropGrid(example.label, canvas) };
}

export function exampleOf(
  { input, output }: ArcPair,
  canvas: number,
  at?: { readonly row: number; readonly col: number },
): Example {
  return { input: drawGrid(input, canvas, at), label: drawGrid(output, canvas, at) };
}

/** Side of the square that an example is drawn on. */
export function canvasOf({ input }: Example): number {
  return Math.sqrt(input.length);
}
