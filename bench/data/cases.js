/**
 * What is built by both sides, from the same files, with every version written out.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} needs  path under the data folder
 * @property {(data: string) => object} pipeline  stages of ours
 * @property {string} script  builder of the reference
 * @property {(output: string, data: string) => string[]} arguments  of that builder
 */

/**
 * @param {{ sudokuVersions: number, arcVersions: number }} sizes
 * @returns {Case[]}
 */
export function casesOf({ sudokuVersions, arcVersions }) {
  return [
    {
      name: `sudoku-extreme, 1,000 puzzles × ${1 + sudokuVersions}`,
      needs: 'sudoku',
      pipeline: (data) => ({
        build: {
          dataset: { use: 'sudoku', source: csv(`${data}/sudoku`), subsampleSize: 1000 },
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
    {
      name: 'maze-30x30-hard, 1,000 mazes × 8',
      needs: 'maze',
      pipeline: (data) => ({
        build: {
          dataset: { use: 'maze', source: csv(`${data}/maze`) },
          leakage: NO_COMPARISON,
        },
        augment: { augmentation: { use: 'dihedral', mode: 'materialised' } },
      }),
      script: 'build_maze_dataset.py',
      arguments: (output) => [`--output-dir=${output}`, '--aug'],
    },
    {
      name: `arc-agi-1, 800 tasks × ${1 + arcVersions}`,
      needs: 'arc-kaggle-combined',
      pipeline: (data) => ({
        build: {
          dataset: {
            use: 'arc',
            source: { combined: `${data}/${ARC_FILES}` },
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
      arguments: (output, data) => [
        `--input-file-prefix=${data}/${ARC_FILES}`,
        `--output-dir=${output}`,
        '--subsets=training',
        '--subsets=evaluation',
        '--test-set-name=evaluation',
        `--num-aug=${arcVersions}`,
      ],
    },
  ];
}

const ARC_FILES = 'arc-kaggle-combined/arc-agi';

/** The reference does not compare its splits. */
const NO_COMPARISON = { action: 'off' };

/** @param {string} folder */
function csv(folder) {
  return { csv: { train: `${folder}/train.csv`, test: `${folder}/test.csv` } };
}
