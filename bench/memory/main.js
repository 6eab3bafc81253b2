/**
 * Memory and time of a training step with and without recomputation, at several micro-batches.
 *
 *   npm run bench:memory -- [--size small,medium,large] [--mixing mlp,attention] [--rows 8,16]
 *     [--precision bf16-mixed,float32] [--devices 1] [--ms 2000]
 *
 * `temporary` is what the compiler will allocate for one call on one device; `state` and its accumulators come on
 * top. Without --rows, the micro-batch is the batch of the size.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import xlaCpu from '@eddy/engines/xla-cpu';
import { initialState, StepRunner } from '@eddy/core/training';
import { randomStream } from '@eddy/core';

import { readOptions } from '../options.js';
import { partsOf, randomBatch, startEngine } from '../step/engine-contenders.js';
import { MIXINGS, SIZES } from '../step/sizes.js';

/** @import { Engine } from '@eddy/core' */
/** @import { Mixing, Size } from '../step/sizes.js' */

const MIB = 2 ** 20;
const WARM_UP_STEPS = 2;

const values = readOptions(import.meta.url, {
  size: { type: 'string', default: SIZES.map(({ name }) => name).join(',') },
  mixing: { type: 'string', default: MIXINGS.join(',') },
  rows: { type: 'string' },
  precision: { type: 'string', default: 'bf16-mixed' },
  /** The engine's own default without: one for each core. */
  devices: { type: 'string' },
  /** Of timed steps; 0 only compiles. */
  ms: { type: 'string', default: '2000' },
});

const devices = values.devices === undefined ? undefined : Number(values.devices);
const cacheFolder = process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');
console.log('size      mixing      precision   rows  recompute  temporary MiB  compile s  best ms');
for (const precision of values.precision.split(',')) {
  const engine = await startEngine(xlaCpu, precision, { cacheFolder }, devices);
  for (const size of SIZES.filter(({ name }) => values.size.split(',').includes(name))) {
    const rowCounts = values.rows?.split(',').map(Number) ?? [size.batchSize];
    for (const mixing of MIXINGS.filter((name) => values.mixing.split(',').includes(name))) {
      for (const batchSize of rowCounts) {
        for (const recompute of [false, true]) {
          const figures = await measure(engine, { ...size, batchSize }, mixing, recompute);
          const columns = [
            size.name.padEnd(8),
            mixing.padEnd(10),
            precision.padEnd(10),
            String(batchSize).padStart(4),
            (recompute ? 'yes' : 'no').padStart(9),
            (figures.temporaryBytes / MIB).toFixed(0).padStart(13),
            (figures.compileMs / 1000).toFixed(1).padStart(9),
            (Number.isNaN(figures.bestMs) ? '–' : figures.bestMs.toFixed(0)).padStart(7),
          ];
          console.log(columns.join('  '));
        }
      }
    }
  }
  await engine.dispose();
}

/**
 * @param {Engine} engine
 * @param {Size} size
 * @param {Mixing} mixing
 * @param {boolean} recompute
 */
async function measure(engine, size, mixing, recompute) {
  const { batchSize, seqLen } = size;
  const parts = await partsOf(size, mixing);
  const sizes = { globalBatchSize: batchSize, microBatchSize: batchSize, seqLen, recompute };
  const runner = await StepRunner.compile(engine, parts, sizes);
  const [{ stats }] = /** @type {[import('@eddy/core').Executable]} */ (runner.executables);
  let bestMs = Number.NaN;
  const limitMs = Number(values.ms);
  if (limitMs > 0) {
    const random = randomStream(0);
    const state = await engine.upload(initialState(parts, sizes, random));
    bestMs = Number.POSITIVE_INFINITY;
    const started = performance.now();
    for (let step = 1; step <= WARM_UP_STEPS + 1 || performance.now() - started < limitMs; step++) {
      const batch = randomBatch(size, step);
      const start = performance.now();
      await runner.run(state, { batch, step, totalSteps: 1000, random });
      if (step > WARM_UP_STEPS) bestMs = Math.min(bestMs, performance.now() - start);
    }
    await state.dispose();
  }
  await runner.dispose();
  return { temporaryBytes: stats.temporaryBytes ?? Number.NaN, compileMs: stats.compileMs, bestMs };
}
