import type { Draws } from '../sudoku/draws.ts';

/** A small generator for tests, so that the package needs no other: splitmix32. */
export function testDraws(seed: number): Draws {
  let state = seed >>> 0;
  return {
    integer(bound: number) {
      state = (state + 0x9e3779b9) >>> 0;
      let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      return ((word ^ (word >>> 15)) >>> 0) % bound;
    },
  };
}
