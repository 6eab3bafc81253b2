/** Results of trials whose journals are written here. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { armTable, markdownOf, trialsCsv, armsCsv, writeResults } from './result-table.ts';
import { resultCollector } from './results.ts';
import { createSweepFolder, findSweeps, openSweepFolder } from './sweep-folder.ts';
import { readEnded, SweepJournal } from './sweep-journal.ts';
import type { Objective } from './trial.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'eddy-sweep-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Arm and seed of each trial, and its evaluations: step → accuracy. */
const TRIALS = [
  { values: { arm: 'plain', seed: '0' }, curve: [0.9, 0.5] },
  { values: { arm: 'better, "a|b"', seed: '0' }, curve: [0.1, 0.6] },
  { values: { arm: 'plain', seed: '1' }, curve: [0.2, 0.7] },
  { values: { arm: 'better, "a|b"', seed: '1' }, curve: [0.3, 0.8] },
  { values: { arm: 'failing', seed: '0' }, curve: [] },
];

async function makeSweep(objective: Objective = { mode: 'max' }) {
  const trials = TRIALS.map(({ values }, i) => ({ id: `00${i}`, values, overrides: [] }));
  const sweep = await createSweepFolder(
    { root },
    { name: 'x', trialsHash: 'abc', objective, trials },
    async (path) => {
      for (const [i, { curve }] of TRIALS.entries()) {
        const folder = join(path, 'trials', `00${i}`);
        mkdirSync(folder, { recursive: true });
        const events = curve.map((accuracy, step) => ({
          timeMs: 60_000 * (step + 1),
          type: 'evaluation-finished',
          split: 'test',
          step,
          metrics: {
            exact_accuracy: accuracy,
            'exact_accuracy/rating_1': 1,
            lm_loss: 1 - accuracy,
          },
        }));
        const lines = events.map((event) => `${JSON.stringify(event)}\n`);
        writeFileSync(join(folder, 'journal.jsonl'), lines.join(''));
      }
    },
  );
  const journal = new SweepJournal(sweep.journalPath);
  for (const [i, { curve }] of TRIALS.entries()) {
    journal.started(`00${i}`);
    if (curve.length > 0) journal.end(`00${i}`, 'done');
    else journal.end(`00${i}`, 'failed', 'NON_FINITE: loss');
  }
  journal.close();
  return { sweep, results: resultCollector(sweep, journal.ended)() };
}

describe('resultCollector', () => {
  it('groups seeds and sorts arms by the last evaluation', async () => {
    const { results } = await makeSweep();
    expect(results.metric).toBe('exact_accuracy');
    expect(results.arms.map(({ values }) => values['arm'])).toEqual([
      'better, "a|b"',
      'plain',
      'failing',
    ]);
    // t(0.975; 1) = 12.706, s = 0.1·√2, √n = √2.
    expect(results.arms[0]!.metrics['exact_accuracy']!.mean).toBeCloseTo(0.7, 12);
    expect(results.arms[0]!.metrics['exact_accuracy']!.halfWidth).toBeCloseTo(1.27062, 5);
    expect(results.trials[4]).toMatchObject({ status: 'failed', reason: 'NON_FINITE: loss' });
  });

  it('tells the metrics of averaged weights from those of the training', async () => {
    const { sweep } = await makeSweep();
    const event = {
      timeMs: 180_000,
      type: 'evaluation-finished',
      split: 'test',
      label: 'average',
      step: 1,
      metrics: { exact_accuracy: 0.99 },
    };
    appendFileSync(join(sweep.path, 'trials/000/journal.jsonl'), `${JSON.stringify(event)}\n`);
    const journal = new SweepJournal(sweep.journalPath);
    const { trials } = resultCollector(sweep, journal.ended)();
    journal.close();
    expect(trials[0]!.metrics).toMatchObject({
      exact_accuracy: 0.5,
      'test (average).exact_accuracy': 0.99,
    });
  });

  it('takes the checkpoint that the monitor chose, and sorts arms by the data that chose it', async () => {
    const { sweep } = await makeSweep();
    const evaluated = (step: number, split: string, accuracy: number) => ({
      type: 'evaluation-finished',
      split,
      step,
      metrics: { exact_accuracy: accuracy },
    });
    const trials = { '000': [0.3, 0.9, 0.1], '001': [0.2, 0.4, 0.8] };
    for (const [id, [validation, other, test]] of Object.entries(trials)) {
      const events = [
        evaluated(0, 'validation', validation!),
        evaluated(0, 'test', test!),
        { type: 'monitor-updated', step: 0, best: { step: 0, value: validation! } },
        evaluated(1, 'validation', 0),
        evaluated(1, 'test', other!),
        { type: 'monitor-updated', step: 1, best: { step: 0, value: validation! } },
      ];
      const lines = events.map((event) => `${JSON.stringify({ timeMs: 1, ...event })}\n`);
      writeFileSync(join(sweep.path, 'trials', id, 'journal.jsonl'), lines.join(''));
    }
    const journal = new SweepJournal(sweep.journalPath);
    const results = resultCollector(sweep, journal.ended)();
    journal.close();
    expect(results.trials[0]!.metrics).toEqual({
      'validation.exact_accuracy': 0.3,
      'test.exact_accuracy': 0.1,
    });
    expect(results.metric).toBe('validation.exact_accuracy');
  });

  it('reads the journal of a trial once, when it has ended', async () => {
    const { sweep } = await makeSweep();
    const journal = new SweepJournal(join(root, 'other.jsonl'));
    const collect = resultCollector(sweep, journal.ended);
    const accuracyOf = (i: number) => collect().trials[i]!.metrics['exact_accuracy'];
    expect(accuracyOf(0)).toBeUndefined();
    journal.end('000', 'done');
    expect(accuracyOf(0)).toBe(0.5);
    rmSync(join(sweep.path, 'trials/000/journal.jsonl'));
    journal.end('001', 'done');
    journal.close();
    expect([accuracyOf(0), accuracyOf(1)]).toEqual([0.5, 0.6]);
  });

  it('sorts the other way for a metric that should be small', async () => {
    const { results } = await makeSweep({ metric: 'exact_accuracy', mode: 'min' });
    expect(results.arms.map(({ values }) => values['arm'])[0]).toBe('plain');
  });

  it('shows a table without the parts of metrics, and files with them', async () => {
    const { results, sweep } = await makeSweep();
    expect(markdownOf(armTable(results))).toMatchInlineSnapshot(`
      "| arm | exact_accuracy | lm_loss | n | minutes |
      | --- | --- | --- | --- | --- |
      | better, "a\\|b" | 70.0 ± 127.1 % | 0.3 ± 1.3 | 2 | 2.0 |
      | plain | 60.0 ± 127.1 % | 0.4 ± 1.3 | 2 | 2.0 |
      | failing |  |  | 0/1 |  |

      mean ± half of the 95 % t-interval of the mean over n seeds; sorted by exact_accuracy; n is done/planned where trials are missing
      "
    `);
    expect(trialsCsv(results).split('\n').slice(0, 3)).toMatchInlineSnapshot(`
      [
        "trial,arm,seed,status,exact_accuracy,exact_accuracy/rating_1,lm_loss,minutes",
        "000,plain,0,done,0.5,1,0.5,2.000",
        "001,"better, ""a|b""",0,done,0.6,1,0.4,2.000",
      ]
    `);
    expect(armsCsv(results).split('\n')[2]).toMatch(/^plain,2,0.6,1.2706/);
    await writeResults(results);
    expect(JSON.parse(readFileSync(join(sweep.path, 'results.json'), 'utf8'))).toMatchObject({
      name: 'x',
      trials: [{ id: '000', metrics: { exact_accuracy: 0.5 } }, {}, {}, {}, {}],
    });
  });
});

