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

/** What the run logged, under the reference's names: name → [step, value][]. */
function expected(): Record<string, [number, number][]> {
  const series: Record<string, [number, number][]> = { num_params: [[0, 27_138]] };
  const add = (name: string, step: number, value: number) =>
    (series[name] ??= []).push([step, Math.fround(value)]);
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
    expect(JSON.parse(read)).toEqual(expected());
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
  it('reads the state, the config and the last values', async (context) => {
    const reason = missing('wandb');
    if (reason) context.skip(reason);
    await record(wandbOffline);
    const [run] = readdirSync(join(folder.path, 'wandb'));
    const [file] = readdirSync(join(folder.path, 'wandb', run!));
    const wandb = join(dirname(python), 'wandb');
    const path = join(folder.path, 'wandb', run!, file!);
    const text = execFileSync(wandb, ['leet', 'inspect', '--summary', path], { encoding: 'utf8' });
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
    for (const [name, points] of Object.entries(expected())) {
      expect(Math.fround(Number(fields[name])), name).toBeCloseTo(points.at(-1)![1], 5);
    }
  });
});
