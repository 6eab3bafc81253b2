import { describe, expect, test } from 'vitest';

import type { Grid } from '../grid/dihedral.ts';
import { canonicalPairKey } from './canonical.ts';
import { arcFingerprints } from './fingerprint.ts';
import { cropGrid, drawGrid, roomOf } from './sequence.ts';
import { gridHash, taskHash, type ArcPair } from './task-hash.ts';
import {
  applyArcTransform,
  arcVersionName,
  decodeArcTransform,
  encodeArcTransform,
  parseArcVersionName,
  undoArcTransform,
} from './transform.ts';
import { distinctArcTransforms } from './versions.ts';

function grid(...lines: readonly string[]): Grid {
  return {
    rows: lines.length,
    cols: lines[0]!.length,
    cells: Uint8Array.from(lines.join(''), Number),
  };
}

/** Numbers of a linear congruential generator, below `bound`. */
function draws(seed: number) {
  let state = seed;
  return {
    integer(bound: number): number {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    },
  };
}

const CODES = 8 * 362_880;

describe('transforms', () => {
  test('code 0 is the identity, and every code its own transform', () => {
    expect(decodeArcTransform(0)).toEqual({
      dihedral: 0,
      colours: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    });
    for (let code = 0; code < CODES; code += 997) {
      expect(encodeArcTransform(decodeArcTransform(code))).toBe(code);
    }
    const last = decodeArcTransform(CODES - 1);
    expect(last).toEqual({ dihedral: 7, colours: Uint8Array.of(0, 9, 8, 7, 6, 5, 4, 3, 2, 1) });
  });

  test('colours are renamed, then the grid is turned; undoing brings it back', () => {
    const transform = {
      dihedral: 1,
      colours: Uint8Array.of(0, 5, 1, 2, 3, 4, 6, 7, 8, 9),
    } as const;
    const original = grid('012', '345');
    const moved = applyArcTransform(original, transform);
    expect(moved).toEqual(grid('14', '53', '02'));
    expect(undoArcTransform(moved, transform)).toEqual(original);
    for (let code = 1; code < CODES; code += 99_991) {
      const any = decodeArcTransform(code);
      expect(undoArcTransform(applyArcTransform(original, any), any)).toEqual(original);
    }
  });

  test('names tell task and transform', () => {
    const transform = decodeArcTransform(1234);
    const name = arcVersionName('007bbfb7', transform);
    expect(name).toMatch(/^007bbfb7\|\|\|t2\|\|\|0\d{9}$/);
    expect(parseArcVersionName(name)).toEqual({ task: '007bbfb7', transform });
    expect(parseArcVersionName('007bbfb7')).toEqual({ task: '007bbfb7' });
    for (const wrong of [
      'x|||t8|||0123456789',
      'x|||t1|||0112345678',
      'x|||t1|||1234567890',
      'x|||',
    ]) {
      expect(parseArcVersionName(wrong)).toBeUndefined();
    }
  });
});

describe('sequences', () => {
  test('a grid ends below and to the right, inside the canvas', () => {
    expect([...drawGrid(grid('10', '23'), 4, { row: 1, col: 0 })]).toEqual(
      [
        [0, 0, 0, 0],
        [3, 2, 1, 0],
        [4, 5, 1, 0],
        [1, 1, 0, 0],
      ].flat(),
    );
    expect([...drawGrid(grid('10', '23'), 3, { row: 1, col: 1 })]).toEqual(
      [0, 0, 0, 0, 3, 2, 0, 4, 5],
    ); // prettier-ignore
  });

  test('cropping finds the grid in the corner again', () => {
    for (const shown of [grid('1'), grid('123', '456'), grid('0000', '0000', '0000', '0000')]) {
      expect(cropGrid(drawGrid(shown, 4), 4)).toEqual(shown);
    }
  });

  test('cropping takes the largest rectangle of colours', () => {
    const tokens = [
      [2, 3, 4, 5],
      [2, 3, 1, 2],
      [2, 3, 4, 5],
      [0, 2, 2, 2],
    ].flat();
    expect(cropGrid(tokens, 4)).toEqual(grid('01', '01', '01'));
    expect(cropGrid([1, 2, 2, 2], 2)).toEqual({ rows: 0, cols: 0, cells: new Uint8Array(0) });
    // 1×4 and 2×2 are as large: the first stays.
    expect(cropGrid([2, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], 4)).toEqual(grid('0000'));
    expect(cropGrid([2, 2, 12, 2], 2)).toEqual(grid('00'));
  });

  test('a pair moves as far as its larger sides allow', () => {
    expect(roomOf({ input: grid('12'), output: grid('1', '2', '3') }, 10)).toEqual({
      rows: 7,
      cols: 8,
    });
  });
});

