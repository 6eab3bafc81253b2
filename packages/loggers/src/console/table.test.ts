import { describe, expect, it } from 'vitest';

import { tableLines } from './table.ts';
import { padText, textWidth, widthOf, wrapText } from './width.ts';

const header = ['split', 'step', 'examples', 'exact_accuracy', 'valid_completion', 'givens_kept'];
const rows = [
  ['test', '208', '1,000', '94.1 %', '0.941', '0.971'],
  ['test', '416', '1,000', '99.9 %', '0.999', '0.999'],
];
const isNumber = (column: number) => column > 0;

describe('a table', () => {
  it('is drawn as it is where it fits', () => {
    expect(tableLines(header, rows, { width: 70, isNumber })).toEqual([
      'split  step  examples  exact_accuracy  valid_completion  givens_kept',
      'test    208     1,000          94.1 %             0.941        0.971',
      'test    416     1,000          99.9 %             0.999        0.999',
    ]);
  });

  it('is turned where it is too wide and has few rows', () => {
    expect(tableLines(header, rows, { width: 40, isNumber, indent: 2 })).toEqual([
      '  split               test    test',
      '  step                 208     416',
      '  examples           1,000   1,000',
      '  exact_accuracy    94.1 %  99.9 %',
      '  valid_completion   0.941   0.999',
      '  givens_kept        0.971   0.999',
    ]);
  });

  it('is cut where it has many rows, the first column in each part', () => {
    const many = Array.from({ length: 9 }, (_, i) => [`arm ${i}`, '1', '2', '3']);
    const lines = tableLines(['arm', 'accuracy', 'lm_loss', 'minutes'], many, {
      width: 26,
      isNumber,
    });
    expect(lines[0]).toBe('arm    accuracy  lm_loss');
    expect(lines[1]).toBe('arm 0         1        2');
    expect(lines.slice(10, 13)).toEqual(['', 'arm    minutes', 'arm 0        3']);
    expect(lines).toHaveLength(21);
  });

  it('breaks columns of words between words', () => {
    const lines = tableLines(
      ['NAME', 'SUMMARY'],
      [['exact-accuracy', 'cells and whole puzzles that equal the label, also by difficulty']],
      { width: 44 },
    );
    expect(lines).toEqual([
      'NAME            SUMMARY',
      'exact-accuracy  cells and whole puzzles that',
      '                equal the label, also by',
      '                difficulty',
    ]);
  });

  it('becomes lists where nothing else fits', () => {
    const path = 'runs/sudoku-4x4-20261130-170608';
    const many = Array.from({ length: 7 }, () => [path, 'done', 'test at 416  accuracy 100.0 %']);
    const lines = tableLines(['RUN', 'STATUS', 'EVALUATION'], many, { width: 32 });
    expect(lines.slice(0, 5)).toEqual([
      path,
      '  STATUS      done',
      '  EVALUATION  test at 416',
      '              accuracy 100.0 %',
      '',
    ]);
  });

  it('counts two columns for each wide character', () => {
    const lines = tableLines(['名前', 'n'], [['数独', '1'], ['mazé', '22']], { isNumber }); // prettier-ignore
    expect(lines).toEqual(['名前   n', '数独   1', 'mazé  22']);
    expect(lines.map(textWidth)).toEqual([8, 8, 8]);
    expect(padText('数', 4, 'right')).toBe('  数');
  });

  it.each([20, 40, 80, 110, 200])('of any shape fits %i columns', (width) => {
    const words = 'a few short words'.split(' ');
    for (const columns of [1, 2, 5, 12]) {
      for (const count of [1, 3, 20]) {
        const cells = (row: number) =>
          Array.from({ length: columns }, (_, i) => words.slice(0, 1 + ((row + i) % 4)).join(' '));
        const table = Array.from({ length: count }, (_, row) => cells(row));
        const titles = cells(0).map((_, i) => `c${i}`);
        const lines = tableLines(titles, table, { width, indent: 2 });
        for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(width);
        // Nothing is lost.
        for (const word of table.flat().join(' ').split(' '))
          expect(lines.join(' ')).toContain(word);
      }
    }
  });
});

describe('the width', () => {
  const stream = (isTTY: boolean, columns: number) =>
    Object.assign(Object.create(process.stdout) as NodeJS.WriteStream, { isTTY, columns });

  it('is that of the terminal, unless COLUMNS says another; none for a program', () => {
    expect(widthOf(stream(true, 93), {})).toBe(93);
    expect(widthOf(stream(true, 93), { COLUMNS: '40' })).toBe(40);
    expect(widthOf(stream(true, 93), { COLUMNS: 'wide' })).toBe(93);
    expect(widthOf(stream(false, 93), {})).toBe(Infinity);
    expect(widthOf(stream(false, 93), { COLUMNS: '40' })).toBe(40);
  });

  it('breaks a text between words, never within one', () => {
    expect(wrapText('  results /a/very/long/path of a run', 20, 4)).toEqual([
      '  results',
      '    /a/very/long/path',
      '    of a run',
    ]);
  });
});
