/** A batch that is too large for the memory of the container: said before the first step, and `auto` finds one that fits. */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, type TestContext } from 'vitest';

import { isLong } from '../counts.ts';
import { tinyRuns } from './tiny-runs.ts';

const { shell, journalOf } = tinyRuns();

/** A memory cgroup of version 1 or 2. */
const HIERARCHIES = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
];
const LIMIT = 2 ** 30;

async function inContainer(
  name: string,
  context: TestContext,
  work: (enter: string) => Promise<void>,
): Promise<void> {
  const folder = HIERARCHIES.map(({ root, limit }) => {
    const path = join(root, `eddy-test-${process.pid}-${name}`);
    try {
      mkdirSync(path);
      writeFileSync(join(path, limit), String(LIMIT));
      return path;
    } catch {
      return undefined;
    }
  }).find((path) => path !== undefined);
  if (folder === undefined) return context.skip('no memory cgroup can be made here');
  try {
    await work(`echo $$ > ${join(folder, 'cgroup.procs')} && exec RUN`);
  } finally {
    rmdirSync(folder);
  }
}

const batchOf = (rows: number) => [
  `build.dataset.source.generator.train=${rows}`,
  `train.globalBatchSize=${rows}`,
  'train.epochs=2',
  'train.evalInterval=2',
];
const stepsOf = (run: string) =>
  journalOf(run).filter((event) => event.type === 'step-finished').length;

it('is an error with what it takes and what there is, before the first step', (context) =>
  inContainer('fixed', context, async (enter) => {
    const overrides = [...batchOf(8192), 'train.microBatchSize=8192'];
    const { ended, errors } = shell(enter, 'fixed', overrides);
    expect(await ended, errors()).toBe(2);
    expect(errors()).toMatch(
      /^MEMORY_TOO_SMALL .*micro-batches of 8192 rows[^]*expected {2}at most 1\.0 GiB, of which the engine holds \d+ MiB\n {2}received {2}\d+\.\d GiB/m,
    );
    expect(errors()).toContain('train.microBatchSize=auto');
    expect(stepsOf('fixed')).toBe(0);
  }));

// It compiles for a minute: `npm run test:faults -- --long`.
if (isLong) {
  it('is cut by `auto` into micro-batches that fit', (context) =>
    inContainer('auto', context, async (enter) => {
      const { ended, errors } = shell(enter, 'auto', batchOf(2048));
      expect(await ended, errors()).toBe(0);
      const planned = journalOf('auto').find((event) => event.type === 'training-planned');
      const { microBatchSize, memoryBytes, memoryLimitBytes } = planned!.plan;
      expect(microBatchSize).toBeLessThan(2048);
      expect(memoryLimitBytes).toBe(LIMIT);
      expect(memoryBytes).toBeLessThan(LIMIT);
      expect(stepsOf('auto')).toBe(2);
      expect(journalOf('auto').some((event) => event.type === 'engine-died')).toBe(false);
    }));
}
