import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import type { LiveMessage } from '../api/live.ts';
import { RunRows } from '../reader/run-rows.ts';
import { MadeRun } from '../testing/made-run.ts';
import { OpenRuns } from './open-runs.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'eddy-ui-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Twenty runs, opened one after the other; each then does a step, and is looked at again. */
async function newsOf(isWatched: boolean): Promise<LiveMessage[]> {
  const made = Array.from({ length: 20 }, (_, i) => new MadeRun(join(folder, `run-${i}`)));
  const rows = new RunRows([folder]);
  rows.find();
  const published: LiveMessage[] = [];
  const runs = new OpenRuns(rows, {
    publish: (message) => published.push(message),
    isWatched: () => isWatched,
  });
  const ids = rows.runs.map(({ id }) => id);
  for (const id of ids) await runs.open(id);
  for (const run of made) run.steps(1, 1);
  for (const id of ids) await runs.open(id);
  return published;
}

it('has news of every run that is watched, however many', async () => {
  const topics = (await newsOf(true)).map(({ topic }) => topic);
  expect(new Set(topics).size).toBe(20);
});

it('forgets runs that nobody watches', async () => {
  expect(await newsOf(false)).toEqual([]);
});
