/**
 * `npm run bench:hosts`: one training step on one core, and on two hosts of a core each, in turns: of the
 * whole batch in one call, and in micro-batches.
 *
 *   --size small,medium   --mixing mlp,attention   --calls 1,4   --rounds 5   --round-ms 1500
 *
 * The hosts are processes of this machine, so that the exchange goes over its loopback: what is measured is
 * cutting the step in parts, and the way of the gradients through rank 0, without a network.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';

import { followHosts, leadHosts } from '@eddy/engines/hosts';
import xlaCpu from '@eddy/engines/xla-cpu';

import { readOptions } from '../options.js';
import { median, timeInTurns } from '../step/contender.js';
import { prepareStep } from '../step/engine-contenders.js';
import { MIXINGS, SIZES } from '../step/sizes.js';

/** @import { Engine } from '@eddy/core' */
/** @import { Mixing, Size } from '../step/sizes.js' */

const values = readOptions(import.meta.url, {
  size: { type: 'string', default: 'small,medium' },
  mixing: { type: 'string', default: MIXINGS.join(',') },
  calls: { type: 'string', default: '1,4' },
  rounds: { type: 'string', default: '5' },
  'round-ms': { type: 'string', default: '1500' },
  follow: { type: 'boolean', default: false },
});
const SIZE = 2;
const coordinator = '127.0.0.1:61440';
const cacheFolder = process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');
const say = (/** @type {string} */ text) => console.log(text);
const services = { cacheFolder, offline: false, say };

if (values.follow) await followHosts({ rank: 1, size: SIZE, coordinator }, services);
else await measureAll();

async function measureAll() {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  const alone = await engineOnCore0();
  const hosts = await leadHosts({ rank: 0, size: SIZE, coordinator }, services);
  const script = new URL(import.meta.url).pathname;
  const other = spawn('taskset', ['-c', '1', process.execPath, script, '--follow'], {
    stdio: 'inherit',
  });
  const together = await engineOnCore0();
  for (const size of SIZES.filter(({ name }) => values.size.split(',').includes(name))) {
    for (const mixing of MIXINGS.filter((name) => values.mixing.split(',').includes(name))) {
      for (const calls of callsFor(size)) await measure(alone, together, size, mixing, calls);
    }
  }
  await Promise.all([alone.dispose(), together.dispose()]);
  await hosts.close();
  await new Promise((resolve) => other.once('exit', resolve));
}

/** Micro-batches of which each host has a row at least. @param {Size} size */
function callsFor({ batchSize }) {
  return values.calls
    .split(',')
    .map(Number)
    .filter((calls) => batchSize % (SIZE * calls) === 0);
}

/**
 * @param {Engine} alone
 * @param {Engine} together
 * @param {Size} size
 * @param {Mixing} mixing
 * @param {number} calls
 */
async function measure(alone, together, size, mixing, calls) {
  const contenders = [
    await prepareStep(alone, size, mixing, 'one', calls),
    await prepareStep(together, size, mixing, 'two hosts', calls),
  ];
  const effort = { rounds: Number(values.rounds), roundMs: Number(values['round-ms']) };
  const times = await timeInTurns(contenders, effort);
  const [one = [], two = []] = contenders.map((contender) => times.get(contender) ?? []);
  const speedUp = Math.min(...one) / Math.min(...two);
  console.log(
    `${size.name} ${mixing}, batch ${size.batchSize} in ${calls}: ` +
      `one ${Math.min(...one).toFixed(1)} ms (median ${median(one).toFixed(1)}), ` +
      `two hosts ${Math.min(...two).toFixed(1)} ms (median ${median(two).toFixed(1)}), ` +
      `speed-up ${speedUp.toFixed(2)}, ratio to ideal ${(speedUp / SIZE).toFixed(2)}`,
  );
  for (const contender of contenders) await contender.dispose();
}

/** Its process here on the first core; that of another host is where its parent is. */
async function engineOnCore0() {
  const config = xlaCpu.config.parse({ precision: 'float32', threads: 1 });
  const { signal } = new AbortController();
  const own = { cacheFolder, offline: false, notify: console.log, signal };
  const engine = await xlaCpu.create(config, own);
  const { pid } = /** @type {{ pid?: number }} */ (/** @type {unknown} */ (engine));
  execFileSync('taskset', ['-apc', '0', String(pid)]);
  return engine;
}
