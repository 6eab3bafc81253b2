import { sudokuRules } from '@eddy/puzzles';
import { describe, expect, it } from 'vitest';

import { formatTokens, parseTokens } from './text.ts';

const rules = sudokuRules(4);

describe('a Sudoku as text', () => {
  it.each([
    '1...' + '..1.' + '.1..' + '...1',
    '1000 0010 0100 0001',
    '1...\n..1.\r\n.1..\n...1\n',
    ' 1 . | . . \n . . | 1 . \n-----+-----\n . 1 | . . \n . . │ . 1',
  ])('reads %j', (text) => {
    expect(formatTokens(parseTokens(text, rules))).toBe('1.....1..1.....1');
  });

  it.each([
    ['1..5', '1:4', '"5"'],
    ['1...\n..x.', '2:3', '"x"'],
    ['1...\n....', '2:5', 'the end of the text after 8'],
    ['', '1:1', 'the end of the text after 0'],
    ['.................', '1:17', 'more'],
  ])('refuses %j at %s', (text, at, received) => {
    expect(() => parseTokens(text, rules)).toThrow(
      expect.objectContaining({
        code: 'PUZZLE_INVALID',
        facts: expect.objectContaining({ at, received }) as object,
      }) as Error,
    );
  });
});
