import { describe, expect, it } from 'vitest';

import { formatSudoku, isSolution, parseSudoku, sudokuRules } from './rules.ts';
import { solveSudoku } from './solver.ts';

const nine = sudokuRules(9);
const parsed = (text: string) => parseSudoku(text, nine) as Uint8Array;

// Gordon Royle's first 17-clue puzzle and Arto Inkala's of 2010, with their published solutions.
const EASY = '000000010400000000020000000000050407008000300001090000300400200050100000000806000';
const EASY_SOLUTION =
  '693784512487512936125963874932651487568247391741398625319475268856129743274836159';
const HARD = '..53.....8......2..7..1.5..4....53...1..7...6..32...8..6.5....9..4....3......97..';
const HARD_SOLUTION =
  '145327698839654127672918543496185372218473956753296481367542819984761235521839764';

describe('solveSudoku', () => {
  it.each([
    [EASY, EASY_SOLUTION],
    [HARD, HARD_SOLUTION],
  ])('finds the one solution of %s', (question, answer) => {
    const { count, solution } = solveSudoku(parsed(question), nine);
    expect(count).toBe(1);
    expect(formatSudoku(solution!)).toBe(answer);
  });

  it('needs guesses for a hard puzzle and none where singles decide', () => {
    expect(solveSudoku(parsed(HARD), nine).guesses).toBeGreaterThan(0);
    const oneBlank = parsed(HARD_SOLUTION);
    oneBlank[40] = 0;
    expect(solveSudoku(oneBlank, nine).guesses).toBe(0);
  });

  it('counts all 288 grids of 4×4', () => {
    expect(solveSudoku(new Uint8Array(16), sudokuRules(4), 1000).count).toBe(288);
  });

  it('tells none, one and several solutions apart', () => {
    const givens = parsed(EASY);
    givens[0] = 1; // there is a 1 in its row
    expect(solveSudoku(givens, nine)).toMatchObject({ count: 0, solution: null });
    const looser = parsed(EASY);
    looser[7] = 0;
    const { count, solution } = solveSudoku(looser, nine);
    expect(count).toBe(2);
    expect(isSolution(solution!, nine)).toBe(true);
  });
});
