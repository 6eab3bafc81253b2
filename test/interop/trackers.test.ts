/**
 * Tracker files read back by the real tools. They need Python with `tensorboard` and `wandb`:
 *   python3 -m venv V && V/bin/pip install tensorboard wandb && EDDY_PYTHON=V/bin/python npm run test:spanning
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { exampleRun, freshFolder } from '@eddy/core/testing';
import type { Plugin } from '@eddy/core';
import tensorboard from '@eddy/loggers/tensorboard';
import wandbOffline from '@eddy/loggers/wandb-offline';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';

const python = process.env['EDDY_PYTHON'] ?? 'python3';
const missing = (module: string): string | false => {
  const { status } = spawnSync(python, ['-c', `import ${module}`]);
  return status === 0 ? false : `${python} has no ${module}; set EDDY_PYTHON`;
};

const folder = freshFolder();

async function record(plugin: Plugin<'logger'>): Promise<void> {
  const logger = await plugin.create(plugin.config.parse({}), { runFolder: folder.path } as never);
  await logger.attach(from(exampleRun(folder.path)));
}

type Series = Record<string, [step: number, value: number][]>;

/** What the run logged, under the reference's names; `stored` is what a tracker's number format makes of a value. */
function expected(stored: (value: number) => number): Series {
  const series: Series = { num_params: [[0, 27_138]] };
  const add = (name: string, step: number, value: number) =>
    (series[name] ??= []).push([step, stored(value)]);
  for (const event of exampleRun(folder.path)) {
    if (event.type === 'step-finished') {
      Object.entries(event.metrics).forEach(([k, v]) => add(`train/${k}`, event.step, v));
    }
    if (event.type === 'evaluation-finished') {
      Object.entries(event.metrics).forEach(([k, v]) => add(`all.${k}`, event.step, v));
    }
  }
  return series;
}

describe('TensorBoard', () => {
  it('reads every scalar', async (context) => {
    const reason = missing('tensorboard');
    if (reason) context.skip(reason);
    await record(tensorboard);
    const read = execFileSync(python, ['-c', READ_EVENTS, join(folder.path, 'tensorboard')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(JSON.parse(read)).toEqual(expected(Math.fround));
  });
});

const READ_EVENTS = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))
`;

describe('Weights & Biases', () => {
  it('reads the state, the config and every value', async (context) => {
    const reason = missing('wandb');
    if (reason) context.skip(reason);
    await record(wandbOffline);
    const [run] = readdirSync(join(folder.path, 'wandb'));
    const [file] = readdirSync(join(folder.path, 'wandb', run!));
    const wandb = join(dirname(python), 'wandb');
    const path = join(folder.path, 'wandb', run!, file!);
    const inspect = (...options: string[]) =>
      execFileSync(wandb, ['leet', 'inspect', ...options, path], { encoding: 'utf8' });
    const text = inspect('--summary');
    const fields = Object.fromEntries(
      [...text.matchAll(/^ *(\S+) {2,}(.+)$/gm)].map(([, key, value]) => [key, value]),
    );
    expect(fields).toMatchObject({
      project: 'eddy',
      state: 'finished (exit code 0)',
      step: '40',
      name: 'example',
      num_params: '27138',
    });
    const { num_params, ...metrics } = expected((value) => value);
    const rows: Series = {};
    for (const record of inspect('--json').trim().split('\n')) {
      const { type, history } = JSON.parse(record) as HistoryRecord;
      if (type !== 'history') continue;
      for (const [name, value] of Object.entries(history.item)) {
        if (!name.startsWith('_')) (rows[name] ??= []).push([history.item['_step']!, value]);
      }
    }
    // W&B has one row for each step, and none for step 0: the number of parameters comes with the first.
    expect(rows['num_params']!.map(([, value]) => value)).toEqual([num_params![0]![1]]);
    delete rows['num_params'];
    expect(rows).toEqual(metrics);
    for (const [name, points] of Object.entries(metrics)) {
      expect(Number(fields[name]), name).toBeCloseTo(points.at(-1)![1], 5);
    }
  });
});

interface HistoryRecord {
  readonly type: string;
  readonly history: { readonly item: Readonly<Record<string, number>> };
}
