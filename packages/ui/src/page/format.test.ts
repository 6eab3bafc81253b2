import { expect, it } from 'vitest';

import { formatAgo } from './format.ts';

it.each([
  ['2026-11-30T13:00:00Z', 'just now'], // by another machine's clock, or one that was set back
  ['2026-12-10T12:00:00Z', 'just now'],
  ['2026-11-30T11:59:30Z', 'just now'],
  ['2026-11-30T11:00:00Z', '1 h ago'],
  ['2026-11-20T12:00:00Z', '10 d ago'],
  ['no date', '–'],
])('says when %s was, by a clock at noon', (iso, text) => {
  expect(formatAgo(iso, new Date('2026-11-30T12:00:00Z'))).toBe(text);
});
