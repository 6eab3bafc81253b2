/**
 * What needs no model on the tasks of pipelines/arc-small.yml: the figures in its header, computed from
 * EDDY_DATA/arc-kaggle-combined. Shows them with
 * `npx vitest run --project spanning test/docs/arc-small-baselines.test.ts`.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { readYamlFile, toPlain } from '@eddy/core/config';
import type { DatasetSource } from '@eddy/core';
import arc from '@eddy/datasets/arc';
import { cropGrid, type Grid } from '@eddy/puzzles';
import { expect, it } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');
const file = path.join(repository, 'pipelines/arc-small.yml');
const recipe = readFileSync(file, 'utf8');
const data = process.env['EDDY_DATA'] ?? path.resolve(repository, '../shared/data');
const tasks = path.join(data, 'arc-kaggle-combined');

interface Pair {
  readonly input: Grid;
  readonly output: Grid;
}

async function pairsByTask(source: DatasetSource, split: string): Promise<Map<number, Pair[]>> {
  const { rows: canvas } = source.describe().grid;
  const pairs = new Map<number, Pair[]>();
  for await (const { puzzles } of source.groups(split, new AbortController().signal)) {
    for (const { identifier, examples } of puzzles) {
      const found = examples.map(({ input, label }) => ({
        input: cropGrid(input, canvas, 0),
        output: cropGrid(label, canvas, 0),
      }));
      pairs.set(identifier, found);
    }
  }
  return pairs;
}

/** The first of those that come most often. */
function mostFrequent<T>(values: Iterable<T>): T {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, other) => (other[1] > best[1] ? other : best))[0];
}

/** The size that outputs have most often, and at each cell what those of that size have most often. */
function usualOutput(outputs: readonly Grid[]): Grid {
  const size = mostFrequent(outputs.map(sizeOf));
  const alike = outputs.filter((output) => sizeOf(output) === size);
  const { rows, cols, cells } = alike[0]!;
  const usual = cells.map((_, at) => mostFrequent(alike.map((output) => output.cells[at]!)));
  return { rows, cols, cells: usual };
}

const sizeOf = ({ rows, cols }: Grid) => `${rows}×${cols}`;
const same = (a: Grid, b: Grid) => sizeOf(a) === sizeOf(b) && a.cells.join() === b.cells.join();
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;

it('the header of arc-small.yml states what answers without a model score', async ({ skip }) => {
  if (!existsSync(tasks)) skip(`no real data: ${tasks} is absent (set EDDY_DATA)`);
  const plain = toPlain(await readYamlFile(file)) as { build: { dataset: { use: string } } };
  const { dataset } = plain.build;
  const { use: _use, ...options } = dataset;
  const combined = path.join(tasks, 'arc-agi');
  const services = { configFolder: repository, notify: () => undefined };
  const config = arc.config.parse({ ...options, source: { combined } });
  const source = (await arc.create(config, services)) as DatasetSource;
  const demonstrations = await pairsByTask(source, 'train');

  const sums = { pairs: 0, cells: 0, input: 0, colour: 0, usual: 0, inputSize: 0, usualSize: 0 };
  let solvedTasks = 0;
  for (const [task, pairs] of await pairsByTask(source, 'test')) {
    const outputs = demonstrations.get(task)!.map(({ output }) => output);
    const colour = mostFrequent(outputs.flatMap(({ cells }) => [...cells]));
    const usual = usualOutput(outputs);
    for (const { input, output } of pairs) {
      sums.pairs += 1;
      sums.cells += output.cells.length;
      sums.input += cellsThatEqual(input, output);
      sums.colour += output.cells.filter((cell) => cell === colour).length;
      sums.usual += cellsThatEqual(usual, output);
      if (sizeOf(input) === sizeOf(output)) sums.inputSize += 1;
      if (sizeOf(usual) === sizeOf(output)) sums.usualSize += 1;
    }
    const solved = pairs.filter(({ input, output }) =>
      [input, usual].some((attempt) => same(attempt, output)),
    );
    solvedTasks += solved.length / pairs.length;
  }
  const { pairs, cells, input, colour, usual, inputSize, usualSize } = sums;
  const stated = {
    tasks: demonstrations.size,
    demonstrations: [...demonstrations.values()].flat().length,
    pairs,
    'cells, answering with the input': percent(input, cells),
    'cells, one colour': percent(colour, cells),
    'cells, the usual output': percent(usual, cells),
    'size of the input': percent(inputSize, pairs),
    'most frequent size of the demonstrations': percent(usualSize, pairs),
    'pass@2, both of these': percent(solvedTasks, demonstrations.size),
  };
  console.log(stated);
  const header = recipe.split('\n').filter((line) => line.startsWith('#')).join(' '); // prettier-ignore
  const {
    tasks: numTasks,
    demonstrations: numDemonstrations,
    pairs: numPairs,
    ...figures
  } = stated;
  for (const figure of [
    `${numTasks} tasks`,
    `${numDemonstrations} demonstrations`,
    `${numPairs} test pairs`,
    ...Object.values(figures),
  ]) {
    expect(header).toContain(figure);
  }
});

/** Cells of the right answer's grid that the other one has, too. */
function cellsThatEqual(answer: Grid, right: Grid): number {
  let equal = 0;
  for (let row = 0; row < Math.min(answer.rows, right.rows); row++) {
    for (let col = 0; col < Math.min(answer.cols, right.cols); col++) {
      const cell = answer.cells[row * answer.cols + col];
      if (cell === right.cells[row * right.cols + col]) equal += 1;
    }
  }
  return equal;
}
