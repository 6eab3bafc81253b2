import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { acquireRunLock } from '@eddy/core/files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { MadeRun } from '../testing/made-run.ts';
import { RunRows } from './run-rows.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'eddy-ui-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const optimizer = (learningRate: number) => ({
  config: { train: { use: 'train', optimizer: { use: 'adamw', learningRate } } },
});

async function listed(rows = new RunRows([folder])) {
  await rows.refresh();
  return rows.view();
}

describe('a row', () => {
  it('has status, progress and the figure of the last checkpoint, with the best evaluation apart', async () => {
    new MadeRun(at('a'))
      .add({ type: 'training-started', step: 1, compileMs: 1 })
      .steps(1, 40, { totalSteps: 40 })
      .evaluation(20, 0.9)
      .evaluation(40, 0.8)
      .add({ type: 'run-finished', status: 'done' });
    const [row] = (await listed()).rows;
    expect(row).toMatchObject({
      ...{ name: 'made', status: 'done', step: 40, totalSteps: 40, elapsedMs: 45 * 50 },
      metric: {
        ...{ name: 'exact_accuracy', split: 'test', value: 0.8, step: 40 },
        ...{ best: 0.9, bestStep: 20, evaluations: 2 },
      },
    });
    expect(row!.metric!.text).toContain('the last checkpoint');
    expect(row!.sparkline[0]).toBe(1);
    expect(row!.sparkline.at(-1)).toBe(1 / 40);
  });

  it('compares a checkpoint with evaluations of its own training, not with averaged weights', async () => {
    new MadeRun(at('a'))
      .add({ type: 'training-started', step: 1, compileMs: 1 })
      .steps(1, 40)
      .evaluation(20, 0.7)
      .evaluation(40, 0.8)
      .add({
        ...{ type: 'evaluation-finished', step: 30, split: 'test', label: 'average' },
        ...{ examples: 100, metrics: { exact_accuracy: 0.9 }, durationMs: 10, folder: 'average' },
      });
    const [row] = (await listed()).rows;
    expect(row!.metric).toMatchObject({ value: 0.8, best: 0.8, bestStep: 40, evaluations: 2 });
  });

  it('of a run that started again after its end is not what it said last', async () => {
    const run = new MadeRun(at('a')).add({ type: 'run-finished', status: 'stopped' });
    const rows = new RunRows([folder]);
    expect((await listed(rows)).rows[0]!.status).toBe('stopped');
    const lock = await acquireRunLock(join(run.path, 'lock'));
    const place = { name: 'made', id: 'x', folder: run.path, engine: 'auto', precision: 'auto' };
    run.add({ type: 'run-started', run: { ...place, config: {}, startedAt: '' } }).steps(1, 3);
    const again = await listed(new RunRows([folder]));
    expect(again.rows[0]).toMatchObject({ status: 'running', step: 3 });
    lock.release();
  });

  it('follows what is appended, and a journal that was cut back', async () => {
    const run = new MadeRun(at('a')).steps(1, 5);
    const lock = await acquireRunLock(join(run.path, 'lock'));
    const rows = new RunRows([folder]);
    await rows.refresh();
    run.steps(6, 9);
    expect((await rows.refresh()).changed).toMatchObject([{ step: 9, status: 'running' }]);
    expect((await rows.refresh()).changed).toEqual([]);
    run.cutTo(4);
    expect((await rows.refresh()).changed).toMatchObject([{ step: 3 }]);
    lock.release();
  });
});

describe('the list', () => {
  it('has the options that differ between runs of one name as columns', async () => {
    new MadeRun(at('a'), { name: 'x', ...optimizer(0.1) });
    new MadeRun(at('b'), { name: 'x', ...optimizer(0.2) });
    new MadeRun(at('c'), { name: 'y', ...optimizer(0.3) });
    const { columns, rows } = await listed();
    expect(columns).toEqual(['train.optimizer.learningRate']);
    expect(rows.map(({ values }) => values['train.optimizer.learningRate']).sort()).toEqual([
      '0.1',
      '0.2',
      '0.3',
    ]);
  });

  it('has the columns of a run that was found before its configuration was written', async () => {
    new MadeRun(at('a'), { name: 'x', ...optimizer(0.1) });
    const late = new MadeRun(at('b'), { name: 'x', ...optimizer(0.2) });
    const journal = readFileSync(late.journalPath);
    rmSync(late.journalPath);
    const lock = await acquireRunLock(join(late.path, 'lock'));
    const rows = new RunRows([folder]);
    expect((await listed(rows)).columns).toEqual([]);
    writeFileSync(late.journalPath, journal);
    expect((await rows.refresh()).isOther).toBe(true);
    expect(rows.view().columns).toEqual(['train.optimizer.learningRate']);
    lock.release();
  });

  it('finds runs of sweeps and of folders inside, and passes over what is none', async () => {
    new MadeRun(at('plain'));
    new MadeRun(at('group/inside'));
    new MadeRun(at('.hidden/run'));
    const sweep = { format: 'eddy-sweep/1', name: 's', startedAt: '2026-01-01', trials: [{}, {}] };
    mkdirSync(at('swept'));
    writeFileSync(at('swept/sweep.json'), JSON.stringify(sweep));
    new MadeRun(at('swept/trials/000'));
    mkdirSync(at('other'));
    writeFileSync(at('other/manifest.json'), '{"format":"something-else"}');
    const { rows, sweeps } = await listed();
    expect(rows.map((row) => row.folder.slice(folder.length + 1)).sort()).toEqual([
      'group/inside',
      'plain',
      'swept/trials/000',
    ]);
    expect(sweeps).toMatchObject([{ name: 's', trials: 2 }]);
    expect(rows.find((row) => row.sweep !== undefined)?.sweep).toMatchObject({ trial: '000' });
  });

  it('keeps the ids of runs when the server starts again, and forgets runs that are gone', async () => {
    new MadeRun(at('a'));
    new MadeRun(at('b'));
    const ids = (await listed()).rows.map(({ id }) => id);
    rmSync(at('b'), { recursive: true });
    const rows = new RunRows([folder]);
    const [left, ...more] = (await listed(rows)).rows;
    expect(ids).toContain(left!.id);
    expect(more).toEqual([]);
    rmSync(at('a'), { recursive: true });
    expect((await rows.refresh()).isOther).toBe(true);
    expect(rows.view().rows).toEqual([]);
  });
});
