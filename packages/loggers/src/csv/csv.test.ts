import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RunEvent } from '@eddy/core';
import { exampleRun } from '@eddy/core/testing';
import { from } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createCsvLogger } from './csv-logger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-csv-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const rows = () =>
  readFileSync(join(folder, 'metrics.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

it('has every number of the run, in columns that keep their place', async () => {
  await createCsvLogger(folder).attach(from(exampleRun(folder)));
  const [header, ...lines] = rows();
  expect(header!.slice(0, 3)).toEqual(['step', 'seconds', 'num_params']);
  expect(lines.every((line) => line.length === header!.length)).toBe(true);
  const column = (name: string) =>
    lines.flatMap((line) => {
      const cell = line[header!.indexOf(name)]!;
      return cell === '' ? [] : [[Number(line[0]), Number(cell)]];
    });
  const expected = exampleRun(folder).flatMap((event) =>
    event.type === 'step-finished' ? [[event.step, event.metrics['lm_loss']]] : [],
  );
  expect(column('train/lm_loss')).toEqual(expected);
  expect(column('all.exact_accuracy').length).toBeGreaterThan(0);
});

it('is the same file after a resume', async () => {
  const events = exampleRun(folder);
  await createCsvLogger(folder).attach(from(events));
  const whole = rows();
  const half = events.length / 2;
  const journal = events.slice(0, half).filter(({ type }) => type !== 'progress');
  writeFileSync(
    join(folder, 'journal.jsonl'),
    journal.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
  const resumed: RunEvent[] = events.slice(half);
  await createCsvLogger(folder).attach(from(resumed));
  expect(rows()).toEqual(whole);
});
