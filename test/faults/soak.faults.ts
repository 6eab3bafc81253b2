/**
 * A long training with readers of its page attached, one of which reads nothing: neither memory nor open files of the run,
 * its engine and the page's server grow with the steps. The long form prints the pace of the steps.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { startUiProcess, type UiProcess } from '../browser/ui-process.ts';
import { count, isLong } from '../counts.ts';
import { tinyRuns } from './tiny-runs.ts';

const STEPS = count(1_000, 100_000);
const CLIENTS = 20;
const SAMPLES = count(40, 400);
/**
 * Megabytes for 10,000 steps, after warm-up (R14). The page's server keeps the curves of a run that is watched: ten
 * metrics and their steps take 1 MB.
 */
const MOST_GROWTH_MB: Readonly<Record<string, number>> = { run: 1, engine: 1, server: 2 };
/** What the server keeps for longer than that would not fit, and end it. */
const SERVER_HEAP = '--max-old-space-size=32 --max-semi-space-size=1';

/** Steps of a few milliseconds: four examples of 16 in a batch. */
const SMALL = [
  ...['engine.devices=1', 'train.globalBatchSize=4', 'build.dataset.source.generator.train=16'],
  ...['hCycles=1', 'lCycles=1', 'hiddenSize=8', 'numHeads=1'].map((o) => `train.model.${o}`),
];

const { at, shell, journalOf } = tinyRuns();

describe('a soak', () => {
  it(`of ${STEPS} steps keeps its memory and open files`, async () => {
    const epochs = STEPS / 4;
    const { child, ended, errors } = shell('exec RUN', 'soak', [
      ...[`train.epochs=${epochs}`, `train.evalInterval=${epochs / 10}`],
      ...[`train.checkpoint.every=${STEPS / 50}`, 'loggers=[csv]', ...SMALL],
    ]);
    let isOver = false;
    void ended.then(() => (isOver = true));
    while (!isOver && stepReached() < 50) await delay(50);
    const engine = childrenOf(child.pid!)[0]!;
    const ui = await startUiProcess(at('.'), SERVER_HEAP);
    const clients = await connect(ui);
    const processes = { run: child.pid!, engine, server: ui.child.pid! };
    const samples: Sample[] = [];
    try {
      while (!isOver) {
        const step = stepReached();
        const due = (samples.length * STEPS) / SAMPLES;
        if (step >= due) samples.push({ step, ...measured(processes) });
        await delay(count(20, 500));
      }
      expect(await ended, errors()).toBe(0);
      expect(ui.child.exitCode).toBeNull();
    } finally {
      clients.forEach((client) => client.destroy());
      await ui.stop();
      child.kill('SIGKILL');
    }
    const figures = Object.keys(processes).map((name) => {
      const of = samples.filter((sample) => sample.memoryMb[name] !== undefined);
      const files = of.slice(of.length / 5).map((sample) => sample.files[name]!);
      return {
        process: name,
        slope: slope(of.slice(of.length / 5).map(({ step, memoryMb }) => [step, memoryMb[name]!])),
        memoryMb: [of[Math.floor(of.length / 5)]!.memoryMb[name]!, of.at(-1)!.memoryMb[name]!],
        files: [Math.min(...files), Math.max(...files)],
      };
    });
    const stepMs = journalOf('soak').flatMap((event) =>
      event.type === 'step-finished' ? [event.stepMs] : [],
    );
    const sorted = stepMs.toSorted((a, b) => a - b);
    const [p50, p99] = [0.5, 0.99].map((part) => sorted[Math.floor(part * sorted.length)]!);
    if (isLong) console.log(JSON.stringify({ steps: stepMs.length, p50, p99, figures }, null, 1));
    expect(stepMs).toHaveLength(STEPS);
    for (const { process: name, slope: mb, files } of figures) {
      // The run opens a checkpoint's files while it saves; nothing may stay open.
      expect(files[1]! - files[0]!, `open files of ${name}: ${files.join(' to ')}`).toBeLessThan(8);
      // Too short a run says nothing of 10,000 steps.
      if (isLong) expect(mb, `MB for 10,000 steps of ${name}`).toBeLessThan(MOST_GROWTH_MB[name]!);
    }
  });
});

interface Sample {
  readonly step: number;
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly files: Readonly<Record<string, number>>;
}

function stepReached(): number {
  try {
    const text = readFileSync(`${at('soak')}/journal.jsonl`);
    const tail = text.subarray(-4000).toString();
    return Number(
      [...tail.matchAll(/"type":"step-finished"[^\n]*?"step":(\d+)/g)].at(-1)?.[1] ?? 0,
    );
  } catch {
    return 0;
  }
}

function measured(processes: Readonly<Record<string, number>>): Omit<Sample, 'step'> {
  const memoryMb: Record<string, number> = {};
  const files: Record<string, number> = {};
  for (const [name, pid] of Object.entries(processes)) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const open = readdirSync(`/proc/${pid}/fd`).length;
      memoryMb[name] = (1024 * Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1])) / 1e6;
      files[name] = open;
    } catch {
      // It has ended meanwhile.
    }
  }
  return { memoryMb, files };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** Readers of the run's live messages; the last one reads nothing of what it is sent. */
async function connect(ui: UiProcess): Promise<readonly ClientRequest[]> {
  const headers = { host: `127.0.0.1:${ui.port}`, authorization: `Bearer ${ui.token}` };
  const base = { host: '127.0.0.1', port: ui.port, headers, agent: false } as const;
  const text = await new Promise<string>((use, refuse) => {
    const asked = request({ ...base, path: '/api/runs' }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => use(body));
    });
    asked.on('error', refuse).end();
  });
  const { rows } = JSON.parse(text) as { readonly rows: readonly { readonly id: string }[] };
  return Array.from({ length: CLIENTS }, (_, i) => {
    const path = `/api/live?topic=runs&topic=run/${rows[0]!.id}`;
    const client = request({ ...base, path }, (response) => {
      response.on('error', () => undefined);
      if (i === CLIENTS - 1) response.pause();
      else response.resume();
    });
    client.on('error', () => undefined).end();
    return client;
  });
}

/**
 * Growth for 10,000 steps: the slope of a line through the least value of each tenth, as garbage that waits for its
 * collection is no growth.
 */
function slope(points: readonly (readonly [number, number])[]): number {
  const least = Array.from({ length: 10 }, (_, tenth) => {
    const part = points.slice((tenth * points.length) / 10, ((tenth + 1) * points.length) / 10);
    return part.reduce((a, b) => (b[1] < a[1] ? b : a), part[0] ?? [0, 0]);
  });
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(least.map(([step]) => step)), mean(least.map(([, mb]) => mb))];
  const covariance = mean(least.map(([step, mb]) => (step - x) * (mb - y)));
  return (1e4 * covariance) / mean(least.map(([step]) => (step - x) ** 2));
}
