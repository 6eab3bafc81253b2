/**
 * `npm run bench:step`: milliseconds per training step and GFLOP/s of every engine present and, where
 * PyTorch is importable, of an independent PyTorch version of the same step, in the same run.
 *
 *   --size small,medium,large  also full-mlp,full-att,maze,arc: the recipes' steps, for a GPU
 *   --batch 768   --peak h200   --torch-device cuda  the share of that GPU's bfloat16 peak
 *    --mixing mlp,attention   --rounds 5   --round-ms 1500
 *   --engine xla-cpu            only engines whose name begins so
 *   --precision bfloat16        only this one, on both sides
 *   --no-torch   --torch eager  only these variants       --json FILE
 */
import { writeFileSync } from 'node:fs';
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';

import { readOptions } from '../options.js';
import { findTorch } from '../torch/python.js';
import { timeInTurns } from './contender.js';
import { enginesFor, prepareStep } from './engine-contenders.js';
import { report } from './report.js';
import { FULL_SIZES, MIXINGS, SIZES, trainingFlops } from './sizes.js';
import { startTorch } from './torch-contenders.js';

/** @import { Engine } from '@eddy/core' */
/** @import { Contender } from './contender.js' */
/** @import { Mixing, Size } from './sizes.js' */

const values = readOptions(import.meta.url, {
  size: { type: 'string', default: SIZES.map(({ name }) => name).join(',') },
  mixing: { type: 'string', default: MIXINGS.join(',') },
  rounds: { type: 'string', default: '5' },
  'round-ms': { type: 'string', default: '1500' },
  engine: { type: 'string', default: '' },
  torch: { type: 'string', default: 'eager,compiled' },
  'no-torch': { type: 'boolean', default: false },
  json: { type: 'string' },
  batch: { type: 'string' },
  precision: { type: 'string', default: 'float32,bfloat16' },
  peak: { type: 'string' },
  'torch-device': { type: 'string', default: 'cpu' },
});
const effort = { rounds: Number(values.rounds), roundMs: Number(values['round-ms']) };
const settings = {
  cacheFolder: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'eddy'),
};

const found = values['no-torch'] ? { missing: 'PyTorch left out (--no-torch)' } : findTorch();
if ('missing' in found) console.log(found.missing);
const torch = 'python' in found ? startTorch(found.python, values['torch-device']) : undefined;
const peak = values.peak === undefined ? undefined : peakOf(values.peak);
console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`,
);

const results = [];
for (const known of [...SIZES, ...FULL_SIZES].filter(({ name }) => listed(values.size, name))) {
  const size = values.batch === undefined ? known : { ...known, batchSize: Number(values.batch) };
  const mixings = MIXINGS.filter((name) => listed(values.mixing, name));
  for (const mixing of size.mixing === undefined ? mixings : [size.mixing]) {
    results.push(await measure(size, mixing));
  }
}
torch?.stop();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

/**
 * @param {Size} size
 * @param {Mixing} mixing
 */
async function measure(size, mixing) {
  /** @type {Contender[]} */
  const contenders = [];
  /** @type {Engine[]} */
  const engines = [];
  for (const candidate of enginesFor(size, settings)) {
    if (!candidate.name.startsWith(values.engine)) continue;
    const precision = candidate.precision === 'float32' ? 'float32' : 'bfloat16';
    if (!listed(values.precision, precision)) continue;
    say(`preparing ${candidate.name}, ${size.name} ${mixing}`);
    try {
      const engine = await candidate.start();
      engines.push(engine);
      contenders.push(await prepareStep(engine, size, mixing, candidate.name));
    } catch (error) {
      console.log(`${candidate.name} left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  for (const variant of torch?.variants ?? []) {
    if (!listed(values.torch, variant.compiled ? 'compiled' : 'eager')) continue;
    if (!listed(values.precision, variant.dtype)) continue;
    say(`preparing torch ${JSON.stringify(variant)}, ${size.name} ${mixing}`);
    contenders.push(
      await /** @type {NonNullable<typeof torch>} */ (torch).prepare(size, mixing, variant),
    );
  }

  const times = await timeInTurns(contenders, effort);
  const { batchSize, hiddenSize, seqLen, puzzleLen } = size;
  const shape = `hidden ${hiddenSize}, batch ${batchSize}, sequence ${seqLen}+${puzzleLen}`;
  const title = `${size.name} ${mixing} (${shape})`;
  const rows = await report(title, times, trainingFlops(size, mixing), peak);

  for (const contender of contenders) await contender.dispose();
  for (const engine of engines) await engine.dispose();
  return { size, mixing, gflop: trainingFlops(size, mixing) / 1e9, rows };
}

/**
 * Dense bfloat16 peaks of NVIDIA's data sheets, in TFLOP/s.
 *
 * @param {string} name
 */
function peakOf(name) {
  const tflops = { a100: 312, h100: 989, h200: 989, b200: 2250, l40s: 362, rtx5090: 210 }[name];
  if (tflops === undefined) throw new Error(`--peak ${name}: unknown; name a100, h100, h200, …`);
  return { name, tflops };
}

/** Progress, apart from the results. @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {string} list @param {string} name */
function listed(list, name) {
  return list.split(',').includes(name);
}
