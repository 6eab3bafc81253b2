/** Trained numbers of every model on the reference's three tasks: the puzzle table is not among them. */
import type { Model } from '@eddy/core';
import { describe, expect, it } from 'vitest';

import {
  createHrm,
  createTransformer,
  createTrm,
  createTrmHier6,
  createTrmSinglez,
  hrmConfig,
  transformerConfig,
  trmConfig,
  trmHier6Config,
  trmSinglezConfig,
  type DatasetSizes,
} from './index.ts';

const sudoku = { vocabSize: 11, seqLen: 81, numPuzzleIdentifiers: 1 };
const maze = { vocabSize: 6, seqLen: 900, numPuzzleIdentifiers: 1 };
const arc = { vocabSize: 12, seqLen: 900, numPuzzleIdentifiers: 1 };

const trm = (data: DatasetSizes) => createTrm(trmConfig.parse({}), data);
const trmMlp = (data: DatasetSizes) => createTrm(trmConfig.parse({ mlpT: true }), data);
const singlez = (data: DatasetSizes) => createTrmSinglez(trmSinglezConfig.parse({}), data);
const hier6 = (data: DatasetSizes) => createTrmHier6(trmHier6Config.parse({}), data);
const hrm = (data: DatasetSizes) => createHrm(hrmConfig.parse({}), data);
const transformer = (data: DatasetSizes, options = {}) =>
  createTransformer(transformerConfig.parse(options), data);
/** A user's baseline: `H_layers 4, hidden 256, heads 8`. */
const small = (data: DatasetSizes) =>
  transformer(data, { numLayers: 4, hiddenSize: 256, numHeads: 8 });

describe('parameters', () => {
  // trm-reference.md, section 1.3. TRM, HRM and the small baseline on Sudoku are in logs of the
  // reference; the variants share TRM's one network.
  it.each([
    ['trm', trm, 6_828_034, 6_822_914, 6_829_058],
    ['trm with mlpT', trmMlp, 5_028_866, 18_795_522, 18_801_666],
    ['trm-singlez', singlez, 6_828_034, 6_822_914, 6_829_058],
    ['trm-hier6', hier6, 6_828_034, 6_822_914, 6_829_058],
    ['hrm', hrm, 27_275_266, 27_270_146, 27_276_290],
    ['transformer', transformer, 27_144_194, 27_139_074, 27_145_218],
  ])('%s on Sudoku, mazes and ARC', (_name, create, ...expected) => {
    expect([sudoku, maze, arc].map((data) => countParameters(create(data)))).toEqual(expected);
  });

  it('the small transformer on Sudoku', () => {
    expect(countParameters(small(sudoku))).toBe(3_414_018);
  });
});

function countParameters(model: Model): number {
  return Object.values(model.parameters).reduce(
    (total, { shape }) => total + shape.reduce((size, dim) => size * dim, 1),
    0,
  );
}
