/**
 * The MLflow logger against the real server. It needs Python with `mlflow`:
 *   python3 -m venv V && V/bin/pip install mlflow && EDDY_PYTHON=V/bin/python npm run test:spanning
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { exampleRun, freshFolder } from '@eddy/core/testing';
import mlflow from '@eddy/loggers/mlflow';
import { from } from 'rxjs';
import { afterEach, expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';
// Looked for without importing it, which takes seconds.
const find = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("mlflow") is None)';
const missing = spawnSync(python, ['-c', find]).status !== 0;

const folder = freshFolder();
let server: ChildProcess | undefined;
afterEach(() => {
  // The server starts workers; they are a group of their own.
  if (server?.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

async function startServer(): Promise<string> {
  const port = await freePort();
  const store = ['--backend-store-uri', `sqlite:///${folder.path}/mlflow.db`];
  const artifacts = ['--artifacts-destination', join(folder.path, 'artifacts')];
  const where = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  server = spawn(python, ['-m', 'mlflow', 'server', ...store, ...artifacts, ...where], {
    stdio: 'ignore',
    detached: true,
    cwd: folder.path,
  });
  const uri = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 600; attempt++) {
    const up = await fetch(`${uri}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return uri;
    await delay(500);
  }
  throw new Error('the MLflow server did not start');
}

it('is read back by MLflow’s own client, after a resume too', async (context) => {
  if (missing) context.skip(`${python} has no mlflow; set EDDY_PYTHON`);
  const uri = await startServer();
  const events = exampleRun(folder.path);
  const said: string[] = [];
  const record = async (part: typeof events) => {
    const options = mlflow.config.parse({
      trackingUri: uri,
      experiment: 'puzzles',
      timeoutSeconds: 60,
    });
    const notify = (_level: string, text: string) => void said.push(text);
    const logger = await mlflow.create(options, { runFolder: folder.path, offline: false, notify });
    await logger.attach(from(part));
  };
  await record(events.slice(0, 40));
  const journal = events.slice(0, 40).filter(({ type }) => type !== 'progress');
  writeFileSync(
    join(folder.path, 'journal.jsonl'),
    journal.map((e) => `${JSON.stringify(e)}\n`).join(''),
  );
  await record(events.slice(40));
  expect(said).toEqual([]);

  const text = execFileSync(python, ['-c', READ, uri], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [run, ...others] = JSON.parse(text) as {
    name: string;
    status: string;
    params: Record<string, string>;
    metrics: Record<string, [number, number][]>;
    artifacts: string[];
  }[];
  expect(others).toEqual([]);
  expect(run).toMatchObject({ name: 'example', status: 'FINISHED', artifacts: ['config.json'] });
  expect(run!.params).toMatchObject({ seed: '0', loggers: '["console","report"]' });
  const expected: Record<string, [number, number][]> = { num_params: [[0, 27_138]] };
  const add = (name: string, step: number, value: number) =>
    (expected[name] ??= []).push([step, value]);
  for (const event of events) {
    if (event.type === 'step-finished') {
      Object.entries(event.metrics).forEach(([k, v]) => add(`train/${k}`, event.step, v));
    }
    if (event.type === 'evaluation-finished') {
      Object.entries(event.metrics).forEach(([k, v]) => add(`all.${k}`, event.step, v));
    }
  }
  expect(run!.metrics).toEqual(expected);
});

const READ = `
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
runs = client.search_runs([client.get_experiment_by_name("puzzles").experiment_id])
print(json.dumps([{
  "name": run.info.run_name, "status": run.info.status, "params": run.data.params,
  "metrics": {key: [[m.step, m.value] for m in client.get_metric_history(run.info.run_id, key)] for key in run.data.metrics},
  "artifacts": [file.path for file in client.list_artifacts(run.info.run_id)],
} for run in runs]))
`;
