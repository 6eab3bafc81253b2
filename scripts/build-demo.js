/**
 * Writes demo/NAME.html, a page in which a model solves puzzles: of the run that is named, or of the quickstart, which
 * is trained first.
 *
 *   npm run demo
 *   npm run demo -- runs/my-run
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const QUICKSTART = 'sudoku-4x4';

const root = resolve(import.meta.dirname, '..');
const bin = join(root, 'packages/cli/bin/pipeline.js');

/**
 * Runs a command of `pipeline` and ends this program where it fails.
 *
 * @param {string[]} args
 */
function pipeline(...args) {
  const { status } = spawnSync(process.execPath, [bin, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const [given] = process.argv.slice(2);
const temporary = mkdtempSync(join(tmpdir(), 'eddy-demo-'));
process.on('exit', () => rmSync(temporary, { recursive: true }));

const run = given === undefined ? join(temporary, 'run') : resolve(given);
if (given === undefined) pipeline('run', QUICKSTART, '--run-dir', run);
const { name } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'));
const page = join(root, 'demo', `${name}.html`);
mkdirSync(join(root, 'demo'), { recursive: true });
rmSync(page, { force: true });
pipeline('export', run, '--format', 'web', '-o', page);
