/**
 * `npm run bench:ui`: what `pipeline ui` takes with 1,000 runs and a run of 65,104 steps, on both sides, and
 * what a training loses to 20 live clients of which one is stalled. The training is one run; clients come and go
 * every few seconds, and the median times of steps with and without them are compared.
 *
 *   EDDY_CHROMIUM   program for the page's side (else Chromium where it is installed)
 *
 *   --runs 1000   --steps 65104   --clients 20   --windows 12   --seconds 5   --engine auto   --json FILE
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { readOptions } from '../options.js';

const values = readOptions(import.meta.url, {
  runs: { type: 'string', default: '1000' },
  steps: { type: 'string', default: '65104' },
  clients: { type: 'string', default: '20' },
  windows: { type: 'string', default: '12' },
  seconds: { type: 'string', default: '5' },
  engine: { type: 'string', default: 'auto' },
  json: { type: 'string' },
});
const pipeline = fileURLToPath(new URL('../../packages/cli/bin/pipeline.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'eddy-bench-ui-'));
const runs = join(folder, 'runs');
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

let runCount = 0;
/** @type {Record<string, number>} */
const results = {};
/** @param {string} name @param {number} value @param {string} unit @param {number} [limit] */
function report(name, value, unit, limit) {
  results[name] = value;
  const verdict = limit === undefined ? '' : value <= limit ? '  (within ' : '  (MORE THAN ';
  console.log(
    `${name.padEnd(52)} ${value.toFixed(1).padStart(8)} ${unit}${verdict}${limit === undefined ? '' : `${limit})`}`,
  );
}

console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
for (let i = 0; i < Number(values.runs); i++) makeRun(`run-${String(i).padStart(4, '0')}`, 20);
makeRun('long', Number(values.steps));

const ui = await startUi();
/** @type {{ rows: { id: string, name: string }[] }} */
const list = await timed(`list of ${values.runs} runs, first`, () => get('/api/runs'), 1000);
await timed(`list of ${values.runs} runs, again`, () => get('/api/runs'));
const longId = list.rows.find(({ name }) => name === 'long')?.id;
await timed(`run of ${values.steps} steps, first`, () => get(`/api/runs/${longId}`), 1000);
await timed('one of its curves', () => get(`/api/runs/${longId}/series?metric=lm_loss`));
report('server, resident', residentMib(ui.child.pid), 'MiB', 300);
await measurePage();
await measureTraining();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exit(0);

/** @param {string} name @param {number} steps */
function makeRun(name, steps) {
  const path = join(runs, name);
  mkdirSync(path, { recursive: true });
  const startedAt = new Date(1.8e12 + 1000 * runCount++).toISOString();
  const config = {
    ...{ name, seed: name.length, engine: { use: 'cpu' }, plugins: [], loggers: [] },
    train: { use: 'train', epochs: steps, optimizer: { use: 'adamw', learningRate: 1e-3 } },
  };
  const facts = { format: 'eddy-run/1', id: name, name, startedAt, host: 'here', configHash: '0' };
  writeFileSync(join(path, 'manifest.json'), JSON.stringify({ ...facts, versions: {} }));
  writeFileSync(join(path, 'config.yml'), JSON.stringify(config));
  const run = {
    name,
    id: name,
    folder: path,
    engine: 'cpu',
    precision: 'float32',
    config,
    startedAt,
  };
  /** @type {object[]} */
  const lines = [{ timeMs: 0, type: 'run-started', run }];
  for (let step = 1; step <= steps; step++) {
    const metrics = {
      ...{
        lm_loss: 2 / step + Math.sin(step),
        q_halt_loss: 0.5,
        accuracy: 0.5,
        exact_accuracy: 0.1,
      },
      ...{ q_halt_accuracy: 0.9, steps: 8, count: 1, lr: 1e-4, grad_norm: 1 / step },
    };
    const event = { timeMs: 25 * step, type: 'step-finished', stage: 'train', step };
    lines.push({ ...event, totalSteps: steps, epoch: 0, metrics, stepMs: 25 });
  }
  const end = { timeMs: 25 * steps, type: 'run-finished', status: 'done' };
  const text = [...lines, end].map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(path, 'journal.jsonl'), text);
}

async function startUi() {
  const start = performance.now();
  const child = spawn(process.execPath, [pipeline, 'ui', runs, '--json', '--no-open']);
  children.push(child);
  const text = await new Promise((resolve) => child.stdout.once('data', resolve));
  report('start of pipeline ui', performance.now() - start, 'ms');
  const { url } = /** @type {{ url: string }} */ (JSON.parse(String(text)));
  const { port, hash } = new URL(url);
  const headers = { host: `127.0.0.1:${port}`, authorization: `Bearer ${hash.slice(7)}` };
  return { child, url, port: Number(port), headers };
}

