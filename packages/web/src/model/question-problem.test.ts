import { describe, expect, it } from 'vitest';

import { questionProblem } from './question-problem.ts';
import type { ModelFacts } from './web-model.ts';

const facts = {
  seqLen: 4,
  vocabSize: 6,
  identifiers: [
    { name: '<blank>', id: 0 },
    { name: 'task', id: 2 },
  ],
  blankIdentifier: 0,
} as unknown as ModelFacts;
const asked = (input: readonly unknown[], identifier = 0, steps = 1, about = facts) =>
  questionProblem({ input: input as number[], identifier }, steps, about);

describe('questionProblem', () => {
  it('has nothing against tokens and identifiers that the model has', () => {
    expect(asked([0, 5, 1, 2])).toBeUndefined();
    expect(asked([0, 5, 1, 2], 2, 64)).toBeUndefined();
    expect(asked([0, 5, 1, 2], 7, 1, { ...facts, identifiers: [] })).toBeUndefined();
    expect(questionProblem({ input: Uint8Array.of(0, 5, 1, 2), identifier: 0 }, 1, facts)).toBe(
      undefined,
    );
  });

  it.each([
    ['3 tokens', [0, 1, 2]],
    ['5 tokens', [0, 1, 2, 3, 4]],
    ['6 is not a token', [0, 1, 2, 6]],
    ['-1 is not a token', [0, -1, 2, 3]],
    ['NaN is not a token', [0, 1, NaN, 3]],
    ['1.5 is not a token', [0, 1, 1.5, 3]],
    ['null is not a token', [0, 1, null, 3]],
    // As a byte it would be 1.
    ['257 is not a token', [0, 257, 2, 3]],
  ])('says that %s', (words, input) => {
    expect(asked(input)).toContain(words);
  });

  it('says so of an identifier without a row, and of steps that would never end', () => {
    expect(asked([0, 1, 2, 3], 1)).toBe('the page has no identifier 1');
    expect(asked([0, 1, 2, 3], NaN)).toBe('the page has no identifier NaN');
    for (const steps of [0, -1, 1.5, NaN, Infinity]) {
      expect(asked([0, 1, 2, 3], 0, steps)).toContain('not a valid number of supervision steps');
    }
  });
});
