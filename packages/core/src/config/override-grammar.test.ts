import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { differs, type Verdict } from './hydra-oracle/differences.ts';
import { parseOverride } from './override-grammar.ts';
import { OverrideSyntaxError } from './override-value.ts';

/** What hydra-core 1.3.8 says; see hydra-oracle/overrides.py. */
const verdicts = JSON.parse(
  readFileSync(new URL('./hydra-oracle/overrides.json', import.meta.url), 'utf8'),
) as Verdict[];

function ours(text: string): object {
  try {
    return { text, ...parseOverride(text) };
  } catch (error) {
    if (error instanceof OverrideSyntaxError) return { text, error: true };
    throw error;
  }
}

describe('parseOverride', () => {
  it('agrees with hydra-core outside the list of differences', () => {
    const compared = verdicts.filter((verdict) => differs(verdict) === undefined);
    expect(compared.length).toBeGreaterThan(550);
    for (const verdict of compared) {
      const expected = verdict.sweep ? { text: verdict.text, error: true } : verdict;
      expect(JSON.parse(JSON.stringify(ours(verdict.text)))).toEqual(expected);
    }
  });

  it.each([
    ['train.epochs=3', { action: 'set', key: 'train.epochs', value: 3 }],
    ['+train.x={a: [1, "b,c"]}', { action: 'add', key: 'train.x', value: { a: [1, 'b,c'] } }],
    ['++a=1e-4', { action: 'force', key: 'a', value: 1e-4 }],
    ['~a.b', { action: 'delete', key: 'a.b' }],
    ['train/model=trm-att', { action: 'set', key: 'train/model', value: 'trm-att' }],
    ['model@train.model=x', { action: 'set', key: 'model', package: 'train.model', value: 'x' }],
  ])('parses %s', (text, expected) => {
    expect(parseOverride(text)).toEqual(expected);
  });

  it.each([
    ['a', 2, 'needs a value'],
    ['a=1,2', 4, 'sweep'],
    ['a=choice(1,2)', 3, 'functions'],
    ['a=[1', 5, 'is missing'],
    ['a.__proto__.b=1', 1, 'not allowed'],
    ['a={constructor: 1}', 4, 'not allowed'],
    ['a=nan', 3, 'not a number'],
    ['a b=1', 1, 'not a key'],
    ['~1_0', 2, 'not a key'],
  ])('points at what is wrong in %s', (text, column, word) => {
    try {
      parseOverride(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OverrideSyntaxError);
      expect(error).toMatchObject({ column });
      expect((error as Error).message).toContain(word);
    }
  });

  it('never fails otherwise, however odd the text', () => {
    const pieces = fc.constantFrom(
      ...'ab01.=+~@/[]{}(),:"\'\\ \t$%é'.split(''),
      '${',
      'null',
      '1e',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        ours(parts.join(''));
        ours(`a=${parts.join('')}`);
      }),
      { numRuns: 3_000, seed: 11 },
    );
    ours(`a=${'['.repeat(100_000)}`);
    ours(`a="${'\\'.repeat(100_000)}`);
  });
});
