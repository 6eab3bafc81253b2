/**
 * `npm run bench:cost`: how step time and memory grow with width, batch, sequence, cycles, devices and recomputation
 * on XLA:CPU, from runs and from what `plan` says, as a table in Markdown.
 *
 * Time is compared with the products: the milliseconds of the first row of a table, times how many more
 * FLOPs the row has. Memory is compared with `stepBytes`, which `plan` and `microBatchSize: auto` go by,
 * on top of what the engine's process holds when it is idle.
 *
 *   --axis width,batch,sequence,lCycles,hCycles,devices,recompute   --mixing mlp   --steps 5   --json FILE
 */
import { writeFileSync } from 'node:fs';

import xlaCpu from '@eddy/engines/xla-cpu';
import { EvaluationRunner, initialState, stepBytes, StepRunner } from '@eddy/core/training';
import { randomStream } from '@eddy/core';
import { readSettings } from '@eddy/core/config';

import { readOptions } from '../options.js';
import { partsOf, randomBatch, startEngine } from '../step/engine-contenders.js';

/** @import { Mixing, Size } from '../step/sizes.js' */

const values = readOptions(import.meta.url, {
  axis: { type: 'string', default: 'width,batch,sequence,lCycles,hCycles,devices,recompute' },
  mixing: { type: 'string', default: 'mlp' },
  steps: { type: 'string', default: '5' },
  json: { type: 'string' },
});
const mixing = /** @type {Mixing} */ (values.mixing);
const settings = { cacheFolder: (await readSettings()).cacheFolder };

/** @type {Size} */
const BASE = {
  name: 'base',
  hiddenSize: 128,
  batchSize: 32,
  seqLen: 16,
  puzzleLen: 1,
  vocabSize: 11,
  hCycles: 3,
  lCycles: 6,
};
/**
 * What one row of a table is measured with.
 *
 * @typedef {object} Point
 * @property {Size} size
 * @property {number | 'all'} [devices]
 * @property {boolean} [recompute]
 */
/** @type {(field: keyof Size) => (value: any) => Point} */
const sized = (field) => (value) => ({ size: { ...BASE, [field]: value } });
/** @type {Record<string, { values: readonly (number | boolean)[], point: (value: any) => Point }>} */
const AXES = {
  width: { values: [64, 128, 256, 512], point: sized('hiddenSize') },
  batch: { values: [8, 16, 32, 64, 128], point: sized('batchSize') },
  sequence: { values: [16, 36, 81, 144], point: sized('seqLen') },
  lCycles: { values: [2, 4, 6, 12], point: sized('lCycles') },
  hCycles: { values: [1, 2, 3, 6], point: sized('hCycles') },
  devices: { values: [1, 2], point: (devices) => ({ size: BASE, devices }) },
  recompute: { values: [false, true], point: (recompute) => ({ size: BASE, recompute }) },
};

const results = [];
for (const [axis, { values: points, point }] of Object.entries(AXES)) {
  if (!values.axis.split(',').includes(axis)) continue;
  console.log(
    `\n| ${axis} | step ms | by FLOPs | parts | evaluation step ms | of a forward pass |`,
  );
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
  const rows = [];
  for (const value of points) {
    const row = await measure(point(value));
    rows.push(row);
    const [first = row] = rows;
    const planned = (first.stepMs * row.flops) / first.flops;
    console.log(
      `| ${value} | ${row.stepMs.toFixed(0)} | ${planned.toFixed(0)} | ${(row.stepMs / planned).toFixed(2)} | ` +
        `${row.evaluationMs.toFixed(0)} | ${row.ofForward.toFixed(2)} |`,
    );
  }
  results.push({ axis, points, rows });
}
for (const { axis, points, rows } of results) {
  console.log(`\n| ${axis} | memory of the engine MiB | planned MiB | parts |`);
  console.log('| ---: | ---: | ---: | ---: |');
  for (const [i, { peakBytes, plannedBytes }] of rows.entries()) {
    const mebibytes = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(0);
    const parts = (peakBytes / plannedBytes).toFixed(2);
    console.log(
      `| ${points[i]} | ${mebibytes(peakBytes)} | ${mebibytes(plannedBytes)} | ${parts} |`,
    );
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

/** One point, in an engine of its own, whose peak of memory is this point's. @param {Point} point */
async function measure(point) {
  await compileOnly(point);
  const { size, recompute = false } = point;
  const engine = await startEngine(xlaCpu, 'bf16-mixed', settings, point.devices);
  try {
    const parts = await partsOf(size, mixing);
    const { batchSize, seqLen } = size;
    const sizes = { globalBatchSize: batchSize, microBatchSize: batchSize, seqLen, recompute };
    const random = randomStream(0);
    const idle = await engine.memory();
    const runner = await StepRunner.compile(engine, parts, sizes);
    const state = await engine.upload(initialState(parts, sizes, random));
    const train = (/** @type {number} */ step) => {
      const batch = randomBatch(size, step);
      return runner.run(state, { batch, step, totalSteps: 1000, random });
    };
    const stepMs = await bestMs(train);
    const { peakBytes = 0 } = await engine.memory();
    const evaluation = await EvaluationRunner.compile(
      engine,
      parts.model,
      { batchSize, seqLen },
      { outputs: ['preds'] },
    );
    await evaluation.open(state);
    const rows = { ...randomBatch(size, 1), firstExample: 0, ratings: null };
    const evaluate = () => evaluation.run(state, rows, { averaged: true });
    const evaluationMs = (await bestMs(evaluate)) / parts.model.maxSteps;
    return {
      stepMs,
      evaluationMs,
      ofForward: evaluationMs / (stepMs * forwardPart(size)),
      flops: (runner.executables[0]?.stats.flops ?? Number.NaN) * engine.info.devices,
      peakBytes,
      plannedBytes: (idle.bytesInUse ?? 0) + stepBytes(engine.info, runner),
    };
  } finally {
    await engine.dispose();
  }
}

/** Into the cache: compiling takes memory that a step does not. @param {Point} point */
async function compileOnly({ size, devices, recompute = false }) {
  const engine = await startEngine(xlaCpu, 'bf16-mixed', settings, devices);
  try {
    const { batchSize, seqLen } = size;
    const sizes = { globalBatchSize: batchSize, microBatchSize: batchSize, seqLen, recompute };
    await StepRunner.compile(engine, await partsOf(size, mixing), sizes);
  } finally {
    await engine.dispose();
  }
}

/** Of a training step, in calls of the network: the last H cycle is done three times, backwards too. */
function forwardPart({ hCycles = 1 }) {
  return hCycles / (hCycles + 2);
}

/** @param {(step: number) => Promise<unknown>} run */
async function bestMs(run) {
  let best = Number.POSITIVE_INFINITY;
  for (let step = 1; step <= 1 + Number(values.steps); step++) {
    const start = performance.now();
    await run(step);
    if (step > 1) best = Math.min(best, performance.now() - start);
  }
  return best;
}