describe('versions', () => {
  const varied: ArcPair[] = [
    { input: grid('012', '300'), output: grid('45') },
    { input: grid('67', '89'), output: grid('1') },
  ];
  const symmetric: ArcPair[] = [{ input: grid('11', '11'), output: grid('0') }];

  test('fingerprints agree with the hash of the transformed pairs', () => {
    for (const pairs of [varied, symmetric]) {
      const fingerprint = arcFingerprints(pairs);
      const byHash = new Map<string, number>();
      for (let code = 0; code < CODES; code += 1_451) {
        const transform = decodeArcTransform(code);
        const hash = taskHash(
          pairs.map(({ input, output }) => ({
            input: applyArcTransform(input, transform),
            output: applyArcTransform(output, transform),
          })),
        );
        const known = byHash.get(hash);
        if (known === undefined) byHash.set(hash, fingerprint(transform));
        else expect(fingerprint(transform)).toBe(known);
      }
      expect(new Set(byHash.values()).size).toBe(byHash.size);
    }
  });

  test('the order of the pairs does not matter, which is input and which output does', () => {
    const identity = decodeArcTransform(0);
    const of = (pairs: readonly ArcPair[]) => [arcFingerprints(pairs)(identity), taskHash(pairs)];
    expect(of([...varied].reverse())).toEqual(of(varied));
    const swapped = varied.map(({ input, output }) => ({ input: output, output: input }));
    expect(of(swapped)[0]).not.toBe(of(varied)[0]);
    expect(of(swapped)[1]).not.toBe(of(varied)[1]);
    expect(gridHash(grid('12'))).not.toBe(gridHash(grid('1', '2')));
  });

  test('a task gives as many as asked for, or as it has', () => {
    const codes = [...distinctArcTransforms(varied, 50, draws(1))].map(encodeArcTransform);
    expect(new Set(codes).size).toBe(50);
    expect(codes).not.toContain(0);
    // One colour, no direction: nine versions, the original among them.
    expect([...distinctArcTransforms(symmetric, 50, draws(1))]).toHaveLength(8);
    const blank = [{ input: grid('00', '00'), output: grid('0') }];
    expect([...distinctArcTransforms(blank, 50, draws(1))]).toEqual([]);
  });
});

describe('canonical keys of pairs', () => {
  const pair: ArcPair = { input: grid('012', '330'), output: grid('45') };

  test('are the same for all versions of a pair, and of no other', () => {
    const key = canonicalPairKey(pair);
    for (let code = 0; code < CODES; code += 20_011) {
      const transform = decodeArcTransform(code);
      const version = {
        input: applyArcTransform(pair.input, transform),
        output: applyArcTransform(pair.output, transform),
      };
      expect(canonicalPairKey(version)).toBe(key);
    }
    const others: ArcPair[] = [
      { input: pair.output, output: pair.input },
      { ...pair, output: grid('44') },
      { ...pair, output: grid('40') }, // black is no colour like the others
      { ...pair, output: grid('54', '45') },
      { ...pair, output: grid('15') }, // shares a colour with the input
    ];
    expect(new Set([pair, ...others].map(canonicalPairKey)).size).toBe(6);
  });
});
