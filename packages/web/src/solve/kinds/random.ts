/** Random numbers of a page, where nothing needs to be repeated. */
import type { Draws } from '@eddy/puzzles';

const RANGE = 2 ** 32;

/** Draws from the browser's generator. */
export const browserDraws: Draws = {
  integer(bound) {
    const [drawn] = crypto.getRandomValues(new Uint32Array(1)) as unknown as [number];
    return Math.floor((drawn / RANGE) * bound);
  },
};
