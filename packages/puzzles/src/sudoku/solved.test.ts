import { expect, it } from 'vitest';

import { testDraws } from '../testing/test-draws.ts';
import { drawSolution } from './generate.ts';
import { formatSudoku, isCompletion, parseSudoku, SUDOKU_SIZES, sudokuRules } from './rules.ts';
import { readSolved } from './solved.ts';

const CHARACTERS = '.0123456789x,';

it.each(SUDOKU_SIZES)('readSolved agrees with parseSudoku and isCompletion at size %i', (size) => {
  const rules = sudokuRules(size);
  const random = testDraws(size);
  const [givens, solution] = [new Uint8Array(rules.numCells), new Uint8Array(rules.numCells)];
  let solved = 0;
  for (let i = 0; i < 2000; i++) {
    const answer = [...formatSudoku(drawSolution(rules, random))];
    const question = answer.map((digit) => (random.integer(2) === 0 ? '.' : digit));
    for (const text of [question, answer]) {
      if (random.integer(4) !== 0) continue;
      const character = CHARACTERS[random.integer(CHARACTERS.length)]!;
      text[random.integer(rules.numCells)] = character;
    }
    const asked = parseSudoku(question.join(''), rules);
    const given = parseSudoku(answer.join(''), rules);
    const areGrids = typeof asked !== 'string' && typeof given !== 'string';
    const expected = areGrids && isCompletion(given, asked, rules);
    const line = new TextEncoder().encode(`any,${question.join('')},${answer.join('')},0`);
    const second = 4 + rules.numCells + 1;
    expect(readSolved(line, 4, second, rules, givens, solution)).toBe(expected);
    if (!expected) continue;
    solved += 1;
    expect([givens, solution]).toEqual([asked, given]);
  }
  expect(solved).toBeGreaterThan(1000);
  expect(solved).toBeLessThan(1900);
});
