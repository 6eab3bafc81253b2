/**
 * `npm run bench:input`: what assembling training batches costs by itself, with arrays from a pool and
 * with fresh ones, in turns: milliseconds a batch, garbage collections, array buffers at the peak. Then how long
 * a training waits for them, made ahead as the trainer has them made, when each step takes the engine `--step-ms`.
 *
 *   --batches 500   --rounds 2   --step-ms 20
 */
import { PerformanceObserver } from 'node:perf_hooks';

import { ahead, BatchBuffers, trainingBatches } from '@eddy/core/data';
import { randomStream } from '@eddy/core';
import { readOptions } from '../options.js';
import { puzzlesOfRecipes } from './puzzles.js';

/** @import { Puzzles } from './puzzles.js' */

const values = readOptions(import.meta.url, {
  batches: { type: 'string', default: '500' },
  rounds: { type: 'string', default: '2' },
  'step-ms': { type: 'string', default: '20' },
});
const numBatches = Number(values.batches);
const stepMs = Number(values['step-ms']);
const GLOBAL_BATCH_SIZE = 768;
/** Made ahead, or with the engine: as in a training. */
const ON_THEIR_WAY = 4;
/** As the trainer has. */
const STEPS_IN_FLIGHT = 2;

let [collections, collectionMs] = [0, 0];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections += 1;
    collectionMs += duration;
  }
}).observe({ entryTypes: ['gc'] });

for (const puzzles of await puzzlesOfRecipes()) {
  const name = puzzles.name.padEnd(25);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const buffers of [undefined, new BatchBuffers()]) {
      const { ms, peakBytes } = await assemble(puzzles, buffers);
      console.log(
        `${name}${(buffers === undefined ? 'fresh arrays' : 'from a pool').padEnd(14)}` +
          `${(ms / numBatches).toFixed(2)} ms a batch  ${collections} collections, ` +
          `${collectionMs.toFixed(0)} ms  ${(peakBytes / 2 ** 20).toFixed(0)} MiB of arrays`,
      );
    }
  }
  const { idleMs, wallMs } = await train(puzzles);
  console.log(
    `${name}${`steps of ${stepMs} ms`.padEnd(14)}the engine waits ` +
      `${(idleMs / numBatches).toFixed(3)} ms a step, ${((100 * idleMs) / wallMs).toFixed(2)} % of the time`,
  );
}

/** @param {Puzzles} puzzles @param {BatchBuffers | undefined} buffers */
function batchesOf({ split, metadata, augmentation }, buffers) {
  return trainingBatches({
    split,
    metadata,
    globalBatchSize: GLOBAL_BATCH_SIZE,
    epochs: 2 * numBatches,
    random: randomStream(0),
    ...(buffers === undefined ? {} : { buffers }),
    ...(augmentation === undefined ? {} : { augmentation }),
  });
}

/** @param {Puzzles} puzzles @param {BatchBuffers | undefined} buffers */
async function assemble(puzzles, buffers) {
  const underWay = [];
  let [made, ms, peakBytes] = [0, 0, 0];
  await turn();
  [collections, collectionMs] = [0, 0];
  let started = performance.now();
  for (const batch of batchesOf(puzzles, buffers)) {
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

/**
 * The trainer's loop with a clock for an engine: it begins a step when it has one and the one before is over.
 * The first step is not counted.
 *
 * @param {Puzzles} puzzles
 */
async function train(puzzles) {
  const buffers = new BatchBuffers();
  const inFlight = [];
  let [sent, idleMs, freeAt, started] = [0, 0, 0, 0];
  for await (const batch of ahead(batchesOf(puzzles, buffers))) {
    const now = performance.now();
    if (sent === 0) started = now;
    else idleMs += Math.max(0, now - freeAt);
    freeAt = Math.max(now, freeAt) + stepMs;
    inFlight.push({ batch, doneAt: freeAt });
    sent += 1;
    if (sent > numBatches) break;
    if (inFlight.length < STEPS_IN_FLIGHT) continue;
    const oldest = inFlight.shift();
    if (oldest === undefined) continue;
    await turn(oldest.doneAt - performance.now());
    buffers.giveBack(oldest.batch);
  }
  return { idleMs, wallMs: performance.now() - started };
}

/** Lets the observer be called, and time pass. */
function turn(ms = 1) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
