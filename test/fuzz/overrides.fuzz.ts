/**
 * Generated overrides, beside hydra-core 1.3.8: the same verdict and value outside the list of differences.
 * `EDDY_PYTHON` names a Python that has it.
 */
import { parseOverride, OverrideSyntaxError } from '@eddy/core/config';
import { randomStream } from '@eddy/core';
import { expect, it } from 'vitest';

import { differs, type Verdict } from '../../packages/core/src/config/hydra-oracle/differences.ts';
import { count } from '../counts.ts';
import { skipWithout, verdictsOf } from './python-oracle.ts';

const CASES = count(1_000, 10_000);

const STARTS = ['a=', 'a.b=', '+a=', '++a.b=', '~a=', 'a/b=', 'a/b@c=', '+a@b.c=', 'a=[', 'a={k:', "a='", 'a="', '', '~']; // prettier-ignore
const ENDS = ['', '', '', '', ']', '}', "'", '"', ' ', ', 1]', ', x: 1}'];
const PIECES = [
  ...['a', 'b', 'x1', '_', '-', '1', '0', '.5', '1e3', '1_0', '-7', '+3', '0x1f', '1e-4', '007', 'null', 'true', 'False'],
  ...[' ', '  ', ',', '[', ']', '{', '}', ':', '=', '"', "'", '\\', '\\,', '\\ ', '\\\\', '\\"', "\\'", '\\t'],
  ...['/', '$', '${a.b}', '${env:X}', '@', '.', '+', '~', '%', '*', '?', '|', '#', 'é', '\t', '(', ')', '<', '>', '&'],
  ...['[1,2]', '{a: 1}', "'x y'", '"x"', 'a:b', 'a.b.c', 'sort(', 'choice('],
]; // prettier-ignore

function generated(total: number): string[] {
  const random = randomStream(30).stream('overrides');
  return Array.from({ length: total }, (_, i) => {
    const draws = random.stream(i);
    const one = (from: readonly string[]) => from[draws.integer(from.length)]!;
    const middle = Array.from({ length: draws.integer(draws.integer(2) === 0 ? 3 : 9) }, () =>
      one(PIECES),
    ).join('');
    return one(STARTS) + middle + one(ENDS);
  });
}

function ours(text: string): object {
  try {
    return { text, ...parseOverride(text) };
  } catch (error) {
    if (error instanceof OverrideSyntaxError) return { text, error: true };
    throw error;
  }
}

it(`agrees with hydra-core on ${CASES} generated overrides`, ({ skip }) => {
  skipWithout(skip, ['hydra'], ['hydra-core==1.3.8']);
  const texts = generated(CASES);
  const verdicts = verdictsOf<Verdict[]>('overrides_verdicts.py', [], JSON.stringify(texts));
  expect(verdicts.map(({ text }) => text)).toEqual(texts);
  const seen = { valid: 0, refused: 0, listed: 0 };
  const wrong: object[] = [];
  for (const verdict of verdicts) {
    // A sweep is no single override; `sweep-grammar.test.ts` compares those.
    const expected = verdict.sweep === true ? { text: verdict.text, error: true } : verdict;
    const received = JSON.parse(JSON.stringify(ours(verdict.text))) as object;
    if (JSON.stringify(sorted(received)) === JSON.stringify(sorted(expected))) {
      if ('error' in expected) seen.refused++;
      else seen.valid++;
    } else if (differs(verdict) === undefined) wrong.push({ received, expected });
    else seen.listed++;
  }
  console.log(`overrides: ${JSON.stringify(seen)} of ${CASES}`);
  expect(wrong).toEqual([]);
  expect(seen.valid).toBeGreaterThan(CASES / 10);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
