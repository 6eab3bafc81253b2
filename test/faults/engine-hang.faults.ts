/** An engine process that is stopped for good: noticed in half a minute, and the run goes on by itself. */
import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { MOMENTS, tinyRuns } from './tiny-runs.ts';

const { shell, reaches, expectDone, journalOf } = tinyRuns();

it('is replaced within 30 s', async () => {
  const { child, ended, errors } = shell('exec RUN', 'hung');
  await reaches('hung', MOMENTS.training, ended);
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  const engines = children.split(' ').filter(Boolean).map(Number);
  expect(engines).toHaveLength(1);
  process.kill(engines[0]!, 'SIGSTOP');
  const start = performance.now();
  await reaches('hung', /"type":"engine-died"/, ended);
  const seconds = (performance.now() - start) / 1000;
  expect(await ended, errors()).toBe(0);
  expect(seconds).toBeLessThan(30);
  expect(seconds).toBeGreaterThan(20);
  const died = journalOf('hung').filter((event) => event.type === 'engine-died');
  expect(died).toMatchObject([{ reason: expect.stringContaining('no sign of life') as string }]);
  expectDone('hung');
});
