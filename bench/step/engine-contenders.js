/** Eddy's own steps: the same model, optimizers and average on each engine present. */
import adamAtan2 from '@eddy/optimizers/adam-atan2';
import ema from '@eddy/optimizers/ema';
import signSgd from '@eddy/optimizers/sign-sgd';
import trm from '@eddy/models/trm';
import tensorflow from '@eddy/engines/tensorflow';
import wasm from '@eddy/engines/wasm';
import xlaCpu from '@eddy/engines/xla-cpu';
import xlaCuda from '@eddy/engines/xla-cuda';
import { initialScratch, initialState, StepRunner } from '@eddy/core/training';
import { randomStream } from '@eddy/core';

import { EXPANSION, H_CYCLES, L_CYCLES, NUM_HEADS, NUM_LAYERS } from './sizes.js';

/** @import { Engine } from '@eddy/core' */
/** @import { Contender } from './contender.js' */
/** @import { Mixing, Size } from './sizes.js' */

const WARM_UP_STEPS = 2;
const TOTAL_STEPS = 65_104;

/** Where each engine runs, and at which sizes, all where none are named; eager wasm takes minutes for a step. */
const ENGINES = [
  { plugin: xlaCuda, precision: 'float32' },
  { plugin: xlaCuda, precision: 'bf16-mixed' },
  { plugin: xlaCpu, precision: 'float32', sizes: ['small', 'medium', 'large'] },
  { plugin: xlaCpu, precision: 'bf16-mixed', sizes: ['small', 'medium', 'large'] },
  { plugin: tensorflow, precision: 'float32', sizes: ['small', 'medium', 'large'] },
  { plugin: wasm, precision: 'float32', sizes: ['small'] },
];

/**
 * @param {Size} size
 * @param {{ cacheFolder: string }} settings
 */
export function enginesFor(size, settings) {
  return ENGINES.filter(({ sizes }) => sizes === undefined || sizes.includes(size.name)).map(
    ({ plugin, precision }) => ({
      name: `${plugin.name} ${precision}`,
      precision,
      start: () => startEngine(plugin, precision, settings),
    }),
  );
}

/**
 * @param {any} plugin
 * @param {string} precision
 * @param {{ cacheFolder: string }} settings
 * @param {number | 'all'} [devices]  the engine's own default without
 * @returns {Promise<Engine>}
 */
export async function startEngine(plugin, precision, settings, devices) {
  const options = {
    ...(devices !== undefined && { devices }),
    ...('precision' in plugin.config.shape && { precision }),
    // PyTorch is on the same card, in the same run.
    ...('preallocate' in plugin.config.shape && { preallocate: false }),
  };
  return plugin.create(plugin.config.parse(options), {
    cacheFolder: settings.cacheFolder,
    offline: false,
    /** @param {string} level @param {string} text */
    notify: (level, text) => console.log(`${level}: ${text}`),
    signal: new AbortController().signal,
  });
}

/**
 * @param {Engine} engine
 * @param {Size} size
 * @param {Mixing} mixing
 * @param {string} name
 * @param {number} [calls]  micro-batches of a step
 * @returns {Promise<Contender>}
 */
export async function prepareStep(engine, size, mixing, name, calls = 1) {
  const started = performance.now();
  const parts = await partsOf(size, mixing);
  const { batchSize, seqLen } = size;
  const sizes = { globalBatchSize: batchSize, microBatchSize: batchSize / calls, seqLen };
  const random = randomStream(0);
  const runner = await StepRunner.compile(engine, parts, sizes);
  const state = await engine.upload({
    ...initialState(parts, sizes, random),
    ...initialScratch(parts, sizes),
  });

  let step = 0;
  async function runStep() {
    step += 1;
    const batch = randomBatch(size, step);
    const start = performance.now();
    await runner.run(state, { batch, step, totalSteps: TOTAL_STEPS, random });
    return performance.now() - start;
  }
  for (let i = 0; i < WARM_UP_STEPS; i++) await runStep();

  return {
    name,
    side: 'ours',
    precision: engine.info.precision === 'float32' ? 'float32' : 'bfloat16',
    prepareMs: performance.now() - started,
    peakBytes: async () => (await engine.memory()).peakBytes,
    async time(steps) {
      const ms = [];
      for (let i = 0; i < steps; i++) ms.push(await runStep());
      return ms;
    },
    async dispose() {
      await state.dispose();
      await runner.dispose();
    },
  };
}

/**
 * @param {Size} size
 * @param {Mixing} mixing
 */
export async function partsOf(size, mixing) {
  const { hiddenSize, seqLen, puzzleLen, vocabSize, hCycles = H_CYCLES, lCycles = L_CYCLES } = size;
  const grid = { rows: Math.sqrt(seqLen), cols: Math.sqrt(seqLen) };
  const datasetShape = {
    vocabSize,
    seqLen,
    numPuzzleIdentifiers: size.puzzles ?? 1,
    grid,
    task: 'sudoku',
  };
  const options = {
    hiddenSize,
    numHeads: NUM_HEADS,
    numLayers: NUM_LAYERS,
    hCycles,
    lCycles,
    expansion: EXPANSION,
    mlpT: mixing === 'mlp',
    positionEncoding: mixing === 'mlp' ? 'none' : 'rope',
    puzzleEmbeddingLength: puzzleLen,
  };
  /** @param {any} plugin @param {object} config */
  const make = async (plugin, config) =>
    plugin.create(plugin.config.parse(config), { dataset: datasetShape, datasetShape });
  return {
    model: await make(trm, options),
    optimizer: await make(adamAtan2, { learningRate: 1e-4, weightDecay: 1, warmupSteps: 2000 }),
    rowOptimizer: await make(signSgd, { learningRate: 1e-4, weightDecay: 1, warmupSteps: 2000 }),
    averager: await make(ema, { rate: 0.999 }),
  };
}

/**
 * @param {Size} size
 * @param {number} step
 */
export function randomBatch({ batchSize, seqLen, vocabSize, puzzles = 1 }, step) {
  const random = randomStream(0).stream('batch', step);
  const tokens = () =>
    Int32Array.from({ length: batchSize * seqLen }, () => 1 + random.integer(vocabSize - 1));
  return {
    inputs: tokens(),
    labels: tokens(),
    puzzleIdentifiers: Int32Array.from({ length: batchSize }, () => random.integer(puzzles)),
    count: batchSize,
  };
}
