/**
 * What a recipe's training step takes on an NVIDIA GPU that is not here, by XLA's own compiler:
 *
 *   pipeline engines install cuda13-compiler
 *   npm run bench:gpu -- [--size full-mlp,full-att,maze,arc] [--gpu h200] [--batch 768] [--rows 384,192]
 *     [--recompute] [--precision bf16-mixed] [--dump FOLDER]
 *
 * `arguments` is the state and a batch, `temporary` what one call takes on top. --rows are micro-batches of
 * the batch, by default all of it. With --dump, XLA writes what it made: `…after_optimizations.txt` is the
 * program, `…live-range.txt` ends with what is alive at the peak; and the operations are counted by kind.
 * Products are not autotuned, which takes the GPU itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';
import xlaCuda from '@eddy/engines/xla-cuda';
import { StepRunner } from '@eddy/core/training';

import { readOptions } from '../options.js';
import { partsOf } from '../step/engine-contenders.js';
import { FULL_SIZES } from '../step/sizes.js';

/** @import { Size } from '../step/sizes.js' */

const values = readOptions(import.meta.url, {
  size: { type: 'string', default: FULL_SIZES.map(({ name }) => name).join(',') },
  gpu: { type: 'string', default: 'h200' },
  batch: { type: 'string' },
  rows: { type: 'string' },
  recompute: { type: 'boolean', default: false },
  precision: { type: 'string', default: 'bf16-mixed' },
  dump: { type: 'string' },
});

const cacheFolder = process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');
const engine = await xlaCuda.create(
  xlaCuda.config.parse({
    target: values.gpu,
    precision: values.precision,
    ...(values.dump && { xlaFlags: `--xla_dump_to=${values.dump} --xla_dump_hlo_as_text` }),
  }),
  { cacheFolder },
);
console.log(engine.info.description);
console.log('size      batch   rows  recompute    TFLOP  arguments GB  temporary GB  compile s');
for (const size of FULL_SIZES.filter(({ name }) => values.size.split(',').includes(name))) {
  const batch = Number(values.batch ?? size.batchSize);
  for (const rows of values.rows?.split(',').map(Number) ?? [batch]) {
    const { name, stats } = await compile(size, batch, rows);
    const columns = [
      size.name.padEnd(8),
      String(batch).padStart(5),
      String(rows).padStart(5),
      (values.recompute ? 'yes' : 'no').padStart(9),
      (((stats.flops ?? Number.NaN) * (batch / rows)) / 1e12).toFixed(1).padStart(7),
      gigabytes(stats.argumentBytes).padStart(12),
      gigabytes(stats.temporaryBytes).padStart(12),
      (stats.compileMs / 1000).toFixed(1).padStart(9),
    ];
    console.log(columns.join('  '));
    if (values.dump !== undefined) countKinds(values.dump, name);
  }
}
await engine.dispose();

/**
 * The whole step, or the call for each of its micro-batches, which takes most.
 *
 * @param {Size} size
 * @param {number} globalBatchSize
 * @param {number} microBatchSize
 */
async function compile(size, globalBatchSize, microBatchSize) {
  const mixing = size.mixing ?? 'attention';
  const parts = await partsOf(size, mixing);
  const { recompute } = values;
  const sizes = { globalBatchSize, microBatchSize, seqLen: size.seqLen, recompute };
  const runner = await StepRunner.compile(engine, parts, sizes);
  const [executable] = /** @type {[import('@eddy/core').Executable]} */ (runner.executables);
  return executable;
}

/** @param {number | undefined} bytes */
function gigabytes(bytes) {
  return ((bytes ?? Number.NaN) / 1e9).toFixed(2);
}

/**
 * How often the entry computation of a program uses each kind of operation.
 *
 * @param {string} folder
 * @param {string} name
 */
function countKinds(folder, name) {
  const prefix = `.${name.replaceAll(/\W/g, '_')}.`;
  const file = readdirSync(folder)
    .filter((each) => each.includes(prefix) && each.endsWith('gpu_after_optimizations.txt'))
    .sort()
    .at(-1);
  if (file === undefined) throw new Error(`XLA wrote no program of ${name} to ${folder}`);
  const text = readFileSync(join(folder, file), 'utf8');
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const line of text.slice(text.indexOf('\nENTRY')).split('\n')) {
    const kind = /^\s+(?:ROOT )?%?[\w.-]+ = .*? ([a-z-]+)\(/.exec(line)?.[1];
    if (kind === undefined || /^(bitcast|constant|get-tuple-element|parameter)$/.test(kind))
      continue;
    const detail = /custom_call_target="([^"]+)"|"kind":"(\w+)"|kind=(\w+)/.exec(line);
    const label = [kind, ...(detail?.slice(1).filter((text) => text !== undefined) ?? [])].join(
      ' ',
    );
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  for (const [kind, count] of byCount) console.log(`${String(count).padStart(8)}  ${kind}`);
}
