/** What is measured: three sizes for CPUs, each with token mixing by attention and by an MLP; the full recipes. */

/**
 * @typedef {object} Size
 * @property {string} name
 * @property {number} hiddenSize
 * @property {number} batchSize
 * @property {number} seqLen  tokens of an example
 * @property {number} puzzleLen  prefix tokens
 * @property {number} vocabSize
 * @property {number} [hCycles]  H_CYCLES by default
 * @property {number} [lCycles]
 * @property {Mixing} [mixing]  the only one that this size is measured with
 * @property {number} [puzzles]  rows of the puzzle table, 1 by default
 */

/** @type {readonly Size[]} */
export const SIZES = [
  { name: 'small', hiddenSize: 128, batchSize: 64, seqLen: 16, puzzleLen: 1, vocabSize: 6 },
  { name: 'medium', hiddenSize: 256, batchSize: 32, seqLen: 81, puzzleLen: 16, vocabSize: 11 },
  { name: 'large', hiddenSize: 512, batchSize: 8, seqLen: 81, puzzleLen: 16, vocabSize: 11 },
];

/**
 * The steps of the recipes in `pipelines/`, whole: for a GPU, and only where they are asked for.
 *
 * @type {readonly Size[]}
 */
export const FULL_SIZES = [
  { ...fullSize(81, 11), name: 'full-mlp', mixing: 'mlp' },
  { ...fullSize(81, 11), name: 'full-att', mixing: 'attention' },
  { ...fullSize(900, 6), name: 'maze', mixing: 'attention', lCycles: 4 },
  { ...fullSize(900, 12), name: 'arc', mixing: 'attention', lCycles: 4, puzzles: 876_406 },
];

/** @param {number} seqLen @param {number} vocabSize */
function fullSize(seqLen, vocabSize) {
  return { hiddenSize: 512, batchSize: 768, seqLen, puzzleLen: 16, vocabSize };
}

export const NUM_HEADS = 8;
export const NUM_LAYERS = 2;
export const H_CYCLES = 3;
export const L_CYCLES = 6;
export const EXPANSION = 4;

/** @typedef {'mlp' | 'attention'} Mixing */
/** @type {readonly Mixing[]} */
export const MIXINGS = ['mlp', 'attention'];

/**
 * FLOPs of the matrix products of one training step, a multiply and an add counted as two: the one
 * number that every contender's time is divided into, whatever it really executes.
 *
 *   blocks × [(hCycles − 1) × (lCycles + 1) forward + (lCycles + 1) × (forward + 2 backward)] + heads
 *
 * @param {Size} size
 * @param {Mixing} mixing
 */
export function trainingFlops(size, mixing) {
  const { hiddenSize: D, batchSize: B, seqLen, puzzleLen, vocabSize } = size;
  const { hCycles = H_CYCLES, lCycles = L_CYCLES } = size;
  const L = seqLen + puzzleLen;
  const channelMixing = 6 * B * L * D * swigluWidth(D);
  const tokenMixing =
    mixing === 'mlp'
      ? 6 * B * D * L * swigluWidth(L)
      : 2 * B * L * D * 3 * D + 4 * B * L * L * D + 2 * B * L * D * D;
  const network = NUM_LAYERS * (channelMixing + tokenMixing);
  const calls = (hCycles - 1) * (lCycles + 1) + 3 * (lCycles + 1);
  const heads = 3 * (2 * B * seqLen * D * vocabSize + 2 * B * D * 2);
  return calls * network + heads;
}

/** @param {number} width */
function swigluWidth(width) {
  return Math.ceil(Math.round((EXPANSION * width * 2) / 3) / 256) * 256;
}
