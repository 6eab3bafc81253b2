/**
 * `npm run bench:start`: how long until something happens. Wall time of `pipeline --help`, and from the
 * command to the first training step, which is sent to the engine but not waited for: cold (nothing
 * built, nothing compiled; the engine is installed) and warm (a second time).
 *
 *   EDDY_DATA    folder of puzzle files (else ../shared/data), for the full recipe
 *   EDDY_CACHE   where the engine is installed, as everywhere
 *
 *   --rounds 3   --full  also the full recipe sudoku-trm-mlp   --json FILE
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { readSettings } from '@eddy/core/config';

import { readOptions } from '../options.js';
import { runMeasured } from '../process.js';

const values = readOptions(import.meta.url, {
  rounds: { type: 'string', default: '3' },
  full: { type: 'boolean', default: false },
  json: { type: 'string' },
});
const rounds = Number(values.rounds);
const pipeline = fileURLToPath(new URL('../../packages/cli/bin/pipeline.js', import.meta.url));
const engines = join((await readSettings()).cacheFolder, 'engines');
const scratch = mkdtempSync(join(tmpdir(), 'eddy-bench-start-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
/** @type {Record<string, number>} */
const results = {};
await best('node, empty program', rounds, () => wallTime(['-e', '0']));
await best('pipeline --help', rounds, () => wallTime([pipeline, '--help']), 200);
await best('pipeline validate sudoku-4x4', rounds, () =>
  wallTime([pipeline, 'validate', 'sudoku-4x4']),
);
if (existsSync(engines)) await firstSteps();
else console.log(`first steps skipped: no engine in ${engines}; pipeline engines install xla-cpu`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

async function firstSteps() {
  await coldAndWarm('sudoku-4x4', [], rounds);
  if (!values.full) return;
  const csv = resolve(process.env['EDDY_DATA'] ?? '../shared/data', 'sudoku/train.csv');
  if (!existsSync(csv)) return console.log(`full recipe skipped: no ${csv}; set EDDY_DATA`);
  await coldAndWarm('sudoku-trm-mlp', [`build.dataset.source.csv.train=${csv}`], rounds);
}

/** @param {string} recipe @param {string[]} overrides @param {number} times */
async function coldAndWarm(recipe, overrides, times) {
  await best(
    `first step of ${recipe}, cold`,
    times,
    () => firstStep(recipe, overrides, newCache()),
    20_000,
  );
  const cache = newCache();
  await firstStep(recipe, overrides, cache);
  await best(
    `first step of ${recipe}, warm`,
    times,
    () => firstStep(recipe, overrides, cache),
    3000,
  );
}

/** A cache folder with the engines and nothing else. */
function newCache() {
  const folder = mkdtempSync(join(scratch, 'cache-'));
  symlinkSync(engines, join(folder, 'engines'));
  return folder;
}

/** @param {string[]} args */
async function wallTime(args) {
  return (await runMeasured([process.execPath, ...args])).ms;
}

/**
 * Milliseconds from the command to the event that says that the first step is sent; then the run is
 * killed.
 *
 * @param {string} recipe @param {string[]} overrides @param {string} cache
 */
async function firstStep(recipe, overrides, cache) {
  const folder = mkdtempSync(join(scratch, 'run-'));
  mkdirSync(folder, { recursive: true });
  const args = ['run', recipe, ...overrides, '--until', 'train', '--json'];
  const started = performance.now();
  const child = spawn(process.execPath, [pipeline, ...args], {
    cwd: folder,
    env: { ...process.env, EDDY_CACHE: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise((done) => child.once('close', done));
  let ms = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"type":"training-started"')) continue;
    ms = performance.now() - started;
    child.kill('SIGKILL');
  }
  await closed;
  if (Number.isNaN(ms)) throw new Error(`${recipe} ended before its first step`);
  return ms;
}

/**
 * @param {string} name
 * @param {number} times
 * @param {() => Promise<number>} measure  milliseconds
 * @param {number} [goalMs]
 */
async function best(name, times, measure, goalMs) {
  /** @type {number[]} */
  const all = [];
  for (let i = 0; i < times; i++) all.push(await measure());
  const ms = Math.min(...all);
  results[name] = ms;
  const goal = goalMs === undefined ? '' : `   ratio ${(goalMs / ms).toFixed(2)} of ${goalMs} ms`;
  console.log(`${name.padEnd(38)}${ms.toFixed(0).padStart(8)} ms${goal}`);
}