/** @param {string} path @returns {Promise<any>} */
function get(path) {
  return new Promise((resolve, reject) => {
    const { port, headers } = ui;
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      /** @type {Buffer[]} */
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(pieces).toString())));
    })
      .on('error', reject)
      .end();
  });
}

/** @template T @param {string} name @param {() => Promise<T>} work @param {number} [limit] */
async function timed(name, work, limit) {
  const start = performance.now();
  const value = await work();
  report(name, performance.now() - start, 'ms', limit);
  return value;
}

/** @param {number | undefined} pid */
function residentMib(pid) {
  if (!existsSync(`/proc/${pid}/status`)) return NaN;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function measurePage() {
  const named = process.env['EDDY_CHROMIUM'];
  const executablePath = [named, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (file) => file !== undefined && existsSync(file),
  );
  if (executablePath === undefined) return console.log('the page is skipped: no Chromium');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await timed(
      `page with ${values.runs} runs, from its address`,
      async () => {
        await page.goto(ui.url);
        await page.locator('main tbody tr').nth(10).waitFor();
      },
      1000,
    );
    await timed(
      `page of the run of ${values.steps} steps`,
      async () => {
        await page.evaluate(`location.hash = '/run/${longId}'`);
        await page.locator('main canvas').first().waitFor();
      },
      1000,
    );
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    await session.send('Performance.enable');
    const { metrics } = await session.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN;
    report('page, JavaScript heap', heap / 2 ** 20, 'MiB', 300);
  } finally {
    await browser.close();
  }
}

/** The last one reads nothing of what it is sent. @param {string} id */
function connectClients(id) {
  const count = Number(values.clients);
  const requests = Array.from({ length: count }, (_, i) => {
    const path = `/api/live?topic=runs&topic=run/${id}`;
    const { port, headers } = ui;
    return request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      if (i === count - 1) response.pause();
      else response.resume();
      response.on('error', () => undefined);
    })
      .on('error', () => undefined)
      .end();
  });
  return () => requests.forEach((one) => one.destroy());
}

async function measureTraining() {
  const path = join(runs, 'training');
  const overrides = ['train.epochs=100000', 'train.evalInterval=100000', 'loggers=[]'];
  const child = spawn(
    process.execPath,
    [pipeline, 'run', 'sudoku-4x4', `engine=${values.engine}`, ...overrides, '--run-dir', path],
    { stdio: 'ignore' },
  );
  children.push(child);
  const journal = join(path, 'journal.jsonl');
  const stepsSoFar = () =>
    existsSync(journal)
      ? readFileSync(journal, 'utf8').split('"type":"step-finished"').length - 1
      : 0;
  const seconds = Number(values.seconds);
  for (let waited = 0; stepsSoFar() < 100; waited++) {
    if (waited > 300 || child.exitCode !== null)
      return console.log('no training began: it is skipped');
    await sleep(1000);
  }
  /** @type {{ rows: { id: string, name: string }[] }} */
  const { rows } = await get('/api/runs');
  const id = rows.find(({ name }) => name === 'sudoku-4x4')?.id ?? '';
  /** @type {{ from: number, to: number, isWatched: boolean }[]} */
  const windows = [];
  for (let i = 0; i < Number(values.windows); i++) {
    const isWatched = i % 2 === 1;
    const disconnect = isWatched ? connectClients(id) : () => undefined;
    await sleep(1000); // what a connection itself costs is not part of it
    const from = stepsSoFar();
    await sleep(1000 * seconds);
    windows.push({ from, to: stepsSoFar(), isWatched });
    if (isWatched) report('server with clients, resident', residentMib(ui.child.pid), 'MiB');
    disconnect();
  }
  child.kill('SIGKILL');
  const stepMs = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"type":"step-finished"'))
    .map((line) => /** @type {{ stepMs: number }} */ (JSON.parse(line)).stepMs);
  /** @param {boolean} isWatched */
  const medianOf = (isWatched) =>
    median(
      windows.flatMap((one) => (one.isWatched === isWatched ? stepMs.slice(one.from, one.to) : [])),
    );
  const [alone, watched] = [medianOf(false), medianOf(true)];
  report('a training step, alone', alone, 'ms');
  report(`a training step, with ${values.clients} clients, one stalled`, watched, 'ms');
  report('the training loses', 100 * (watched / alone - 1), '%', 1);
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** @param {number} ms */
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
