/** The logger against a server of a few lines; the real one is in test/interop. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { exampleRun, freshFolder } from '@eddy/core/testing';
import type { RunEvent } from '@eddy/core';
import { concat, from, Subject, type Observable } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createMlflowLogger } from './mlflow-logger.ts';

interface Call {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const folder = freshFolder();
let server: Server;
let uri: string;
let calls: Call[];
/** Answers of paths that are to fail. */
let broken: Record<string, number>;
beforeEach(async () => {
  [calls, broken] = [[], {}];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const path = request.url!.replace('/api/2.0/mlflow/', '').split('?')[0]!;
      calls.push({ path, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) });
      const run = { info: { run_id: 'r1', artifact_uri: '/elsewhere' } };
      const answers: Record<string, object> = {
        'experiments/create': { experiment_id: '7' },
        'runs/create': { run },
        'runs/get': { run },
      };
      response.statusCode = broken[path] ?? (path === 'experiments/get-by-name' ? 404 : 200);
      response.end(JSON.stringify(answers[path] ?? {}));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function record(
  events: Observable<RunEvent> | readonly RunEvent[] = exampleRun(folder.path),
  trackingUri = uri,
): Promise<string[]> {
  const said: string[] = [];
  const notify = (level: string, text: string) => void said.push(`${level}: ${text}`);
  const options = { trackingUri, experiment: 'e', timeoutSeconds: 2 };
  const logger = createMlflowLogger(
    options,
    { runFolder: folder.path, offline: false, notify },
    {},
    5,
  );
  await logger.attach(from(events));
  return said;
}

const sentMetrics = () =>
  calls.flatMap(({ path, body }) =>
    path === 'runs/log-batch'
      ? ((body['metrics'] ?? []) as { key: string; step: number; value: number | string }[])
      : [],
  );

it('makes experiment and run, sends parameters and metrics, and ends the run', async () => {
  expect(await record()).toEqual([]);
  expect(calls.map(({ path }) => path)).toEqual([
    'experiments/get-by-name',
    'experiments/create',
    'runs/create',
    'runs/log-batch',
    'runs/log-batch',
    'runs/update',
  ]);
  expect(calls[3]!.body['params']).toContainEqual({
    key: 'loggers',
    value: '["console","report"]',
  });
  expect(calls.at(-1)!.body).toMatchObject({ run_id: 'r1', status: 'FINISHED' });
  const losses = sentMetrics().filter(({ key }) => key === 'train/lm_loss');
  expect(losses).toHaveLength(40);
});

it('sends at most 1,000 metrics a batch, and what is not finite as text', async () => {
  const [step] = exampleRun(folder.path).filter(({ type }) => type === 'step-finished');
  const many = Array.from({ length: 2500 }, (_, i) => ({
    ...step!,
    step: i + 1,
    metrics: { x: NaN },
  }));
  await record([exampleRun(folder.path)[0]!, ...many] as never);
  const sizes = calls.flatMap(
    ({ body }) => (body['metrics'] as unknown[] | undefined)?.length ?? [],
  );
  expect(sizes).toEqual([1000, 1000, 500]);
  expect(sentMetrics()[0]!.value).toBe('NaN');
});

it('goes on with the same run after a resume, each point once', async () => {
  const events = exampleRun(folder.path);
  const half = events.slice(0, 40);
  await record(half);
  const journal = half.filter(({ type }) => type !== 'progress');
  writeFileSync(
    join(folder.path, 'journal.jsonl'),
    journal.map((e) => `${JSON.stringify(e)}\n`).join(''),
  );
  await record(events.slice(40));
  expect(calls.filter(({ path }) => path === 'runs/create')).toHaveLength(1);
  const points = sentMetrics().map(({ key, step }) => `${key} ${step}`);
  expect(new Set(points).size).toBe(points.length);
  expect(points.filter((point) => point.startsWith('train/lm_loss '))).toHaveLength(40);
});

it('warns once when the server fails, and a resume sends everything', async () => {
  broken = { 'runs/log-batch': 500 };
  const said = await record();
  expect(said).toEqual([expect.stringMatching(/^warning: MLflow: http.*log-batch answered 500/)]);
  broken = {};
  calls = [];
  const journal = exampleRun(folder.path).filter(({ type }) => type !== 'progress');
  writeFileSync(
    join(folder.path, 'journal.jsonl'),
    journal.map((e) => `${JSON.stringify(e)}\n`).join(''),
  );
  const last = journal.at(-1)!;
  await record([{ ...last, timeMs: last.timeMs + 1 }]);
  expect(sentMetrics().filter(({ key }) => key === 'train/lm_loss')).toHaveLength(40);
});

it('warns when nobody listens', async () => {
  const said = await record(undefined, 'http://127.0.0.1:9');
  expect(said).toEqual([expect.stringMatching(/^warning: MLflow: http:\/\/127.0.0.1:9: /)]);
});

const isStep = ({ type }: RunEvent) => type === 'step-finished';

it('tries again while the run goes on, and sends each point once', async () => {
  const events = exampleRun(folder.path);
  const later = new Subject<RunEvent>();
  broken = { 'runs/log-batch': 503 };
  const recorded = record(concat(from(events.slice(0, 30)), later));
  const rest = events.slice(30);
  await vi.waitFor(() => expect(calls.length).toBe(4));
  for (let last: RunEvent | null = null; last === null || !isStep(last);) {
    last = rest.shift()!;
    later.next(last);
  }
  await vi.waitFor(() => expect(calls.filter(({ path }) => path === 'runs/get')).toHaveLength(1));
  broken = {};
  for (const event of rest) later.next(event);
  later.complete();
  expect(await recorded).toEqual([
    expect.stringMatching(/^warning: MLflow: .*answered 503.*, it will be tried again$/),
  ]);
  const points = sentMetrics().filter(({ key }) => key === 'train/lm_loss');
  expect(points.map(({ step }) => step)).toEqual(
    events.flatMap((event) => (event.type === 'step-finished' ? event.step : [])),
  );
  expect(calls.filter(({ body }) => body['params'] !== undefined).length).toBeGreaterThan(1);
  expect(calls.at(-1)!.body).toMatchObject({ status: 'FINISHED' });
});

it('takes from the journal what it could not keep', async () => {
  const step = exampleRun(folder.path).find(isStep)!;
  const [started] = exampleRun(folder.path);
  const names = Array.from({ length: 100 }, (_, i) => `m${i}`);
  const many = Array.from({ length: 600 }, (_, i) => ({
    ...step,
    step: i + 1,
    metrics: Object.fromEntries(names.map((name) => [name, i])),
  })) as RunEvent[];
  writeFileSync(
    join(folder.path, 'journal.jsonl'),
    [started!, ...many].map((e) => `${JSON.stringify({ ...e, timeMs: 1e9 })}\n`).join(''),
  );
  expect(await record([started!, ...many])).toEqual([]);
  const points = sentMetrics().filter(({ key }) => key === 'train/m7');
  expect(points.map(({ step: number }) => number)).toEqual(many.map((_, i) => i + 1));
});
