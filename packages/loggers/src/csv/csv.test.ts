import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RunEvent } from '@eddy/core';
import { exampleRun, freshFolder } from '@eddy/core/testing';
import { from } from 'rxjs';
import { expect, it } from 'vitest';

import { createCsvLogger } from './csv-logger.ts';

const folder = freshFolder();

const rows = () =>
  readFileSync(join(folder.path, 'metrics.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

it('has every number of the run, in columns that keep their place', async () => {
  await createCsvLogger(folder.path).attach(from(exampleRun(folder.path)));
  const [header, ...lines] = rows();
  expect(header!.slice(0, 3)).toEqual(['step', 'seconds', 'num_params']);
  expect(lines.every((line) => line.length === header!.length)).toBe(true);
  const column = (name: string) =>
    lines.flatMap((line) => {
      const cell = line[header!.indexOf(name)]!;
      return cell === '' ? [] : [[Number(line[0]), Number(cell)]];
    });
  const expected = exampleRun(folder.path).flatMap((event) =>
    event.type === 'step-finished' ? [[event.step, event.metrics['lm_loss']]] : [],
  );
  expect(column('train/lm_loss')).toEqual(expected);
  expect(column('all.exact_accuracy').length).toBeGreaterThan(0);
});

it('is the same file after a resume', async () => {
  const events = exampleRun(folder.path);
  await createCsvLogger(folder.path).attach(from(events));
  const whole = rows();
  const half = events.length / 2;
  const journal = events.slice(0, half).filter(({ type }) => type !== 'progress');
  writeFileSync(
    join(folder.path, 'journal.jsonl'),
    journal.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
  const resumed: RunEvent[] = events.slice(half);
  await createCsvLogger(folder.path).attach(from(resumed));
  expect(rows()).toEqual(whole);
});
