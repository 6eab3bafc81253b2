/**
 * dataset_arc: what the reference's builder makes of the same tasks. Its draws are its own; everything
 * that follows from them (names, grids, sequences, hashes, counts) is compared.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import {
  applyArcTransform,
  applyDihedral,
  cropGrid,
  DIHEDRALS,
  drawGrid,
  gridHash,
  inverseDihedral,
  parseArcVersionName,
  roomOf,
  taskHash,
  undoArcTransform,
  type ArcPair,
  type ArcTransform,
  type Grid,
} from '@eddy/puzzles';

import { buildDataset, type BuiltDataset } from '../build-dataset.ts';
import type { CaseHandler } from '../case-handler.ts';
import { assertEqual } from '../compare.ts';
import type { Fixture, FixtureTensor } from '../fixture.ts';
import { buildAndExport, checkNumbers, statedColumns, type Columns } from '../folder-format.ts';

const CANVAS = 30;
const SPLITS = ['train', 'test'] as const;
const CORNER = { row: 0, col: 0 };

export const handler: CaseHandler = {
  matches: (name) => name === 'dataset_arc',
  async run(fixture) {
    checkTransforms(fixture);
    checkSequences(fixture);
    checkHashes(fixture);
    const { subsets, test_set_name, num_aug } = fixture.json.config;
    const dataset = {
      use: 'arc',
      source: { combined: fixture.file('dataset_inputs', 'arc', 'arc-agi') },
      subsets,
      testSubsets: [test_set_name],
    };
    const originals = await buildDataset(dataset);
    const augmentation = { use: 'arc-transform', numVersions: num_aug };
    const stated = fixture.json.run;
    const ours = await buildAndExport('arc', stated, dataset, augmentation, (folder) =>
      checkTestPuzzles(folder, stated.json['test_puzzles.json']),
    );
    const theirs = referenceBuild(fixture);
    for (const split of SPLITS) {
      const { numPuzzles } = ours.metadata.splits[split]!;
      const { total_puzzles } = stated.json[`${split}/dataset.json`];
      checkNumbers(split, ours, split, stated.json, { total_puzzles: [numPuzzles, total_puzzles] });
    }
    checkNames('reference', theirs.identifiers, originals.identifiers.slice(1), num_aug);
    checkNames('ours', ours.identifiers, originals.identifiers.slice(1), num_aug);
    for (const split of SPLITS) {
      for (const [what, built] of [
        ['reference', theirs],
        ['ours', ours],
      ] as const) {
        checkVersions(`${what} ${split}`, built, originals, split);
      }
    }
    checkDistinct('reference', theirs);
    checkDistinct('ours', ours);
  },
};

/** What the evaluator of the reference reads back: the tasks that are tested on. */
function checkTestPuzzles(folder: string, stated: Readonly<Record<string, object>>): void {
  const file = readFileSync(path.join(folder, 'test_puzzles.json'), 'utf8');
  const tasks = JSON.parse(file) as Record<string, object>;
  for (const [task, puzzle] of Object.entries(stated)) {
    if (!isDeepStrictEqual(tasks[task], puzzle)) throw new Error(`test_puzzles: ${task} differs`);
  }
  assertEqual('test_puzzles', [Object.keys(tasks).length], [Object.keys(stated).length]);
}

interface Build {
  readonly identifiers: readonly string[];
  readonly splits: Readonly<Record<string, Columns>>;
}

function referenceBuild(fixture: Fixture): Build {
  return {
    identifiers: fixture.json.run.json['identifiers.json'],
    splits: Object.fromEntries(
      SPLITS.map((split) => [split, statedColumns(fixture, `out/${split}`)]),
    ),
  };
}

/** The blank one, then each task followed by its versions, in whatever order of the tasks. */
function checkNames(
  what: string,
  identifiers: readonly string[],
  tasks: readonly string[],
  numVersions: number,
): void {
  const parsed = identifiers.slice(1).map((name) => ({ name, ...nameOf(name) }));
  const bare = parsed.filter(({ transform }) => transform === undefined).map(({ task }) => task);
  if (identifiers[0] !== '<blank>' || [...bare].sort().join() !== [...tasks].sort().join()) {
    throw new Error(`${what}: the tasks are ${bare.join()}, not ${tasks.join()}`);
  }
  let task = '';
  let versions = 0;
  for (const { name, task: of, transform } of parsed) {
    versions = transform === undefined ? 0 : versions + 1;
    if (transform === undefined) task = of;
    if (of !== task || versions > numVersions) throw new Error(`${what}: ${name} is out of place`);
  }
}

