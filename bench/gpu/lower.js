/**
 * Writes the StableHLO of a training step as an NVIDIA GPU gets it, without one:
 *
 *   node bench/gpu/lower.js full-att FOLDER [batch]
 *
 * `compile_for.py` compiles it for a GPU that is not there.
 */
import { StepRunner } from '@eddy/core';
import { compilerTraits, lowerProgram } from '@eddy/engines/testing';

import { partsOf } from '../step/engine-contenders.js';
import { FULL_SIZES } from '../step/sizes.js';

/** @import { Engine, Program } from '@eddy/core' */

const [name, folder, batch] = process.argv.slice(2);
const size = FULL_SIZES.find((known) => known.name === name);
if (size?.mixing === undefined || folder === undefined) {
  const names = FULL_SIZES.map((known) => known.name).join(' | ');
  throw new Error(`usage: node bench/gpu/lower.js ${names} FOLDER [batch]`);
}
process.env['EDDY_DUMP_STABLEHLO'] = folder;
const batchSize = batch === undefined ? size.batchSize : Number(batch);
const sizes = { globalBatchSize: batchSize, microBatchSize: batchSize, seqLen: size.seqLen };

const lowering = {
  /** @param {Program} program */
  compile(program) {
    const traits = compilerTraits('cuda', 'compiler');
    const { flops } = lowerProgram(program, { precision: 'bf16-mixed', ...traits });
    console.log(`${folder}/${program.name}.mlir: ${(flops / 1e12).toFixed(2)} TFLOP`);
  },
};
const engine = /** @type {Engine} */ (/** @type {unknown} */ (lowering));
await StepRunner.compile(engine, await partsOf(size, size.mixing), sizes);
