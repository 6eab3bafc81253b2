import { describe, expect, it } from 'vitest';

import { closingText, unexpectedSkips } from './closing-line.ts';

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

  it('counts a skip that is not expected as a failure, and names each', () => {
    const skipped = [
      { test: 'a > 1', reason: undefined },
      { test: 'a > 2', reason: 'needs a GPU' },
    ];
    expect(closingText(5, 0, skipped, skipped.slice(0, 1))).toBe(
      [
        'skipped 1: needs a GPU',
        '  a > 2',
        'skipped, which fails the run: a > 1: no reason given',
        '5 passed, 1 failed, 1 skipped\n',
      ].join('\n'),
    );
  });
});

describe('skips that are not expected', () => {
  const skipped = [undefined, 'needs a GPU', 'python has no torch'].map((reason, i) => ({
    test: `a > ${i}`,
    reason,
  }));
  const unexpected = (expected?: string) =>
    unexpectedSkips(skipped, expected).map(({ reason }) => reason);

  it('are those without a reason, where any reason will do', () => {
    expect(unexpected()).toEqual([undefined]);
  });

  it.each([
    ['', [undefined, 'needs a GPU', 'python has no torch']],
    ['needs a GPU', [undefined, 'python has no torch']],
    ['needs a GPU|has no torch', [undefined]],
  ])('are those with another reason than %j, where it says what is expected', (expected, rest) => {
    expect(unexpected(expected)).toEqual(rest);
  });
});
