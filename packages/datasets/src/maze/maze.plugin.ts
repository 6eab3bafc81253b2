import { definePlugin, type ConfigProblem, type DatasetSource } from '@eddy/core';
import { canonicalMaze } from '@eddy/puzzles';
import { z } from 'zod';

import { hubRows, localRows, type FileServices, type RowFormat } from '../rows/file-rows.ts';
import { generatedRows, MAX_GENERATED } from '../rows/generated-rows.ts';
import type { RowSource } from '../rows/rows.ts';
import { hubOptions, localFileOptions, rowChoiceOptions } from '../rows/source-options.ts';
import { missingRows, sourceProblems } from '../rows/source-problems.ts';
import { copyMazeRow, readMazeCsv } from './csv.ts';
import { mazeGenerator } from './maze-generator.ts';
import type { MazeRow } from './maze-row.ts';
import { mazeSource } from './maze-source.ts';

/** Rows and columns; the upper end keeps the tokens of a row of a CSV file below its line limit. */
const size = z.int().min(3).max(64).describe('rows and columns of the grid');
/** Of maze-30x30-hard-1k. */
const PUBLISHED_SIZE = 30;

const generator = z.strictObject({
  size,
  train: z.int().min(1).max(MAX_GENERATED).describe('number of mazes to train on'),
  test: z
    .int()
    .min(0)
    .max(MAX_GENERATED)
    .describe('number of mazes to test on; none is a rotated or mirrored copy of a training maze'),
  minWalls: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.2)
    .describe('smallest share of cells that are walls'),
  maxWalls: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.5)
    .describe('largest share of cells that are walls'),
  minPathCells: z
    .int()
    .min(2)
    .default(2)
    .describe(
      'smallest number of cells on the shortest path, including start and goal; 110 in maze-30x30-hard',
    ),
  onePath: z
    .boolean()
    .default(false)
    .describe(
      'only mazes with a single shortest path, so that the answer is unique and rotated copies are right',
    ),
});

const config = z.strictObject({
  source: z
    .strictObject({
      csv: z
        .strictObject({ ...localFileOptions, size: size.default(PUBLISHED_SIZE) })
        .optional()
        .describe('local files; spaces are free cells, including leading ones'),
      generator: generator.optional().describe('generate mazes with their shortest paths'),
      hub: hubOptions('sapientinc/maze-30x30-hard-1k')
        .extend({ size: size.default(PUBLISHED_SIZE) })
        .prefault({})
        .describe(
          'a dataset on the Hugging Face hub; the default unless csv or generator is given',
        ),
    })
    .prefault({})
    .describe('where the mazes come from'),
  ...rowChoiceOptions,
});

type MazeConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'dataset',
  name: 'maze',
  apiVersion: 1,
  summary: 'shortest paths through mazes: CSV files, the Hugging Face hub or a generator',
  config,
  needs: ['configFolder', 'cacheFolder', 'offline', 'notify'],
  check: problemsOf,
  missingInputs: missingRows,
  create: (options, services): DatasetSource => {
    const { csv, generator: generated, hub } = options.source;
    const side = (generated ?? csv ?? hub).size;
    return mazeSource({ ...options, size: side }, rowsOf(options, side, services));
  },
});

function rowsOf(
  { source, seed }: MazeConfig,
  side: number,
  services: FileServices,
): RowSource<MazeRow> {
  if (source.generator !== undefined) {
    return generatedRows(mazeGenerator(source.generator), source.generator, seed, services);
  }
  const format: RowFormat<MazeRow> = {
    read: (file, signal) => readMazeCsv(file, side, signal),
    copy: copyMazeRow,
    symmetryClass: ({ question }) => canonicalMaze(question),
  };
  if (source.csv !== undefined) return localRows(source.csv, format, seed, services);
  return hubRows(source.hub, format, services);
}

function problemsOf({ source }: MazeConfig): ConfigProblem[] {
  const problems = sourceProblems(source);
  if (source.generator === undefined) return problems;
  const { size: side, minWalls, maxWalls, minPathCells } = source.generator;
  if (minWalls > maxWalls) {
    problems.push({
      path: ['source', 'generator', 'minWalls'],
      message: 'no maze has such a share of walls',
      expected: 'minWalls ≤ maxWalls',
      received: `${minWalls} to ${maxWalls}`,
      fix: 'change minWalls or maxWalls',
    });
  }
  const free = Math.floor((1 - minWalls) * side * side);
  if (minPathCells > free) {
    problems.push({
      path: ['source', 'generator', 'minPathCells'],
      message: 'no maze has such a long path',
      expected: `at most ${free}, the cells that are not walls`,
      received: String(minPathCells),
      fix: 'lower minPathCells or minWalls, or raise size',
    });
  }
  return problems;
}