function nameOf(name: string): { readonly task: string; readonly transform?: ArcTransform } {
  const parsed = parseArcVersionName(name);
  if (parsed === undefined) throw new Error(`${name} is not the name of a version`);
  return parsed;
}

/**
 * Every puzzle has the pairs of its task under the transform in its name. In train all but one are
 * moved, in test none; drawing them at the place they are found gives the same tokens.
 */
function checkVersions(what: string, built: Build, originals: BuiltDataset, split: string): void {
  const columns = built.splits[split]!;
  const tasks = new Map<string, ArcPair[]>();
  const { puzzleIdentifiers } = originals.splits[split]!;
  for (let puzzle = 0; puzzle < puzzleIdentifiers.length; puzzle++) {
    const name = originals.identifiers[puzzleIdentifiers[puzzle]!]!;
    tasks.set(
      name,
      pairsAt(originals.splits[split]!, puzzle).map(({ pair }) => pair),
    );
  }
  for (let puzzle = 0; puzzle < columns.puzzleIdentifiers.length; puzzle++) {
    const name = built.identifiers[columns.puzzleIdentifiers[puzzle]!]!;
    const { task, transform } = nameOf(name);
    const found = pairsAt(columns, puzzle);
    const expected = tasks.get(task)!.map((pair) => transformed(pair, transform));
    if (taskHash(found.map(({ pair }) => pair)) !== taskHash(expected)) {
      throw new Error(`${what}: ${name} is not its task transformed`);
    }
    const restored = found.map(({ pair }) =>
      transform === undefined ? pair : mapPair(pair, (grid) => undoArcTransform(grid, transform)),
    );
    if (taskHash(restored) !== taskHash(tasks.get(task)!)) {
      throw new Error(`${what}: undoing ${name} does not give its task`);
    }
    const still = found.filter(({ at }) => at.row === 0 && at.col === 0).length;
    if (still === 0 || (split === 'test' && still < found.length)) {
      throw new Error(`${what}: ${still} of ${found.length} examples of ${name} are in the corner`);
    }
    for (const { pair, at, input, label } of found) {
      const room = roomOf(pair, CANVAS);
      if (at.row > room.rows || at.col > room.cols) throw new Error(`${what}: ${name} hangs over`);
      assertEqual(`${what} ${name} input`, drawGrid(pair.input, CANVAS, at), input);
      assertEqual(`${what} ${name} label`, drawGrid(pair.output, CANVAS, at), label);
    }
  }
  checkGroups(what, built, columns);
}

/** A group is a task with all its versions, in the order of their identifiers. */
function checkGroups(what: string, built: Build, columns: Columns): void {
  for (let group = 0; group < columns.groupIndices.length - 1; group++) {
    const [first, end] = [columns.groupIndices[group]!, columns.groupIndices[group + 1]!];
    const ids = columns.puzzleIdentifiers.subarray(first, end);
    const { task, transform } = nameOf(built.identifiers[ids[0]!]!);
    const whole = ids.every((id, i) => id === ids[0]! + i);
    const next = built.identifiers[ids.at(-1)! + 1];
    if (transform !== undefined || !whole || (next !== undefined && nameOf(next).task === task)) {
      throw new Error(`${what}: group ${group} is not ${task} and all of its versions`);
    }
  }
}

/** No two versions of a task have the same pairs, over both splits. */
function checkDistinct(what: string, { identifiers, splits }: Build): void {
  const pairs = new Map<number, ArcPair[]>();
  for (const columns of Object.values(splits)) {
    columns.puzzleIdentifiers.forEach((identifier, puzzle) => {
      const more = pairsAt(columns, puzzle).map(({ pair }) => pair);
      pairs.set(identifier, [...(pairs.get(identifier) ?? []), ...more]);
    });
  }
  const seen = new Set<string>();
  for (const [identifier, all] of pairs) {
    const name = identifiers[identifier]!;
    const key = `${nameOf(name).task} ${taskHash(all)}`;
    if (seen.has(key)) throw new Error(`${what}: ${name} repeats a version`);
    seen.add(key);
  }
}

