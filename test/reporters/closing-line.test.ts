import { describe, expect, it } from 'vitest';

import { closingText } from './closing-line.ts';

describe('closing line', () => {
  it('stands alone when nothing was skipped', () => {
    expect(closingText(12, 0, [])).toBe('12 passed, 0 failed\n');
  });

  it('gives the reasons of skipped tests once each and counts them', () => {
    const skipped = Array.from({ length: 7 }, (_, i) => ({ test: `a > ${i}`, reason: 'no XLA' }));
    expect(closingText(3, 1, skipped)).toBe(
      [
        'skipped 7: no XLA',
        '  a > 0',
        '  a > 1',
        '  a > 2',
        '  a > 3',
        '  a > 4',
        '  and 2 more',
        '3 passed, 1 failed, 7 skipped\n',
      ].join('\n'),
    );
  });

  it('counts what is not built yet apart', () => {
    expect(closingText(5, 0, [{ test: 'parity > hrm', reason: 'not yet' }])).toBe(
      'not yet  parity > hrm\n1 not yet\n5 passed, 0 failed\n',
    );
  });
});
