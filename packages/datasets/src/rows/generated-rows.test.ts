import { expect, it } from 'vitest';

import maze from '../maze/maze.plugin.ts';
import sudoku from '../sudoku/sudoku.plugin.ts';
import { generatedRows, MAX_GENERATED, type Generator } from './generated-rows.ts';

const counting: Generator<{ readonly text: string }> = {
  task: 'counting',
  version: '1',
  draw: (random) => ({ text: String(random.integer(1_000_000_000)).padStart(81, '0') }),
  text: ({ text }) => text,
  symmetryClass: ({ text }) => text,
};

/** What is said by the time `taken` puzzles are there, if each takes `msPerPuzzle`. */
async function said(count: number, taken: number, msPerPuzzle: number): Promise<string[]> {
  const texts: string[] = [];
  let ms = -msPerPuzzle;
  const services = {
    notify: (_: string, text: string) => void texts.push(text),
    now: () => (ms += msPerPuzzle),
  };
  const source = generatedRows(counting, { train: count, test: 0 }, 0, services);
  let numRows = 0;
  for await (const rows of source.rows('train', new AbortController().signal)) {
    numRows += [...rows].length;
    if (numRows === taken) break;
  }
  return texts;
}

it('says once how long it will take, and how large it will be, where that is much', async () => {
  // 100 ms each: 20 puzzles are measured.
  expect(await said(36_000, 19, 100)).toEqual([]);
  expect(await said(36_000, 50, 100)).toEqual([
    'generating 36000 puzzles for the split train: about 60 minutes, and 6 MB on disk',
  ]);
  expect(await said(5_000_000, 30, 100)).toEqual([
    'generating 5000000 puzzles for the split train: about 138.9 hours, and 810 MB on disk',
  ]);
  expect(await said(100, 50, 100)).toEqual([]);
});

it('is not asked for more puzzles than memory tells apart', () => {
  for (const plugin of [sudoku, maze]) {
    const parsed = (train: number) =>
      plugin.config.safeParse({ source: { generator: { size: 4, train, test: 0 } } });
    expect(parsed(MAX_GENERATED).success).toBe(true);
    for (const train of [MAX_GENERATED + 1, 1e15]) {
      expect(parsed(train).error?.issues[0]).toMatchObject({
        code: 'too_big',
        path: ['source', 'generator', 'train'],
      });
    }
  }
});
