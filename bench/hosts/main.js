/**
 * `npm run bench:hosts`: one training step in one process with one device, and over ranks of this machine under
 * `mpirun`, each with one device: the whole batch in one call, and in micro-batches.
 *
 *   --size small   --mixing mlp,attention   --calls 1,4   --ranks 2,4   --rounds 5   --round-ms 1500
 *
 * `mpirun` is that of the PATH, or `--mpirun PATH`. With fewer cores than ranks a rank has a part of a core, and the
 * ideal speed-up is the number of cores.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, homedir } from 'node:os';
import { join } from 'node:path';

import { launchOf, withHosts } from '@eddy/engines/hosts';
import xlaCpu from '@eddy/engines/xla-cpu';

import { readOptions } from '../options.js';
import { median, timeInTurns } from '../step/contender.js';
import { prepareStep } from '../step/engine-contenders.js';
import { MIXINGS, SIZES } from '../step/sizes.js';

/** @import { Size } from '../step/sizes.js' */

const values = readOptions(import.meta.url, {
  size: { type: 'string', default: 'small' },
  mixing: { type: 'string', default: MIXINGS.join(',') },
  calls: { type: 'string', default: '1,4' },
  ranks: { type: 'string', default: '2,4' },
  rounds: { type: 'string', default: '5' },
  'round-ms': { type: 'string', default: '1500' },
  mpirun: { type: 'string', default: 'mpirun' },
  'mpirun-options': { type: 'string', default: '' },
  measure: { type: 'boolean', default: false },
});
const cacheFolder = process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');
const RESULT = 'result ';

if (values.measure) await measureHere();
else measureAll();

function measureAll() {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  const one = timesOf([process.execPath]);
  for (const ranks of values.ranks.split(',').map(Number)) {
    const options = values['mpirun-options'].split(' ').filter((option) => option !== '');
    const times = timesOf([values.mpirun, ...options, '-n', `${ranks}`, process.execPath]);
    const ideal = Math.min(ranks, availableParallelism());
    for (const [name, { best, middle }] of Object.entries(times)) {
      const alone = one[name];
      if (alone === undefined) continue;
      const speedUp = alone.best / best;
      console.log(
        `${name}: one ${alone.best.toFixed(1)} ms (median ${alone.middle.toFixed(1)}), ` +
          `${ranks} ranks ${best.toFixed(1)} ms (median ${middle.toFixed(1)}), ` +
          `speed-up ${speedUp.toFixed(2)}, ratio to ideal ${(speedUp / ideal).toFixed(2)}`,
      );
    }
  }
}

/**
 * @param {readonly string[]} command  that starts Node
 * @returns {Record<string, { best: number, middle: number }>}
 */
function timesOf([program = '', ...args]) {
  const script = new URL(import.meta.url).pathname;
  const own = process.argv.slice(2);
  const run = spawnSync(program, [...args, script, ...own, '--measure'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (run.error !== undefined) throw run.error;
  const lines = run.stdout.split('\n').filter((line) => line.startsWith(RESULT));
  return Object.fromEntries(lines.map((line) => JSON.parse(line.slice(RESULT.length))));
}

/** As one process, or as a rank. */
async function measureHere() {
  const launch = launchOf(process.env);
  const notify = () => undefined;
  const report = (/** @type {unknown} */ error) => {
    console.error(error);
  };
  const services = { cacheFolder, offline: false, notify, report };
  process.exitCode = launch === null ? await measure() : await withHosts(launch, services, measure);
}

async function measure() {
  const config = xlaCpu.config.parse({ precision: 'float32', devices: 1, threads: 1 });
  const { signal } = new AbortController();
  const engine = await xlaCpu.create(config, { cacheFolder, offline: false, notify: () => undefined, signal }); // prettier-ignore
  const ranks = engine.info.hosts ?? 1;
  const effort = { rounds: Number(values.rounds), roundMs: Number(values['round-ms']) };
  for (const size of SIZES.filter(({ name }) => values.size.split(',').includes(name))) {
    for (const mixing of MIXINGS.filter((name) => values.mixing.split(',').includes(name))) {
      for (const calls of callsFor(size, ranks)) {
        const name = `${size.name} ${mixing}, batch ${size.batchSize} in ${calls}`;
        const contender = await prepareStep(engine, size, mixing, name, calls);
        const times = (await timeInTurns([contender], effort)).get(contender) ?? [];
        const result = { best: Math.min(...times), middle: median(times) };
        console.log(`${RESULT}${JSON.stringify([name, result])}`);
        await contender.dispose();
      }
    }
  }
  await engine.dispose();
  return 0;
}

/** Micro-batches of which each rank has a row at least. @param {Size} size @param {number} ranks */
function callsFor({ batchSize }, ranks) {
  return values.calls
    .split(',')
    .map(Number)
    .filter((calls) => batchSize % (ranks * calls) === 0);
}
