import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OverrideSyntaxError } from './override-value.ts';
import { parseOverride } from './override-grammar.ts';
import { isSwept, parseSweep } from './sweep-grammar.ts';

interface Verdict {
  readonly text: string;
  readonly error?: true;
  /** An override of one value. */
  readonly single?: true;
  readonly values?: readonly unknown[];
  readonly interval?: readonly [number, number];
  readonly log?: boolean;
  readonly int?: boolean;
}

/** What hydra-core 1.3.8 says; see hydra-oracle/sweeps.py. */
const verdicts = JSON.parse(
  readFileSync(new URL('./hydra-oracle/sweeps.json', import.meta.url), 'utf8'),
) as Verdict[];

/** The whole list of where we differ, with the reason. */
function differs({ text, error, interval, values }: Verdict): string | undefined {
  if (text.startsWith('~')) return 'a deletion does not sweep';
  if (values?.length === 0) return 'an empty sweep is refused';
  if (interval !== undefined && !(interval[0] < interval[1])) return 'an empty interval is refused';
  if (text.includes('log') && interval !== undefined && interval[0] <= 0) return 'log of 0';
  if (/\b(stop|start|step)=.*\1=/.test(text)) return 'an argument is given once';
  if (/choice\( *null *\)/.test(text)) return 'a lone null is a value as any';
  if (/[[{].*choice\(/.test(text)) return 'a sweep stands alone';
  if (/choice\(.*\(/.test(text)) return 'sweeps do not nest';
  if (error && /=.*[\]})'"][ \t]+/.test(text)) return 'spaces after a bracket or quote are allowed';
  if (/:[ \t]*(?:$|[,)])/.test(text))
    return 'spaces after a trailing colon are no part of the value';
  return undefined;
}

function ours(text: string): object {
  try {
    const read = parseSweep(text);
    if (!isSwept(read)) return { text, single: true };
    const { sweep } = read;
    if (sweep.kind === 'choice') return { text, values: sweep.choices.map(({ value }) => value) };
    const { start, end, log, int } = sweep.interval;
    return { text, interval: [start, end], log, int };
  } catch (error) {
    if (error instanceof OverrideSyntaxError) return { text, error: true };
    throw error;
  }
}

describe('parseSweep', () => {
  it('agrees with hydra-core outside the list of differences', () => {
    const compared = verdicts.filter((verdict) => differs(verdict) === undefined);
    expect(compared.length).toBeGreaterThan(580);
    expect(compared.filter(({ values }) => values !== undefined).length).toBeGreaterThan(250);
    for (const verdict of compared) {
      const { values, ...rest } = verdict;
      // Hydra adds up decimals of binary fractions: 0.30000000000000004 for our 0.3.
      const rounded = (value: unknown) =>
        typeof value === 'number' ? Number(value.toPrecision(12)) : value;
      const expected = values === undefined ? rest : { ...rest, values: values.map(rounded) };
      expect(JSON.parse(JSON.stringify(ours(verdict.text)))).toEqual(expected);
    }
  });

  it('keeps each value as it was written', () => {
    const read = parseSweep('+a.b= 1e-4 , "x, y",[1, 2] ,a\\,b\\ ');
    expect(read).toMatchObject({ prefix: '+a.b', key: 'a.b', sweep: { kind: 'choice' } });
    expect(isSwept(read) && read.sweep.kind === 'choice' && read.sweep.choices).toMatchObject(
      ['1e-4', '"x, y"', '[1, 2]', 'a\\,b\\ '].map((text) => ({ text })),
    );
  });

  it('writes choices that read as their values again', () => {
    for (const { text } of verdicts) {
      const read = 'values' in ours(text) ? parseSweep(text) : undefined;
      if (read === undefined || !isSwept(read) || read.sweep.kind !== 'choice') continue;
      for (const choice of read.sweep.choices) {
        expect(parseOverride(`${read.prefix}=${choice.text}`).value).toEqual(choice.value);
      }
    }
  });

  it.each([
    ['a=glob(*)', 'no sweep function glob'],
    ['a=constructor()', 'no sweep function constructor'],
    ['a=toString(1)', 'no sweep function toString'],
    ['a=int(tag(log,interval(0.5,10)))', 'above 0'],
    ['a=range(0,3,0)', 'never ends'],
    ['a=range(3,0)', 'empty'],
    ['a=range(0,1e9)', 'more than'],
    ['a=tag(log,interval(0,1))', 'above 0'],
    ['a=choice(1,2', 'missing'],
    ['~a=1,2', 'deletion'],
  ])('says what is wrong with %s', (text, words) => {
    expect(() => parseSweep(text)).toThrow(words);
  });

  it('never fails otherwise, however odd the text', () => {
    const pieces = fc.constantFrom(
      ...'ab01.=+[]{}(),:"\'\\ $'.split(''),
      'choice(',
      'range(',
      'tag(',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        ours(`a=${parts.join('')}`);
      }),
      { numRuns: 3_000, seed: 12 },
    );
    ours(`a=${'tag(log,'.repeat(20_000)}`);
  });
});
