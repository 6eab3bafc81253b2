/**
 * `npm run bench:devices`: one training step on 1, 2 and 4 devices of the CPU engine, in turns: of the whole
 * batch in one call, and in micro-batches.
 *
 *   --size small,medium   --mixing mlp,attention   --devices 1,2,4   --calls 1,4   --precision float32
 *   --rounds 5   --round-ms 1500
 *
 * Two tables. On all cores: what cutting a batch and exchanging gradients costs on the same processor.
 * On a core a device, where there are as many: how much faster more processors make a step.
 */
import { execFileSync } from 'node:child_process';
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';

import xlaCpu from '@eddy/engines/xla-cpu';

import { readOptions } from '../options.js';
import { median, timeInTurns } from '../step/contender.js';
import { prepareStep, startEngine } from '../step/engine-contenders.js';
import { MIXINGS, SIZES } from '../step/sizes.js';

/** @import { Contender } from '../step/contender.js' */
/** @import { Mixing, Size } from '../step/sizes.js' */

const values = readOptions(import.meta.url, {
  size: { type: 'string', default: 'small,medium' },
  mixing: { type: 'string', default: MIXINGS.join(',') },
  devices: { type: 'string', default: '1,2,4' },
  calls: { type: 'string', default: '1,4' },
  precision: { type: 'string', default: 'float32' },
  rounds: { type: 'string', default: '5' },
  'round-ms': { type: 'string', default: '1500' },
});
const effort = { rounds: Number(values.rounds), roundMs: Number(values['round-ms']) };
const counts = values.devices.split(',').map(Number);
const cacheFolder = process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');
const cores = cpus().length;
console.log(`${cores} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);

for (const size of SIZES.filter(({ name }) => values.size.split(',').includes(name))) {
  for (const mixing of MIXINGS.filter((name) => values.mixing.split(',').includes(name))) {
    for (const calls of values.calls.split(',').map(Number)) {
      const shared = counts.filter((count) => size.batchSize % (count * calls) === 0);
      await measure(size, mixing, calls, 'all cores', shared, () => cores);
      const countsOfCores = shared.filter((count) => count <= cores);
      await measure(size, mixing, calls, 'a core a device', countsOfCores, (devices) => devices);
    }
  }
}

/**
 * @param {Size} size
 * @param {Mixing} mixing
 * @param {number} calls
 * @param {string} where
 * @param {readonly number[]} deviceCounts
 * @param {(devices: number) => number} coresFor
 */
async function measure(size, mixing, calls, where, deviceCounts, coresFor) {
  /** @type {Map<Contender, { devices: number, cores: number }>} */
  const contenders = new Map();
  const engines = [];
  for (const devices of deviceCounts) {
    const engine = await startEngine(xlaCpu, values.precision, { cacheFolder }, devices);
    engines.push(engine);
    const used = coresFor(devices);
    // All threads that the process has, and those that it starts later.
    const { pid } = /** @type {{ pid?: number }} */ (/** @type {unknown} */ (engine));
    execFileSync('taskset', ['-apc', `0-${used - 1}`, String(pid)]);
    const contender = await prepareStep(engine, size, mixing, `${devices} on ${used} cores`, calls);
    contenders.set(contender, { devices, cores: used });
  }
  const times = await timeInTurns([...contenders.keys()], effort);
  const what = `${size.name} ${mixing}, ${values.precision}, batch ${size.batchSize} in ${calls}`;
  console.log(`\n${what}, ${where}`);
  let alone = NaN;
  for (const [contender, { devices, cores: used }] of contenders) {
    const ms = times.get(contender) ?? [];
    const best = Math.min(...ms);
    if (devices === 1) alone = best;
    const speedUp = alone / best;
    const ideal = coresFor(devices) / coresFor(1);
    console.log(
      `${String(devices).padStart(2)} devices, ${used} cores  best ${best.toFixed(1)} ms  ` +
        `median ${median(ms).toFixed(1)} ms  speed-up ${speedUp.toFixed(2)}  ` +
        `ratio to ideal ${(speedUp / ideal).toFixed(2)}`,
    );
  }
  for (const contender of contenders.keys()) await contender.dispose();
  for (const engine of engines) await engine.dispose();
}
