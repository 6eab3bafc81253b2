/** What is built by both sides, from the same files, with every version written out. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} needs  folder under the data folder
 * @property {(folder: string, scratch: string) => string} [prepare]  makes the files that are built from;
 *   those of the folder that it needs otherwise
 * @property {(folder: string) => object} pipeline  stages of ours, for files in that folder
 * @property {string} script  builder of the reference
 * @property {(output: string, folder: string) => string[]} arguments  of that builder
 */

/**
 * @param {{ sudokuVersions: number, arcVersions: number, mazeCopies: number }} sizes
 * @returns {Case[]}
 */
export function casesOf({ sudokuVersions, arcVersions, mazeCopies }) {
  return [
    {
      name: `sudoku-extreme, 1,000 puzzles × ${1 + sudokuVersions}`,
      needs: 'sudoku',
      pipeline: (folder) => ({
        build: {
          dataset: { use: 'sudoku', source: csv(folder), subsampleSize: 1000 },
          leakage: NO_COMPARISON,
        },
        augment: {
          augmentation: {
            use: 'sudoku-shuffle',
            numVersions: sudokuVersions,
            mode: 'materialised',
          },
        },
      }),
      script: 'build_sudoku_dataset.py',
      arguments: (output) => [
        `--output-dir=${output}`,
        '--subsample-size=1000',
        `--num-aug=${sudokuVersions}`,
      ],
    },
    mazes('maze-30x30-hard, 1,000 mazes × 8'),
    {
      ...mazes(`maze-30x30-hard ${mazeCopies} times over × 8`),
      prepare: (folder, scratch) => repeated(folder, mazeCopies, join(scratch, 'mazes')),
    },
    {
      name: `arc-agi-1, 800 tasks × ${1 + arcVersions}`,
      needs: 'arc-kaggle-combined',
      pipeline: (folder) => ({
        build: {
          dataset: {
            use: 'arc',
            source: { combined: join(folder, ARC_PREFIX) },
            subsets: ['training', 'evaluation'],
            testSubsets: ['evaluation'],
          },
          leakage: NO_COMPARISON,
        },
        augment: {
          augmentation: { use: 'arc-transform', numVersions: arcVersions, mode: 'materialised' },
        },
      }),
      script: 'build_arc_dataset.py',
      arguments: (output, folder) => [
        `--input-file-prefix=${join(folder, ARC_PREFIX)}`,
        `--output-dir=${output}`,
        '--subsets=training',
        '--subsets=evaluation',
        '--test-set-name=evaluation',
        `--num-aug=${arcVersions}`,
      ],
    },
  ];
}

/** @param {string} name @returns {Case} */
function mazes(name) {
  return {
    name,
    needs: 'maze',
    pipeline: (folder) => ({
      build: { dataset: { use: 'maze', source: csv(folder) }, leakage: NO_COMPARISON },
      augment: { augmentation: { use: 'dihedral', mode: 'materialised' } },
    }),
    script: 'build_maze_dataset.py',
    arguments: (output) => [`--output-dir=${output}`, '--aug'],
  };
}

/**
 * The rows of both files several times over: what a build costs apart from its start.
 *
 * @param {string} folder @param {number} copies @param {string} made
 */
function repeated(folder, copies, made) {
  mkdirSync(made);
  for (const name of ['train.csv', 'test.csv']) {
    const text = readFileSync(join(folder, name), 'utf8');
    const firstRow = text.indexOf('\n') + 1;
    writeFileSync(join(made, name), text.slice(0, firstRow) + text.slice(firstRow).repeat(copies));
  }
  return made;
}

const ARC_PREFIX = 'arc-agi';

/** The reference does not compare its splits. */
const NO_COMPARISON = { action: 'off' };

/** @param {string} folder */
function csv(folder) {
  return { csv: { train: `${folder}/train.csv`, test: `${folder}/test.csv` } };
}