interface Found {
  readonly pair: ArcPair;
  readonly at: { readonly row: number; readonly col: number };
  readonly input: Uint8Array;
  readonly label: Uint8Array;
}

/** The examples of a puzzle, found on their canvas. */
function pairsAt(columns: Columns, puzzle: number): Found[] {
  const [first, end] = [columns.puzzleIndices[puzzle]!, columns.puzzleIndices[puzzle + 1]!];
  return Array.from({ length: end - first }, (_, i) => {
    const tokens = (all: Uint8Array) => all.subarray((first + i) * 900, (first + i + 1) * 900);
    const [input, label] = [tokens(columns.inputs), tokens(columns.labels)];
    const corner = input.findIndex((token) => token >= 2);
    const at = { row: Math.floor(corner / CANVAS), col: corner % CANVAS };
    return { pair: { input: gridAt(input, at), output: gridAt(label, at) }, at, input, label };
  });
}

function gridAt(tokens: Uint8Array, at: { readonly row: number; readonly col: number }): Grid {
  const moved = new Uint8Array(CANVAS * CANVAS);
  for (let row = at.row; row < CANVAS; row++) {
    const line = tokens.subarray(row * CANVAS + at.col, (row + 1) * CANVAS);
    moved.set(line, (row - at.row) * CANVAS);
  }
  return cropGrid(moved, CANVAS);
}

function transformed(pair: ArcPair, transform: ArcTransform | undefined): ArcPair {
  return transform === undefined
    ? pair
    : mapPair(pair, (grid) => applyArcTransform(grid, transform));
}

function mapPair({ input, output }: ArcPair, map: (grid: Grid) => Grid): ArcPair {
  return { input: map(input), output: map(output) };
}

function checkTransforms(fixture: Fixture): void {
  const original = gridOf(fixture.tensor('units/dihedral/0'));
  for (const dihedral of DIHEDRALS) {
    const moved = fixture.tensor(`units/dihedral/${dihedral}`);
    assertEqual(`dihedral ${dihedral}`, applyDihedral(original, dihedral).cells, moved);
    assertEqual(
      `dihedral ${dihedral}, inverse`,
      applyDihedral(original, inverseDihedral(dihedral)).cells,
      fixture.tensor(`units/dihedral_inverse/${dihedral}`),
    );
  }
  for (const { i, name, original: task } of fixture.json.units.inverse_aug) {
    const parsed = nameOf(name);
    if (parsed.task !== task) throw new Error(`${name}: task ${parsed.task}, not ${task}`);
    const grid = gridOf(fixture.tensor(`units/aug/${i}/grid`));
    const augmented = gridOf(fixture.tensor(`units/aug/${i}/augmented`));
    const ours = applyArcTransform(grid, parsed.transform!);
    assertEqual(`${name} shape`, [ours.rows, ours.cols], [augmented.rows, augmented.cols]);
    assertEqual(name, ours.cells, augmented.cells);
    assertEqual(`${name} undone`, undoArcTransform(augmented, parsed.transform!).cells, grid.cells);
  }
}

function checkSequences(fixture: Fixture): void {
  for (const { i, pad } of fixture.json.units.seq) {
    const at = pad === null ? CORNER : { row: pad[0], col: pad[1] };
    for (const side of ['input', 'output']) {
      const grid = gridOf(fixture.tensor(`units/seq/${i}/${side}`));
      assertEqual(
        `sequence ${i} ${side}`,
        drawGrid(grid, CANVAS, at),
        fixture.tensor(`units/seq/${i}/${side}_seq`),
      );
    }
  }
}

function checkHashes(fixture: Fixture): void {
  for (const stated of fixture.json.units.hash) {
    const grid = (side: string) => gridOf(fixture.tensor(`units/seq/${stated.i}/${side}`));
    const pair = { input: grid('input'), output: grid('output') };
    const ours = [gridHash(pair.input), gridHash(pair.output), taskHash([pair])];
    const theirs = [stated.input_hash, stated.output_hash, stated.puzzle_hash_of_single_pair];
    if (ours.join() !== theirs.join()) throw new Error(`hashes ${stated.i}: ${ours.join()}`);
  }
}

function gridOf({ shape, data }: FixtureTensor): Grid {
  return { rows: shape[0]!, cols: shape[1]!, cells: Uint8Array.from(data) };
}
