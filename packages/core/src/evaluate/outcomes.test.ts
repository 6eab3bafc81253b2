import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { compareOutcomes, Outcomes, readOutcomes, solvedRows } from './outcomes.ts';

const folder = freshFolder();

const batchOf = (tokens: readonly number[], count: number) => ({
  inputs: Int32Array.from(tokens),
  labels: Int32Array.from(tokens),
  puzzleIdentifiers: new Int32Array(tokens.length),
  count,
});

function stored(solved: readonly boolean[], tokens = solved.map((_, i) => i)) {
  const outcomes = new Outcomes(solved.length, 1);
  for (let first = 0; first < solved.length; first += 4) {
    const own = tokens.slice(first, first + 4);
    const padded = [...own, 0, 0, 0].slice(0, 4);
    outcomes.take(batchOf(padded, own.length), solved.slice(first, first + 4));
  }
  return outcomes.stored({ step: 7, split: 'test', examples: solved.length });
}

it('keeps a bit for each example', () => {
  const solved = [true, false, false, false, true, true, false, false, false, true];
  const outcomes = stored(solved);
  expect(outcomes).toMatchObject({
    format: 'eddy-outcomes/1',
    step: 7,
    split: 'test',
    examples: 10,
    recorded: 10,
    solved: 4,
    bits: Buffer.of(0b0011_0001, 0b10).toString('base64'),
  });
  const bytes = [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 8, 9, 8, 9];
  const digest = createHash('sha256').update(Uint8Array.from(bytes)).digest('hex');
  expect(outcomes.puzzles).toBe(`sha256:${digest}`);
});

it('tells which puzzles only one of two runs solves, of the same puzzles only', () => {
  const a = stored([true, true, false, false, true]);
  const b = stored([true, false, true, false, true]);
  expect(compareOutcomes(a, b)).toEqual({ onlyA: [1], onlyB: [2], both: 2, neither: 1 });
  expect(
    compareOutcomes(a, stored([true, true, true, true, true], [0, 1, 2, 3, 5])),
  ).toBeUndefined();
  expect(compareOutcomes(a, stored([true, true, false, false]))).toBeUndefined();
});

it('counts a row as solved where each scored cell is right, and there is one', () => {
  const labels = Int32Array.of(1, 2, 1, -100, -100, -100, 5, 6);
  const batch = { ...batchOf([0, 0, 0, 0, 0, 0, 0, 0], 4), labels };
  expect(solvedRows(batch, [1, 2, 1, 9, 0, 0, 5, 7], 2)).toEqual([true, true, false, false]);
});

it('reads what it wrote, and nothing damaged', async () => {
  const outcomes = stored([true, false, true]);
  const file = join(folder.path, 'outcomes.json');
  expect(await readOutcomes(folder.path)).toBeUndefined();
  writeFileSync(file, JSON.stringify(outcomes));
  expect(await readOutcomes(folder.path)).toEqual(outcomes);
  for (const damaged of ['{', '{}', JSON.stringify({ ...outcomes, bits: '' })]) {
    writeFileSync(file, damaged);
    expect(await readOutcomes(folder.path)).toBeUndefined();
  }
});
