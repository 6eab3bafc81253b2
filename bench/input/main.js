/**
 * `npm run bench:input`: what assembling training batches costs by itself, with arrays from a pool and
 * with fresh ones, in turns: milliseconds a batch, garbage collections, array buffers at the peak.
 *
 *   --batches 500   --rounds 2
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { BatchBuffers, randomStream, trainingBatches } from '@eddy/core';
import sudokuShuffle from '@eddy/datasets/sudoku-shuffle';

/** @import { Augmentation } from '@eddy/core' */

const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '2' },
  },
});
const numBatches = Number(values.batches);
const GLOBAL_BATCH_SIZE = 768;
const GROUPS = 1000;
/** Made ahead, or with the engine: as in a training. */
const ON_THEIR_WAY = 4;

const made = await sudokuShuffle.create(sudokuShuffle.config.parse({}), {});
const shuffle = {
  augmentation: /** @type {Augmentation} */ (made),
  random: randomStream(1),
};
let [collections, collectionMs] = [0, 0];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections += 1;
    collectionMs += duration;
  }
}).observe({ entryTypes: ['gc'] });

for (const { name, seqLen, augmentation } of [
  { name: '900 tokens, as they lie', seqLen: 900, augmentation: undefined },
  { name: 'Sudoku, on the fly', seqLen: 81, augmentation: shuffle },
]) {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const buffers of [undefined, new BatchBuffers()]) {
      const { ms, peakBytes } = await assemble(seqLen, augmentation, buffers);
      console.log(
        `${name.padEnd(25)}${(buffers === undefined ? 'fresh arrays' : 'from a pool').padEnd(14)}` +
          `${(ms / numBatches).toFixed(2)} ms a batch  ${collections} collections, ` +
          `${collectionMs.toFixed(0)} ms  ${(peakBytes / 2 ** 20).toFixed(0)} MiB of arrays`,
      );
    }
  }
}

/**
 * @param {number} seqLen
 * @param {typeof shuffle | undefined} augmentation
 * @param {BatchBuffers | undefined} buffers
 */
async function assemble(seqLen, augmentation, buffers) {
  const { split, metadata } = puzzles(seqLen);
  const options = { split, metadata, globalBatchSize: GLOBAL_BATCH_SIZE, epochs: 2 * numBatches };
  const batches = trainingBatches({
    ...options,
    random: randomStream(0),
    ...(buffers === undefined ? {} : { buffers }),
    ...(augmentation === undefined ? {} : { augmentation }),
  });
  const underWay = [];
  let [made, ms, peakBytes] = [0, 0, 0];
  await turn();
  [collections, collectionMs] = [0, 0];
  let started = performance.now();
  for (const batch of batches) {
    ms += performance.now() - started;
    underWay.push(batch);
    const done = underWay.length > ON_THEIR_WAY ? underWay.shift() : undefined;
    if (done !== undefined) buffers?.giveBack(done);
    peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers);
    made += 1;
    if (made === numBatches) break;
    if (made % 20 === 0) await turn();
    started = performance.now();
  }
  await turn();
  return { ms, peakBytes };
}

/** A thousand groups of one puzzle. @param {number} seqLen */
function puzzles(seqLen) {
  const tokens = () => Uint8Array.from({ length: GROUPS * seqLen }, (_, i) => 2 + (i % 9));
  const offsets = Int32Array.from({ length: GROUPS + 1 }, (_, i) => i);
  const split = {
    name: 'train',
    seqLen,
    inputs: tokens(),
    labels: tokens(),
    ratings: null,
    puzzleIdentifiers: new Int32Array(GROUPS),
    puzzleIndices: offsets,
    groupIndices: offsets,
  };
  const side = Math.sqrt(seqLen);
  const metadata = {
    vocabSize: 12,
    seqLen,
    grid: { rows: side, cols: side },
    task: 'none',
    padId: 0,
    ignoreLabelId: 0,
    blankIdentifierId: 0,
    numPuzzleIdentifiers: 1,
    splits: {},
  };
  return { split, metadata };
}

/** Lets the observer be called. */
function turn() {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
