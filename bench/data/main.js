/**
 * `npm run bench:data`: seconds and peak memory of building datasets, by `pipeline run` and by the
 * builders of the Python reference, in turns in one run, from files that were read just before: the
 * builder's work, after its interpreter and modules have been loaded (ours from the start of the run, with what
 * it loads later), and the whole command.
 *
 *   EDDY_REFERENCE  a checkout of SamsungSAILMontreal/TinyRecursiveModels
 *   EDDY_PYTHON     a Python with argdantic, pydantic, numpy, tqdm, huggingface_hub
 *   EDDY_DATA       folder of puzzle files (else ../shared/data)
 *
 *   --case sudoku,maze,arc   --rounds 3   --sudoku-versions 100   --arc-versions 20   --maze-copies 20
 *   --no-reference           --json FILE
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readOptions } from '../options.js';
import { runMeasured } from '../process.js';
import { casesOf } from './cases.js';

/** @import { Case } from './cases.js' */

/**
 * @typedef {object} Built
 * @property {number} workMs
 * @property {number} ms  whole command
 * @property {number} peakBytes
 */

const values = readOptions(import.meta.url, {
  case: { type: 'string', default: 'sudoku,maze,arc' },
  rounds: { type: 'string', default: '3' },
  'sudoku-versions': { type: 'string', default: '100' },
  'arc-versions': { type: 'string', default: '20' },
  'maze-copies': { type: 'string', default: '20' },
  'no-reference': { type: 'boolean', default: false },
  json: { type: 'string' },
});
const data = resolve(process.env['EDDY_DATA'] ?? '../shared/data');
const python = process.env['EDDY_PYTHON'] ?? 'python3';
const reference = findReference();
const here = fileURLToPath(new URL('.', import.meta.url));
const pipelineCommand = join(here, '../../packages/cli/bin/pipeline.js');

const scratch = mkdtempSync(join(tmpdir(), 'eddy-bench-data-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

if ('missing' in reference) console.log(`Only ours is timed: ${reference.missing}`);
console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
const results = [];
const cases = casesOf({
  sudokuVersions: Number(values['sudoku-versions']),
  arcVersions: Number(values['arc-versions']),
  mazeCopies: Number(values['maze-copies']),
});
for (const built of cases) {
  if (!values.case.split(',').some((name) => built.name.startsWith(name))) continue;
  if (existsSync(join(data, built.needs))) results.push(await measure(built));
  else console.log(`\n${built.name}: skipped, no ${join(data, built.needs)}; set EDDY_DATA`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

/** @param {Case} built */
async function measure(built) {
  /** @type {Built[]} */
  const ours = [];
  /** @type {Built[]} */
  const theirs = [];
  const needed = join(data, built.needs);
  const folder = built.prepare?.(needed, scratch) ?? needed;
  readAll(folder);
  for (let round = 0; round < Number(values.rounds); round++) {
    ours.push(await buildOurs(built, folder));
    if ('repository' in reference) {
      theirs.push(await buildTheirs(built, folder, reference.repository));
    }
  }
  const best = { ours: bestOf(ours), theirs: bestOf(theirs) };
  console.log(`\n${built.name}`);
  console.log(row('ours', best.ours));
  if (theirs.length > 0) {
    const ratio = (/** @type {keyof Built} */ key) =>
      (best.theirs[key] / best.ours[key]).toFixed(1);
    console.log(row('reference', best.theirs));
    console.log(
      `ratio ${ratio('workMs')} of the work, ${ratio('ms')} of the command, ${ratio('peakBytes')} in memory`,
    );
  }
  return { name: built.name, ...best };
}

/** So that neither side waits for the disk's first read. @param {string} folder */
function readAll(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) readFileSync(join(folder, entry.name));
  }
}

/** @param {Case} built @param {string} source */
async function buildOurs(built, source) {
  const folder = mkdtempSync(join(scratch, 'ours-'));
  const file = join(folder, 'pipeline.yml');
  const stages = { name: 'bench', loggers: ['console'], ...built.pipeline(source) };
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(stages));
  const command = [
    process.execPath,
    pipelineCommand,
    'run',
    file,
    '--run-dir',
    join(folder, 'run'),
    '--json',
  ];
  // A cache of its own, so that nothing is reused.
  const usage = await runMeasured(command, {
    cwd: folder,
    env: { EDDY_CACHE: join(folder, 'cache') },
  });
  rmSync(folder, { recursive: true });
  return { ...usage, workMs: Number(JSON.parse(lastLine(usage.output)).timeMs) };
}

/** @param {Case} built @param {string} source @param {string} repository */
async function buildTheirs(built, source, repository) {
  const output = mkdtempSync(join(scratch, 'theirs-'));
  const usage = await runMeasured([
    python,
    join(here, 'reference.py'),
    repository,
    built.script,
    source,
    ...built.arguments(output, source),
  ]);
  rmSync(output, { recursive: true });
  return { ...usage, workMs: Number(lastLine(usage.output)) };
}

/** @param {string} text */
function lastLine(text) {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** @returns {{ repository: string } | { missing: string }} */
function findReference() {
  if (values['no-reference']) return { missing: 'the reference is left out (--no-reference)' };
  const repository = process.env['EDDY_REFERENCE'];
  if (repository === undefined || !existsSync(join(repository, 'dataset/build_arc_dataset.py'))) {
    return { missing: 'set EDDY_REFERENCE to a checkout of TinyRecursiveModels' };
  }
  const modules = 'argdantic, pydantic, numpy, tqdm, huggingface_hub';
  const probe = spawnSync(python, ['-c', `import ${modules}`], { encoding: 'utf8' });
  if (probe.status === 0) return { repository: resolve(repository) };
  return { missing: `${python} lacks one of ${modules}; set EDDY_PYTHON to one that has them` };
}

/** @param {readonly Built[]} builds @returns {Built} */
function bestOf(builds) {
  const least = (/** @type {keyof Built} */ key) => Math.min(...builds.map((built) => built[key]));
  return { workMs: least('workMs'), ms: least('ms'), peakBytes: least('peakBytes') };
}

/** @param {string} name @param {Built} best */
function row(name, { workMs, ms, peakBytes }) {
  const seconds = (/** @type {number} */ value) => `${(value / 1e3).toFixed(2).padStart(8)} s`;
  const memory = `${(peakBytes / 2 ** 20).toFixed(0).padStart(6)} MiB`;
  return `${name.padEnd(12)}${seconds(workMs)} work${seconds(ms)} command${memory}`;
}
