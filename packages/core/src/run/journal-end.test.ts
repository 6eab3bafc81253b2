import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { readEnding, readJournalEnd, readSavedMs } from './journal-end.ts';

const folder = freshFolder();

function journal(lines: readonly string[]): string {
  const path = join(folder.path, 'journal.jsonl');
  writeFileSync(path, lines.join('\n'));
  return path;
}

const line = (type: string, more: object = {}) => JSON.stringify({ timeMs: 1, type, ...more });
/** Of several chunks, with letters of several bytes where these are cut. */
const STEPS = Array.from({ length: 6000 }, (_, i) =>
  line('step-finished', { step: i + 1, text: 'ä€😀'.repeat(20 + (i % 7)) }),
);

it('finds the last events, far from the end of a long journal', () => {
  const path = journal([
    line('run-started'),
    line('evaluation-finished', { step: 1, split: 'first' }),
    line('evaluation-finished', { step: 2, split: 'täst' }),
    line('checkpoint-saved', { timeMs: 17 }),
    ...STEPS,
    '',
  ]);
  expect(readJournalEnd(path)).toMatchObject({
    finished: undefined,
    step: { step: 6000, text: 'ä€😀'.repeat(20 + (5999 % 7)) },
    evaluation: { step: 2, split: 'täst' },
  });
  expect(readSavedMs(path)).toBe(17);
});

it('passes over a torn last line, damaged lines and words of other lines', () => {
  const path = journal([
    line('step-finished', { step: 4 }),
    line('message', { text: '"type":"step-finished" is not one' }),
    '{"timeMs":2,"type":"step-finished","ste',
    '\u0000\u0000"type":"run-finished"',
    '{"timeMs":3,"type":"step-finished","step":',
  ]);
  expect(readJournalEnd(path)).toEqual({
    finished: undefined,
    isDamaged: true,
    step: expect.objectContaining({ step: 4 }) as unknown,
    evaluation: undefined,
  });
});

it.each([
  ['killed', ['run-started'], undefined],
  ['done', ['run-started', 'run-finished'], 'done'],
  ['resumed', ['run-finished', 'run-started', 'step-finished'], undefined],
  ['resumed and done', ['run-finished', 'run-started', 'run-finished'], 'done'],
  ['nothing', [], undefined],
])('says how a run ended: %s', (_name, types, status) => {
  const path = journal(types.map((type) => line(type, { status: 'done' })));
  expect(readEnding(path)?.status).toBe(status);
  expect(readJournalEnd(path).finished?.status).toBe(status);
});

it('takes a journal that is not there for an empty one', () => {
  expect(readEnding(join(folder.path, 'none'))).toBeUndefined();
});
