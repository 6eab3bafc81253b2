import { formatSudokuTokens, readSudokuText, sudokuRules, type SudokuRules } from '@eddy/puzzles';
import { describe, expect, it } from 'vitest';

import { readOrThrow } from '../text/errors.ts';

const parseTokens = (text: string, own: SudokuRules) => readOrThrow(readSudokuText(text, own));

const rules = sudokuRules(4);

describe('a Sudoku as text', () => {
  it.each([
    '1...' + '..1.' + '.1..' + '...1',
    '1000 0010 0100 0001',
    '1...\n..1.\r\n.1..\n...1\n',
    ' 1 . | . . \n . . | 1 . \n-----+-----\n . 1 | . . \n . . │ . 1',
  ])('reads %j', (text) => {
    expect(formatSudokuTokens(parseTokens(text, rules))).toBe('1.....1..1.....1');
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

describe('drawings of other programs', () => {
  const ROWS = [
    '.3.4.....',
    '9.28.63.1',
    '.......2.',
    '8...6.7..',
    '.6.2.5.9.',
    '..3.4...8',
    '.7.......',
    '4.89.25.6',
    '.....8.3.',
  ];
  const nine = sudokuRules(9);
  const boxes = (row: string, between: string) => row.match(/.../g)!.join(between);
  const spaced = (row: string, between: string) =>
    row.match(/.../g)!.map((box) => [...box].join(' ')).join(between); // prettier-ignore
  /** @param rule  in front of rows 0, 3, 6 and behind the last, where it is given. */
  const drawn = (
    row: (text: string) => string,
    [top, middle, bottom]: readonly (string | undefined)[],
  ) =>
    [
      ...(top === undefined ? [] : [top]),
      ...ROWS.flatMap((text, i) => (i % 3 === 0 && i > 0 && middle !== undefined ? [middle, row(text)] : [row(text)])), // prettier-ignore
      ...(bottom === undefined ? [] : [bottom]),
      '',
    ].join('\n');
  const stars = ' *-----------*';
  const hodoku = '.-------.-------.-------.';

  it.each([
    ['one line', ROWS.join('')],
    ['zeros', ROWS.join('').replaceAll('.', '0')],
    ['nine lines', ROWS.join('\r\n')],
    ['Norvig', drawn((row) => spaced(row, ' |'), [undefined, '------+------+------'])],
    ['qqwing', drawn((row) => ` ${spaced(row, ' | ')}`, [undefined, '-------|-------|-------'])],
    ['qqwing, compact', ROWS.join('\n')],
    [
      'a box of pluses',
      drawn(
        (row) => `| ${spaced(row, ' | ')} |`,
        ['+-------+-------+-------+', '+-------+-------+-------+', '+-------+-------+-------+'],
      ),
    ],
    ['Simple Sudoku', drawn((row) => ` |${boxes(row, '|')}|`, [stars, ' |---+---+---|', stars])],
    [
      'HoDoKu',
      drawn(
        (row) => `| ${spaced(row, ' | ')} |`,
        [hodoku, ':-------+-------+-------:', "'-------'-------'-------'"],
      ),
    ],
    ['HoDoKu’s library', `:0000:x:${ROWS.join('')}:::`],
    [
      'box drawing',
      drawn(
        (row) => `│ ${spaced(row, ' │ ')} │`,
        ['┌───────┬───────┬───────┐', '├───────┼───────┼───────┤', '└───────┴───────┴───────┘'],
      ),
    ],
    [
      'double box drawing',
      drawn(
        (row) => `║ ${spaced(row, ' ║ ')} ║`,
        ['╔═══════╦═══════╦═══════╗', '╠═══════╬═══════╬═══════╣', '╚═══════╩═══════╩═══════╝'],
      ),
    ],
    ['SudoCue', `#AMe\n#LEasy\n${ROWS.join('\n')}\n`],
    ['SadMan', `[Puzzle]\n${ROWS.join('\n')}\n[State]\n${ROWS.join('\n').replaceAll('.', '1')}\n`],
    ['equals signs', drawn((row) => boxes(row, '|'), [undefined, '===+===+==='])],
    ['a comment behind', `${ROWS.join('')} # rating 4.5`],
    ['commas', ROWS.map((row) => [...row.replaceAll('.', '0')].join(',')).join('\n')],
    ['JSON', JSON.stringify(ROWS.map((row) => [...row.replaceAll('.', '0')].map(Number)))],
    ['a byte order mark', `\uFEFF${ROWS.join('\n')}`],
    ...['_', '*', '-', 'x', '?'].map((blank): [string, string] => [
      `${blank} for blanks`,
      ROWS.map((row) => row.replaceAll('.', blank)).join('\n'),
    ]),
    [
      '_ for blanks, with rules',
      drawn((row) => boxes(row.replaceAll('.', '_'), '|'), [undefined, '---+---+---']),
    ],
    [
      '- for blanks, with rules',
      drawn((row) => boxes(row.replaceAll('.', '-'), '|'), [undefined, '---+---+---']),
    ],
  ])('%s', (_, text) => {
    expect(formatSudokuTokens(parseTokens(text, nine))).toBe(ROWS.join(''));
  });

  it('keeps a row that has blanks alone', () => {
    for (const blank of ['.', '_', '*', '-']) {
      const text = `${blank.repeat(4)}\n12${blank}${blank}\n${blank.repeat(4)}\n3${blank}${blank}4`;
      expect(formatSudokuTokens(parseTokens(text, rules))).toBe('....12......3..4');
    }
  });
});
