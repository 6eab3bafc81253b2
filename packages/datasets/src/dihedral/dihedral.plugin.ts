import { definePlugin, type Augmentation, type DatasetShape } from '@eddy/core';
import { applyDihedral, DIHEDRALS, inverseDihedral } from '@eddy/puzzles';
import { z } from 'zod';

import { augmentationMode } from '../augmentation/augmentation-mode.ts';

const config = z.strictObject({
  mode: augmentationMode,
});

/** Version v is the symmetry v of the square, so each is there once: nothing is drawn. */
const NUM_VERSIONS = DIHEDRALS.length - 1;

/**
 * The eight turned and mirrored versions of a square grid, the same on question and answer, in the
 * order of the reference.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_maze_dataset.py `--aug`
 */
export default definePlugin({
  kind: 'augmentation',
  name: 'dihedral',
  apiVersion: 1,
  summary: 'the eight symmetries of the square, for mazes and other square grids',
  config,
  needs: ['datasetShape'],
  check: (_config, { datasetShape }) =>
    datasetShape === undefined || isSquare(datasetShape)
      ? []
      : [
          {
            path: [],
            message: 'only square grids keep their shape when they are rotated',
            expected: 'a dataset of square grids',
            received: `${datasetShape.grid.rows} × ${datasetShape.grid.cols}`,
            fix: 'remove this augmentation, or use the one for this kind of puzzle',
          },
        ],
  create: ({ mode }, { datasetShape }): Augmentation => ({
    numVersions: NUM_VERSIONS,
    mode,
    splits: ['train'],
    apply(example, _random, version, into) {
      const turned = (cells: Uint8Array, moved?: Uint8Array) =>
        applyDihedral({ ...datasetShape.grid, cells }, DIHEDRALS[version]!, moved).cells;
      const input = turned(example.input, into?.input);
      return { ...example, input, label: turned(example.label, into?.label) };
    },
    invert: (answer, _random, version) =>
      applyDihedral({ ...datasetShape.grid, cells: answer }, inverseDihedral(DIHEDRALS[version]!))
        .cells,
  }),
});

function isSquare({ grid }: DatasetShape): boolean {
  return grid.rows === grid.cols;
}
