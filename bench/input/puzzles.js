/** Puzzles of the main recipes' shapes, with the augmentations that they train with. */
import { randomStream } from '@eddy/core';
import arcTransform from '@eddy/datasets/arc-transform';
import dihedral from '@eddy/datasets/dihedral';
import sudokuShuffle from '@eddy/datasets/sudoku-shuffle';
import { drawGrid } from '@eddy/puzzles';

/** @import { AttachedAugmentation } from '@eddy/core/data' */
/** @import { Augmentation, DatasetMetadata, Split, TaskAugmentation } from '@eddy/core' */

/**
 * @typedef {object} Puzzles
 * @property {string} name
 * @property {Split} split
 * @property {DatasetMetadata} metadata
 * @property {AttachedAugmentation} [augmentation]
 */

const GROUPS = 1000;
const random = randomStream(1);

/** @returns {Promise<Puzzles[]>} */
export async function puzzlesOfRecipes() {
  const sudoku = numbered('sudoku', 81, 1);
  const shuffle = await sudokuShuffle.create(sudokuShuffle.config.parse({}), {
    datasetShape: sudoku.metadata,
  });
  const maze = numbered('maze', 900, 1);
  const turn = await dihedral.create(dihedral.config.parse({}), { datasetShape: maze.metadata });
  return [
    { ...maze, name: '900 tokens, as they lie' },
    { ...sudoku, name: 'Sudoku, on the fly', augmentation: { augmentation: of(shuffle), random } },
    { ...maze, name: 'mazes, on the fly', augmentation: { augmentation: of(turn), random } },
    await arcTasks(),
  ];
}

/** @param {unknown} part */
function of(part) {
  return /** @type {Augmentation} */ (part);
}

/** A group a puzzle, of so many examples. @param {string} task @param {number} seqLen @param {number} size */
function numbered(task, seqLen, size) {
  const numTokens = GROUPS * size * seqLen;
  const tokens = () => Uint8Array.from({ length: numTokens }, (_, i) => 2 + (i % 9));
  const offsets = (/** @type {number} */ by) =>
    Int32Array.from({ length: GROUPS + 1 }, (_, i) => i * by);
  const split = {
    name: 'train',
    seqLen,
    inputs: tokens(),
    labels: tokens(),
    ratings: null,
    puzzleIdentifiers: new Int32Array(GROUPS),
    puzzleIndices: offsets(size),
    groupIndices: offsets(1),
  };
  const side = Math.sqrt(seqLen);
  const metadata = {
    vocabSize: 12,
    seqLen,
    grid: { rows: side, cols: side },
    task,
    padId: 0,
    ignoreLabelId: 0,
    blankIdentifierId: 0,
    numPuzzleIdentifiers: 1,
    splits: {},
  };
  return { split, metadata };
}

/** Tasks of four pairs of 15 × 15 grids, each in 1,001 versions. @returns {Promise<Puzzles>} */
async function arcTasks() {
  const [canvas, side, pairs, versions] = [30, 15, 4, 1000];
  const { split, metadata } = numbered('arc', canvas * canvas, pairs);
  const draws = random.stream('grids');
  for (const tokens of [split.inputs, split.labels]) {
    for (let i = 0; i < GROUPS * pairs; i++) {
      const cells = Uint8Array.from({ length: side * side }, () => draws.integer(10));
      tokens.set(drawGrid({ rows: side, cols: side, cells }, canvas), i * canvas * canvas);
    }
  }
  const options = arcTransform.config.parse({ numVersions: versions });
  const made = await arcTransform.create(options, { dataset: metadata });
  const augmentation = /** @type {TaskAugmentation} */ (made);
  // A task's identifier is that of its group; versions need not be those that the stage would choose.
  const firstIdentifiers = Int32Array.from({ length: GROUPS + 1 }, (_, i) => i * (1 + versions));
  const codes = Int32Array.from({ length: GROUPS * (1 + versions) }, (_, i) =>
    i % (1 + versions) === 0 ? 0 : 1 + draws.integer(2_900_000),
  );
  split.puzzleIdentifiers.forEach((_, i) => (split.puzzleIdentifiers[i] = i));
  const plan = { firstIdentifiers, codes };
  return { name: 'ARC, on the fly', split, metadata, augmentation: { augmentation, random, plan } };
}
