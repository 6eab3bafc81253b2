/** Examples of ARC as pairs of grids, and back. */
import type { Example, ExampleBuffer } from '@eddy/core';
import {
  ARC_FIRST_COLOUR_TOKEN,
  cropGrid,
  drawGrid,
  type ArcPair,
  type ArcTransform,
} from '@eddy/puzzles';

/** The grids of an example, wherever it was moved to on its canvas. */
export function pairOf(example: Example): ArcPair {
  const canvas = canvasOf(example);
  const { input } = example;
  let first = 0;
  while (first < input.length && input[first]! < ARC_FIRST_COLOUR_TOKEN) first++;
  if (first === input.length) first = 0;
  const corner = { row: Math.floor(first / canvas), col: first % canvas };
  return {
    input: cropGrid(example.input, canvas, 0, corner),
    output: cropGrid(example.label, canvas, 0, corner),
  };
}

export function exampleOf(
  { input, output }: ArcPair,
  canvas: number,
  at?: { readonly row: number; readonly col: number },
  transform?: ArcTransform,
  into?: ExampleBuffer,
): Example {
  return {
    input: drawGrid(input, canvas, at, transform, into?.input),
    label: drawGrid(output, canvas, at, transform, into?.label),
  };
}

/** Side of the square that an example is drawn on. */
export function canvasOf({ input }: Example): number {
  return Math.sqrt(input.length);
}
