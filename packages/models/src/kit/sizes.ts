/** Sizes that the parts of a network share. */
import type { DatasetMetadata } from '@eddy/core';

/** The sizes of the data that a model depends on. */
export type DatasetSizes = Pick<DatasetMetadata, 'vocabSize' | 'seqLen' | 'numPuzzleIdentifiers'>;

/** Positions before the tokens, which hold a puzzle's vector. */
export interface PuzzlePrefix {
  /** Length of a puzzle's vector; 0 without one. */
  readonly dim: number;
  readonly length: number;
}

/** No positions before the tokens: a model without a puzzle embedding. */
export const NO_PREFIX: PuzzlePrefix = { dim: 0, length: 0 };

/**
 * Channels of one attention head: floor(hiddenSize / numHeads). Where numHeads does not divide, the
 * heads together are narrower than hiddenSize.
 *
 * @reference models/recursive_reasoning/transformers_baseline.py `head_dim`
 */
export function headDim(sizes: { readonly hiddenSize: number; readonly numHeads: number }): number {
  return Math.floor(sizes.hiddenSize / sizes.numHeads);
}

/**
 * The prefix of a vector of `dim` numbers, `hiddenSize` by default: `length` positions, or just
 * enough where that is 0 or absent.
 *
 * @reference models/recursive_reasoning/trm.py `puzzle_emb_len`
 */
export function puzzlePrefix(
  hiddenSize: number,
  dim: number = hiddenSize,
  length: number = 0,
): PuzzlePrefix {
  return { dim, length: length === 0 ? Math.ceil(dim / hiddenSize) : length };
}