describe('a sweep’s folder', () => {
  it('is found by its trials', async () => {
    const { sweep } = await makeSweep();
    expect((await findSweeps(root, 'x', 'abc')).map(({ path }) => path)).toEqual([sweep.path]);
    expect(await findSweeps(root, 'x', 'other')).toEqual([]);
    expect(await findSweeps(root, 'y', 'abc')).toEqual([]);
    expect((await openSweepFolder(sweep.path)).manifest).toEqual(sweep.manifest);
  });

  it('says which trials have ended while another process writes on', async () => {
    const { sweep } = await makeSweep();
    appendFileSync(sweep.journalPath, '{"type":"trial-');
    expect([...readEnded(sweep.journalPath).keys()]).toEqual(['000', '001', '002', '003', '004']);
    expect(readEnded(join(root, 'none')).size).toBe(0);
  });

  it('does not exist before all its trials do', async () => {
    const failing = createSweepFolder(
      { root, path: join(root, 'half') },
      { name: 'x', trialsHash: 'abc', objective: { mode: 'max' }, trials: [] },
      () => Promise.reject(new Error('killed')),
    );
    await expect(failing).rejects.toThrow('killed');
    await expect(openSweepFolder(join(root, 'half'))).rejects.toMatchObject({
      code: 'SWEEP_NOT_FOUND',
    });
  });

  it('refuses a manifest whose trials would lead elsewhere', async () => {
    const { sweep } = await makeSweep();
    const file = join(sweep.path, 'sweep.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"000"', '"../.."'));
    await expect(openSweepFolder(sweep.path)).rejects.toMatchObject({
      code: 'SWEEP_MANIFEST_INVALID',
    });
  });
});

describe('SweepJournal', () => {
  it('cuts a torn line off and keeps what ended', async () => {
    const { sweep } = await makeSweep();
    appendFileSync(sweep.journalPath, '{"type":"trial-en');
    const journal = new SweepJournal(sweep.journalPath);
    expect(journal.ended.size).toBe(5);
    journal.close();
    expect(readFileSync(sweep.journalPath, 'utf8')).toMatch(/\}\n$/);
  });

  it('names the line that is no entry', async () => {
    const { sweep } = await makeSweep();
    appendFileSync(sweep.journalPath, '{"type":"party"}\n');
    expect(() => new SweepJournal(sweep.journalPath)).toThrow(/journal.jsonl:11/);
  });
});
