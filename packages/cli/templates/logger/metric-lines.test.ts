import { exampleRun, freshFolder, loggerSuite, pluginSuite } from '@eddy/core/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { from } from 'rxjs';
import { expect, it } from 'vitest';

import plugin, { MetricLines } from './metric-lines.ts';

pluginSuite({ plugin });
loggerSuite('metric-lines', (runFolder) => new MetricLines(join(runFolder, 'lines'), 1));

const folder = freshFolder();

it('writes every tenth step and each evaluation', async () => {
  const file = join(folder.path, 'metrics.jsonl');
  await new MetricLines(file, 10).attach(from(exampleRun(folder.path)));
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; split: string });
  expect(lines.map(({ step, split }) => `${split} ${step}`)).toEqual([
    'train 10',
    'train 20',
    'test 20',
    'train 30',
    'train 40',
    'test 40',
  ]);
});
