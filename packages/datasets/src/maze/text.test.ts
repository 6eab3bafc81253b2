import { describe, expect, it } from 'vitest';

import { formatMazeTokens, readMazeText, violationsOfMazeTokens } from '@eddy/puzzles';

import { readOrThrow } from '../text/errors.ts';

const parseMazeTokens = (text: string, size: number) => readOrThrow(readMazeText(text, size));

describe('a maze as text', () => {
  it.each(['  S # G  ', '..S.#.G..', '  S\n # \nG  \n', '  S\r\n #\r\nG'])('reads %j', (text) => {
    expect(formatMazeTokens(parseMazeTokens(text, 3))).toBe('  S # G  ');
  });

  it.each([
    ['  S\n x \nG  ', '2:2', '"x"'],
    ['  So# G  ', '1:4', '"o"'],
    ['  S🙂# G  ', '1:4', '"🙂"'],
    ['  S\n # ', '2:1', '2 lines'],
    ['  S\n #  #\nG', '2:4', '5 characters'],
    ['  S\n #\n ', '1:1', '0 cells G'],
  ])('refuses %j at %s', (text, at, received) => {
    expect(() => parseMazeTokens(text, 3)).toThrow(
      expect.objectContaining({
        code: 'PUZZLE_INVALID',
        facts: expect.objectContaining({ at, received }) as object,
      }) as Error,
    );
  });

  it('refuses a long text of empty lines at once', () => {
    const startMs = performance.now();
    expect(() => parseMazeTokens(`${'\n'.repeat(1 << 20)}x`, 3)).toThrow('PUZZLE_INVALID');
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('says what is wrong with an answer', () => {
    const input = parseMazeTokens('  S # G  ', 3);
    const violations = (answer: string) =>
      violationsOfMazeTokens(
        input,
        Uint8Array.from(answer, (character) => '# SGo'.indexOf(character) + 1),
      );
    expect(violations('  S #oGoo')).toEqual([]);
    expect(violations('ooSo# G  ')).toEqual([]);
    expect(violations('  S # G  ')).toEqual(['the marked cells do not connect S and G']);
    expect(violations(' oS #oGoo')).toEqual(['cells are marked that are not on the path']);
    expect(violations('  S  oGoo')).toEqual([
      'walls, start or goal differ from the question',
      'cells are marked that are not on the path',
    ]);
  });
});
